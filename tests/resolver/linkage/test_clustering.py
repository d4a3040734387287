from dataclasses import replace
from unittest.mock import patch

import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from resolver.linkage.ambiguity import set_apart
from resolver.linkage.clustering import FORBIDDEN, UNIT, Edges, all_weights, cluster, components, smallest
from resolver.linkage.settings import person_settings

SETTINGS = person_settings().clustering
NAMED = np.zeros(5, np.bool_)
Weighted = dict[tuple[int, int], int]


@st.composite
def graphs(draw: st.DrawFn, most: int = 9) -> tuple[int, Weighted]:
    """A few rows, and whole-number weights of some pairs of them; many weights are equal."""
    n = draw(st.integers(0, most))
    pairs = [(a, b) for a in range(n) for b in range(a + 1, n)]
    chosen = draw(st.lists(st.sampled_from(pairs), unique=True)) if pairs else []
    return n, {pair: draw(st.integers(-10, 10)) for pair in sorted(chosen)}


def edges(weighted: Weighted) -> Edges:
    pairs = np.array(sorted(weighted), np.int32).reshape(-1, 2)
    weight = np.array([weighted[pair] for pair in sorted(weighted)], np.int64) * UNIT
    return Edges(pairs[:, 0].copy(), pairs[:, 1].copy(), weight)


def slow(n: int, weighted: Weighted, sizes: list[int]) -> list[int]:
    """Average linkage as one would write it down; ties go to the smaller rows."""
    found = [[row] for row in range(n)]

    def similarity(one: list[int], other: list[int]) -> float:
        total = pairs = 0
        for a in one:
            for b in other:
                count = sizes[a] * sizes[b]
                pairs += count
                key = (min(a, b), max(a, b))
                total += weighted[key] if key in weighted else round(SETTINGS.absent * count)
        return total / pairs

    while len(found) > 1:
        best, i, j = max(
            ((similarity(found[i], found[j]), -i, -j) for i in range(len(found)) for j in range(i)),
        )
        if best <= SETTINGS.stop:
            break
        merged = found[-i] + found[-j]
        found = [c for place, c in enumerate(found) if place not in (-i, -j)] + [merged]
        found.sort(key=min)
    return [min(c) for row in range(n) for c in found if row in c]


def total_similarity(n: int, weighted: Weighted, labels: list[int]) -> bool:
    """Whether no two clusters are more alike than `stop`."""
    for one in set(labels):
        for other in set(labels):
            if one < other:
                rows = [(a, b) for a in range(n) for b in range(n) if labels[a] == one and labels[b] == other]
                mean = sum(weighted.get((min(p), max(p)), SETTINGS.absent) for p in rows) / len(rows)
                if mean > SETTINGS.stop + 1e-9:
                    return False
    return True


@given(graphs())
def test_clusters_are_a_partition_that_cannot_be_merged_further(graph: tuple[int, Weighted]) -> None:
    n, weighted = graph
    labels = cluster(n, edges(weighted), SETTINGS).tolist()
    assert len(labels) == n
    assert all(labels[label] == label <= row for row, label in enumerate(labels))
    assert total_similarity(n, weighted, labels)


