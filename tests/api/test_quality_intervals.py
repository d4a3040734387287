"""The intervals of `guiyi quality` on a city whose truth is known: they hold it about 95 times in 100."""

import numpy as np
import pyarrow as pa
import pytest

from api.evaluation import record_subjects
from resolver.ledger.ledger import Ledger
from resolver.linkage.model import Model
from resolver.linkage.quality import draw, quality_frame
from resolver.linkage.quality_report import quality_report
from resolver.truth import read_truth

REPETITIONS = 400


@pytest.fixture(scope="module")
def published(month):
    """Records, members, pairs and model of the published city."""
    workspace, report = month
    snapshot = report.snapshot
    model = Model.read(workspace.models / f"{snapshot.manifest['model_version']}.json")
    return snapshot.read("records"), snapshot.read("members"), snapshot.read("pairs"), model


@pytest.fixture(scope="module")
def subject(month, city, published):
    """True person of every record, in the order of the keys."""
    workspace, report = month
    with Ledger.open(workspace.ledger_url) as ledger:
        subjects = record_subjects(report.snapshot, read_truth(workspace, city, ledger.deliveries()))
    record_key = np.sort(published[0]["record_key"].to_numpy())
    subject = np.full(len(record_key), -1, np.int64)
    subject[np.searchsorted(record_key, subjects["record_key"].to_numpy())] = subjects["subject"].to_numpy()
    return np.where(subject < 0, -1 - np.arange(len(subject)), subject)  # about nobody: nobody else's either


def with_faults(members):
    """The members with persons joined who are two, and persons torn who are one."""
    rng = np.random.default_rng(11)
    members = members.sort_by("record_key").select(["record_key", "entity_id"])
    entity = members["entity_id"].to_numpy().copy()
    chosen = rng.permutation(np.unique(entity))
    for one, other in zip(chosen[:25], chosen[25:50], strict=True):
        entity[entity == one] = other
    for torn in chosen[50:110]:
        entity[np.flatnonzero(entity == torn)[0]] = -torn
    return members.set_column(1, "entity_id", pa.array(entity))


@pytest.mark.parametrize("faulty", [True, False])
def test_true_precision_and_recall_lie_in_the_intervals(published, subject, faulty):
    records, members, pairs, model = published
    frame = quality_frame(records, with_faults(members) if faulty else members, pairs, model)
    match = subject[frame.left] == subject[frame.right]
    linked = np.isin(frame.stratum, [n for n, s in enumerate(frame.strata) if s.kind == "linked"])
    true = {"precision": match[linked].mean(), "recall": match[linked].sum() / match.sum()}
    assert not faulty or (0.9 < true["precision"] < 0.99 and 0.9 < true["recall"] < 0.99)
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
    assert max(widths.values()) < 0.1, widths


def test_nearly_all_matches_are_covered(published, subject):
    frame = quality_frame(*published)
    match = subject[frame.left] == subject[frame.right]
    sizes = np.unique(subject, return_counts=True)[1]
    every = int((sizes * (sizes - 1) // 2).sum())
    assert match.sum() / every > 0.995
