from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolver.linkage.evaluation import calibration, evaluate_clusters

LABELS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=25)


@given(LABELS)
def test_pairs_are_counted_as_if_listed(labels: list[tuple[int, int]]) -> None:
    found = [f for f, _ in labels]
    truth = [t for _, t in labels]
    pairs = list(combinations(range(len(labels)), 2))
    joined = {p for p in pairs if found[p[0]] == found[p[1]]}
    true = {p for p in pairs if truth[p[0]] == truth[p[1]]}
    result = evaluate_clusters(np.array(found, np.int64), np.array(truth, np.int64))
    assert (result["pairs_found"], result["pairs_true"], result["pairs_both"]) == (
        len(joined),
        len(true),
        len(joined & true),
    )
    assert result["precision"] == pytest.approx(len(joined & true) / len(joined) if joined else 1.0)
    assert result["recall"] == pytest.approx(len(joined & true) / len(true) if true else 1.0)
    clusters = [{i for i in range(len(labels)) if found[i] == f} for f in set(found)]
    entities = [{i for i in range(len(labels)) if truth[i] == t} for t in set(truth)]
    assert result["clusters"] == len(clusters)
    assert result["entities"] == len(entities)
    assert result["clusters_exact"] == sum(c in entities for c in clusters)
    assert result["clusters_mixed"] == sum(len({truth[i] for i in c}) > 1 for c in clusters)
    assert result["entities_split"] == sum(len({found[i] for i in e}) > 1 for e in entities)


def test_everything_right_and_everything_wrong() -> None:
    truth = np.array([1, 1, 2, 2], np.int64)
    assert evaluate_clusters(truth + 10, truth)["f1"] == 1.0
    assert evaluate_clusters(np.array([1, 2, 1, 2], np.int64), truth)["f1"] == 0.0
    assert evaluate_clusters(np.arange(4), truth)["precision"] == 1.0


def test_calibration_by_interval() -> None:
    probability = np.array([0.05, 0.4, 0.9, 0.95, 1.0])
    found = calibration(probability, np.array([False, True, True, False, True]), (0.0, 0.5, 0.9, 1.0))
    assert [(row["pairs"], row["true"]) for row in found] == [(2, 0.5), (3, pytest.approx(2 / 3))]
    assert found[1]["expected"] == pytest.approx(0.95)