@given(graphs(), st.randoms(use_true_random=False))
def test_clusters_are_those_of_the_slow_way(graph: tuple[int, Weighted], random) -> None:  # type: ignore[no-untyped-def]
    """Without ties, which the two break differently, results are equal."""
    n, weighted = graph
    distinct = {pair: w * 1000 + random.randrange(-400, 400) for pair, w in weighted.items()}
    scaled = Edges(*(getattr(edges(distinct), part) for part in ("left", "right", "weight")))
    fine = Edges(scaled.left, scaled.right, scaled.weight // 1000)
    exact = {pair: w / 1000 for pair, w in distinct.items()}
    assert cluster(n, fine, SETTINGS).tolist() == slow(n, exact, [1] * n)


@given(graphs(), st.data())
def test_rows_that_stand_for_several_records_weigh_more(
    graph: tuple[int, Weighted], data: st.DataObject
) -> None:
    n, weighted = graph
    sizes = data.draw(st.lists(st.integers(1, 3), min_size=n, max_size=n))
    labels = cluster(n, edges(weighted), SETTINGS, np.array(sizes, np.int64)).tolist()
    assert all(labels[label] == label <= row for row, label in enumerate(labels))


@given(graphs())
def test_components_are_those_of_networkx(graph: tuple[int, Weighted]) -> None:
    n, weighted = graph
    found = smallest(components(n, edges(weighted).left, edges(weighted).right)).tolist()
    reference = nx.Graph()
    reference.add_nodes_from(range(n))
    reference.add_edges_from(weighted)
    expected = {row: min(c) for c in nx.connected_components(reference) for row in c}
    assert found == [expected[row] for row in range(n)]


@given(graphs(), st.data())
def test_the_order_of_edges_does_not_matter(graph: tuple[int, Weighted], data: st.DataObject) -> None:
    n, weighted = graph
    given_ = edges(weighted)
    order = np.array(data.draw(st.permutations(range(len(weighted)))), np.intp)
    mixed = Edges(given_.left[order], given_.right[order], given_.weight[order])
    assert cluster(n, mixed, SETTINGS).tolist() == cluster(n, given_, SETTINGS).tolist()


@given(st.lists(graphs(5), max_size=5), st.integers(1, 12))
def test_what_is_not_connected_does_not_matter(parts: list[tuple[int, Weighted]], edges_per_job: int) -> None:
    """Components are clustered as each by itself, however they are shared out among threads."""
    together: Weighted = {}
    expected: list[int] = []
    for n, weighted in parts:
        start = len(expected)
        together |= {(a + start, b + start): weight for (a, b), weight in weighted.items()}
        expected += [start + label for label in cluster(n, edges(weighted), SETTINGS).tolist()]
    with patch("resolver.linkage.clustering._EDGES_PER_JOB", edges_per_job):
        assert cluster(len(expected), edges(together), SETTINGS).tolist() == expected


@given(graphs(), st.data())
def test_sizes_are_as_if_records_stood_one_by_one(graph: tuple[int, Weighted], data: st.DataObject) -> None:
    """A row for k records, with the sum of their weights, clusters like a mean of them."""
    n, weighted = graph
    sizes = data.draw(st.lists(st.integers(1, 3), min_size=n, max_size=n))
    distinct = {pair: w * 1000 + 7 * place for place, (pair, w) in enumerate(weighted.items())}
    sums = {(a, b): w * sizes[a] * sizes[b] for (a, b), w in distinct.items()}
    thousandth = replace(SETTINGS, absent=1000 * SETTINGS.absent, stop=1000 * SETTINGS.stop)
    found = cluster(n, edges(sums), thousandth, np.array(sizes, np.int64)).tolist()
    assert all(found[label] == label <= row for row, label in enumerate(found))
    if len(set(sizes)) <= 1:
        assert found == cluster(n, edges(distinct), thousandth).tolist()


def test_two_thousand_rows_all_alike_are_one() -> None:
    n = 2_000
    left, right = (half.astype(np.int32) for half in np.triu_indices(n, 1))
    labels = cluster(n, Edges(left, right, np.full(len(left), 5 * UNIT)), SETTINGS)
    assert not labels.any()


def test_a_hub_of_weak_edges_does_not_take_long() -> None:
    """One record with an edge to a hundred thousand others, each pair of which agree."""
    n = 100_001
    ring = np.stack([np.arange(1, n - 1, 2), np.arange(2, n, 2)])
    left = np.concatenate([np.zeros(n - 1, np.int32), ring[0].astype(np.int32)])
    right = np.concatenate([np.arange(1, n, dtype=np.int32), ring[1].astype(np.int32)])
    weight = np.concatenate([np.full(n - 1, UNIT), np.full(ring.shape[1], 9 * UNIT)])
    labels = cluster(n, Edges(left, right, weight), SETTINGS)
    pairs = np.arange(1, n) - (np.arange(1, n) + 1) % 2
    assert (labels[3:] == pairs[2:]).mean() > 0.99


def test_no_edges_and_no_rows() -> None:
    none = edges({})
    assert cluster(0, none, SETTINGS).tolist() == []
    assert cluster(3, none, SETTINGS).tolist() == [0, 1, 2]
    assert components(0, none.left, none.right).tolist() == []


def test_one_bad_bridge_does_not_join_two_people() -> None:
    """Two whole groups of four, and one edge between them that is nearly as strong as theirs."""
    weighted = {(a, b): 8 for g in (0, 4) for a in range(g, g + 4) for b in range(a + 1, g + 4)}
    assert cluster(8, edges({**weighted, (3, 4): 7}), SETTINGS).tolist() == [0] * 4 + [4] * 4


def test_a_forbidden_pair_never_meets() -> None:
    weighted = {(0, 1): 10, (0, 2): 10, (1, 2): FORBIDDEN // UNIT}
    labels = cluster(3, edges(weighted), SETTINGS)
    assert labels[1] != labels[2]


def test_weights_are_clipped_and_exact() -> None:
    found = all_weights([np.array([-99.0, -1.5]), np.array([0.0, 3.25, 99.0], np.float32)], 12.0)
    assert (found / UNIT).tolist() == [-12.0, -1.5, 0.0, 3.25, 12.0]


def test_a_giant_component_comes_apart_quickly() -> None:
    """Two hundred thousand records of forty thousand people, chained by weak edges through all of them."""
    rng = np.random.default_rng(5)
    n = 200_000
    own = [(r, r + k) for k in range(1, 5) for r in range(0, n, 5) for r in range(r, r + 5 - k)]
    chain = np.stack([np.arange(n - 1), np.arange(1, n)], axis=1)
    noise = rng.integers(0, n, (n, 2))
    every = np.concatenate([np.array(own), chain, noise])
    every = every[every[:, 0] != every[:, 1]]
    every.sort(axis=1)
    strength = np.concatenate([np.full(len(own), 9), np.full(len(every) - len(own), 1)])
    keys, first = np.unique(every[:, 0] << 32 | every[:, 1], return_index=True)
    giant = Edges((keys >> 32).astype(np.int32), (keys & 0xFFFFFFFF).astype(np.int32), strength[first] * UNIT)
    assert len(np.unique(components(n, giant.left, giant.right))) == 1
    labels = cluster(n, giant, SETTINGS)
    assert (np.bincount(labels)[labels] < 20).all()
    assert (labels == np.arange(n) // 5 * 5).mean() > 0.95


def test_a_record_that_fits_two_people_is_set_apart() -> None:
    """Row 4 is as near to one pair as to the other, and these two conflict."""
    weighted = {(0, 1): 10, (2, 3): 10, (0, 4): 4, (1, 4): 4, (2, 4): 4, (3, 4): 4, (0, 2): -10, (1, 3): -10}
    labels = cluster(5, edges(weighted), SETTINGS)
    assert labels[4] in (0, 2)
    apart, rows = set_apart(labels, edges(weighted), NAMED, SETTINGS, SETTINGS.stop)
    assert apart.tolist() == [0, 0, 2, 2, 4]
    assert rows.tolist() == [4]
    clear = {**weighted, (0, 4): 8, (1, 4): 8}
    apart, rows = set_apart(cluster(5, edges(clear), SETTINGS), edges(clear), NAMED, SETTINGS, SETTINGS.stop)
    assert apart.tolist() == [0, 0, 2, 2, 0]
    assert rows.tolist() == []


def test_what_is_set_apart_does_not_leave_strangers_together() -> None:
    weighted = {(0, 2): 9, (1, 2): 9, (2, 3): 9, (0, 3): -12, (1, 3): -12, (0, 1): 0}
    labels = np.array([0, 0, 0, 3], np.int32)
    apart, rows = set_apart(labels, edges(weighted), NAMED[:4], replace(SETTINGS, absent=0.0), SETTINGS.stop)
    assert rows.tolist() == [2]
    assert apart[0] != apart[1]
