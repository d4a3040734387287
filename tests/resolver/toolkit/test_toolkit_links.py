"""Clusters as pairs: recordlinkage's measures of them are ours."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from recordlinkage import confusion_matrix, fscore, precision, recall

from resolver.linkage.evaluation import evaluate_clusters
from resolver.toolkit import links

LABELS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=2, max_size=25)


def test_every_pair_of_a_cluster_is_a_link() -> None:
    clusters = pd.Series([7, 7, 9, 7], index=pd.Index([10, 20, 30, 40], name="record_key"))
    assert sorted(links(clusters)) == [(20, 10), (40, 10), (40, 20)]


@given(LABELS)
@settings(max_examples=60, deadline=None)
def test_measures_of_counted_pairs_are_those_of_listed_pairs(labels: list[tuple[int, int]]) -> None:
    found = pd.Series([f for f, _ in labels])
    truth = pd.Series([t for _, t in labels])
    listed_found, listed_true = links(found), links(truth)
    counted = evaluate_clusters(found.to_numpy(), truth.to_numpy())
    assert counted["pairs_found"] == len(listed_found)
    assert counted["pairs_true"] == len(listed_true)
    matrix = confusion_matrix(listed_true, listed_found, total=len(labels) * (len(labels) - 1) // 2)
    assert counted["pairs_both"] == matrix[0, 0]
    if len(listed_found):
        assert counted["precision"] == pytest.approx(precision(listed_true, listed_found), abs=1e-12)
    if len(listed_true):
        assert counted["recall"] == pytest.approx(recall(listed_true, listed_found), abs=1e-12)
    if matrix[0, 0]:
        assert counted["f1"] == pytest.approx(fscore(listed_true, listed_found), abs=1e-12)


def test_without_pairs() -> None:
    alone = np.arange(3)
    together = np.zeros(3, np.int64)
    measures = ("precision", "recall", "f1")
    assert [evaluate_clusters(alone, alone)[m] for m in measures] == [1.0, 1.0, 1.0]
    assert [evaluate_clusters(alone, together)[m] for m in measures] == [1.0, 0.0, 0.0]
    assert [evaluate_clusters(together, alone)[m] for m in measures] == [0.0, 1.0, 0.0]
    nothing = np.zeros(0, np.int64)
    assert [evaluate_clusters(nothing, nothing)[m] for m in measures] == [1.0, 1.0, 1.0]
