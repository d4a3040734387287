"""Of pairs given a probability so many are true, on made-up persons never used while working; learnt without labels."""

from pathlib import Path

import numpy as np
import pytest

from benchmarks.linkage_data import guiyi_run
from benchmarks.linkage_data.chinese_persons import write
from benchmarks.linkage_data.measures import Truth
from resolver.linkage.calibration import Calibration
from resolver.linkage.clustering import Edges, cluster, weights
from resolver.linkage.generic.candidates import find_candidates
from resolver.linkage.generic.engine import TableLinkage, link_table
from resolver.linkage.generic.repeats import first_of_repeated
from resolver.linkage.generic.table import read_tables
from resolver.linkage.patterns import log_odds_of_all
from resolver.linkage.scoring import match_probability


def linked(folder: Path, records: int, profile: str, seed: int) -> tuple[TableLinkage, np.ndarray]:
    """The linkage of a made-up table, and which of its pairs are true."""
    file = folder / "persons.parquet"
    write(file, records, profile, seed)
    settings = guiyi_run.settings()
    table = read_tables([file], settings.columns, settings.record_id)
    linkage = link_table(table, settings)
    ids = np.array([int(text) for text in table.record_id.to_pylist()])
    truth = Truth.read(file.with_suffix(".truth.parquet"))
    return linkage, truth.same(ids[linkage.pairs.left], ids[linkage.pairs.right])


def test_a_small_table_is_calibrated_as_a_whole(tmp_path: Path) -> None:
    linkage, same = linked(tmp_path, 100_000, "hard", seed=31)
    probability = match_probability(linkage.pairs.log_odds)
    doubtful = (probability > 0.5) & (probability < 0.99)
    assert doubtful.sum() > 3000
    assert abs(probability[doubtful].mean() - same[doubtful].mean()) < 0.03
    # The map corrects something, and its effect is in every weight.
    model = linkage.model
    raw = log_odds_of_all(linkage.pairs.patterns, model.mixture.corrected_by(Calibration.none()))
    assert (model.calibration(raw) == linkage.pairs.log_odds).all()
    assert np.abs(raw - linkage.pairs.log_odds).max() > 0.1
    order = np.argsort(raw, kind="stable")
    assert (np.diff(linkage.pairs.log_odds[order]) >= 0).all()


def test_pairs_that_no_rule_yields_do_not_hold_clusters_together(tmp_path: Path) -> None:
    file = tmp_path / "persons.parquet"
    write(file, 20_000, "hard", seed=36)
    settings = guiyi_run.settings()
    table = read_tables([file], settings.columns, settings.record_id)
    linkage = link_table(table, settings)
    found, n = linkage.pairs, len(table)
    candidates = find_candidates(table, settings.blocking, first_of_repeated(table)).pairs()
    left, right = (np.concatenate(rows).astype(np.int64) for rows in zip(*candidates, strict=True))
    yielded = np.isin(found.left * n + found.right, left * n + right)
    assert (found.log_odds[~yielded] > 0).any()

    def clustered(log_odds: np.ndarray) -> list[int]:
        edges = Edges(found.left, found.right, weights(log_odds, settings.clustering.clip))
        return cluster(n, edges, settings.clustering).tolist()

    limited = np.where(yielded, found.log_odds, np.minimum(found.log_odds, -0.01))
    assert linkage.labels.tolist() == clustered(limited)
    assert linkage.labels.tolist() != clustered(found.log_odds)


@pytest.mark.soak
@pytest.mark.parametrize("profile", ["typical", "hard"])
def test_of_pairs_given_85_to_95_percent_ninety_are_true(profile: str, tmp_path: Path) -> None:
    pairs = true = 0
    for seed in (32, 33, 34, 35):
        linkage, same = linked(tmp_path, 500_000 if profile == "typical" else 100_000, profile, seed)
        probability = match_probability(linkage.pairs.log_odds)
        some = (probability >= 0.85) & (probability < 0.95)
        pairs += int(some.sum())
        true += int(same[some].sum())
    assert pairs >= 1000
    assert true / pairs == pytest.approx(0.9, abs=0.03)
