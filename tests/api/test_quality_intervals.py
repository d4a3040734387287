"""The intervals of `guiyi quality` on a city whose truth is known: they hold it about 95 times in 100."""

import numpy as np
import pytest

from api.evaluation import record_subjects
from resolver.ledger.ledger import Ledger
from resolver.linkage.model import Model
from resolver.linkage.quality import draw, quality_frame
from resolver.linkage.quality_report import quality_report
from resolver.truth import read_truth

REPETITIONS = 400


@pytest.fixture(scope="module")
def labelled_frame(month, city):
    """The frame of the published city, and of each of its pairs whether it is a match."""
    workspace, report = month
    snapshot = report.snapshot
    model = Model.read(workspace.models / f"{snapshot.manifest['model_version']}.json")
    frame = quality_frame(snapshot.read("records"), snapshot.read("members"), snapshot.read("pairs"), model)
    with Ledger.open(workspace.ledger_url) as ledger:
        subjects = record_subjects(snapshot, read_truth(workspace, city, ledger.deliveries()))
    subject = np.full(len(frame.record_key), -1, np.int64)
    place = np.searchsorted(frame.record_key, subjects["record_key"].to_numpy())
    subject[place] = subjects["subject"].to_numpy()
    unknown = subject < 0
    subject[unknown] = -1 - np.flatnonzero(unknown)  # about nobody: nobody else's record either
    return frame, subject


def test_true_precision_and_recall_lie_in_the_intervals(labelled_frame):
    frame, subject = labelled_frame
    match = subject[frame.left] == subject[frame.right]
    linked = np.isin(frame.stratum, [n for n, s in enumerate(frame.strata) if s.kind == "linked"])
    true = {"precision": match[linked].mean(), "recall": match[linked].sum() / match.sum()}
    assert true["precision"] < 1
    assert true["recall"] < 1
    person = dict(zip(frame.record_key.tolist(), subject.tolist(), strict=True))
    held = dict.fromkeys(true, 0)
    widths = dict.fromkeys(true, 0.0)
    for seed in range(REPETITIONS):
        pairs = draw(frame, 300, seed).pairs
        labels = [
            (stratum, "same" if person[left] == person[right] else "different")
            for left, right, stratum in zip(
                *(pairs[name].to_pylist() for name in pairs.column_names[:3]), strict=True
            )
        ]
        report = quality_report(frame.strata, labels)
        for name, value in true.items():
            held[name] += report[name]["low"] <= value <= report[name]["high"]
            widths[name] += (report[name]["high"] - report[name]["low"]) / REPETITIONS
    assert all(times >= 0.93 * REPETITIONS for times in held.values()), (held, true, widths)
    assert max(widths.values()) < 0.06, widths


def test_nearly_all_missed_matches_are_covered(labelled_frame):
    frame, subject = labelled_frame
    match = subject[frame.left] == subject[frame.right]
    sizes = np.unique(subject, return_counts=True)[1]
    every = int((sizes * (sizes - 1) // 2).sum())
    assert match.sum() / every > 0.995
