import numpy as np

from resolver.linkage.clustering import UNIT, Edges, cluster
from resolver.linkage.numbered_first import cluster_numbered_first
from resolver.linkage.settings import person_settings

SETTINGS = person_settings().clustering


def edges(weighted: dict[tuple[int, int], int]) -> Edges:
    pairs = np.array(sorted(weighted), np.int32).reshape(-1, 2)
    weight = np.array([weighted[pair] for pair in sorted(weighted)], np.int64) * UNIT
    return Edges(pairs[:, 0].copy(), pairs[:, 1].copy(), weight)


def test_a_record_without_number_is_no_bridge() -> None:
    """Rows 0 and 1 are one person, 2 and 3 another; row 4 has no number and fits both."""
    weighted = {(0, 1): 10, (2, 3): 10, (0, 4): 9, (1, 4): 9, (2, 4): 9, (3, 4): 9}
    weighted |= {(a, b): -2 for a in (0, 1) for b in (2, 3)}
    assert len(set(cluster(5, edges(weighted), SETTINGS).tolist())) == 1
    found = cluster_numbered_first(edges(weighted), np.array([True] * 4 + [False]), SETTINGS)
    assert found.tolist() == [0, 0, 2, 2, 0]


def test_numbers_that_belong_together_meet() -> None:
    found = cluster_numbered_first(edges({(0, 1): 4, (1, 2): 4, (0, 2): 1}), np.array([True] * 3), SETTINGS)
    assert found.tolist() == [0, 0, 0]


def test_without_numbers_it_is_average_linkage() -> None:
    weighted = {(0, 1): 5, (1, 2): 3, (0, 2): -1, (3, 4): 2, (2, 3): -9}
    found = cluster_numbered_first(edges(weighted), np.zeros(5, np.bool_), SETTINGS)
    assert found.tolist() == cluster(5, edges(weighted), SETTINGS).tolist()


def test_absent_pairs_of_the_first_turn_are_charged_in_the_second() -> None:
    """Row 3 knows one of three rows that are one: one link of 4 against two pairs that were not compared."""
    weighted = {(0, 1): 10, (0, 2): 10, (1, 2): 10, (2, 3): 4}
    found = cluster_numbered_first(edges(weighted), np.array([True] * 3 + [False]), SETTINGS)
    assert found.tolist() == [0, 0, 0, 3]
    found = cluster_numbered_first(edges({**weighted, (2, 3): 8}), np.array([True] * 3 + [False]), SETTINGS)
    assert found.tolist() == [0, 0, 0, 0]


def test_nothing() -> None:
    assert cluster_numbered_first(edges({}), np.zeros(0, np.bool_), SETTINGS).tolist() == []
