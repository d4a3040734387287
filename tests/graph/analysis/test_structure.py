import networkx as nx
from hypothesis import given
from hypothesis import strategies as st

from graph.analysis.network import network, ties
from graph.analysis.structure import bridges, centrality, communities, rings
from graph.store import Subgraph

_ENDS = st.sampled_from([f"Person:{n}" for n in range(8)])
_TIES = st.lists(st.tuples(st.just("USES_PHONE"), _ENDS, _ENDS), min_size=1, max_size=16, unique=True)


def _network(ties_: list[tuple[str, str, str]]) -> "nx.MultiDiGraph[str]":
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for kind, source, target in ties_:
        graph.add_node(source, label="Person")
        graph.add_node(target, label="Person")
        graph.add_edge(source, target, f"{kind}:{source}>{target}", type=kind, probability=0.9)
    return graph


def test_families_are_communities_larger_first(two_families: Subgraph) -> None:
    groups = communities(network(two_families))
    assert sorted(map(len, groups), reverse=True) == [len(group) for group in groups]
    homes = [next(group for group in groups if f"Household:{n}" in group) for n in (1, 2)]
    assert {"Person:11", "Person:12"} <= set(homes[0])
    assert {"Person:21", "Person:22"} <= set(homes[1])
    assert homes[0] != homes[1]
    assert ("Person:99",) in groups
    assert sum(map(len, groups)) == len(two_families.nodes)


def test_the_phone_between_two_families_is_the_bridge_that_cuts_off_most(two_families: Subgraph) -> None:
    table = bridges(network(two_families))
    assert [tuple(row) for row in table[["left", "right", "cut_off"]].itertuples(index=False)][:2] == [
        ("Person:13", "Phone:a", 4),
        ("Person:23", "Phone:a", 4),
    ]
    assert set(table["types"]) <= {"MEMBER_OF", "USES_PHONE"}  # those in the triangles are none
    assert len(table) == 4


def test_the_phone_stands_in_the_middle(two_families: Subgraph) -> None:
    table = centrality(network(two_families))
    assert table.iloc[0]["node"] == "Phone:a"
    assert len(table) == len(two_families.nodes)
    alone = table[table["node"] == "Person:99"].iloc[0]
    assert (alone["degree"], alone["betweenness"]) == (0, 0.0)


def test_two_who_share_a_phone_and_an_employer_are_a_ring_and_five_on_one_phone_are_none(graph_of) -> None:  # type: ignore[no-untyped-def]
    one_phone = [("USES_PHONE", f"Person:{n}", "Phone:a") for n in range(5)]
    assert rings(graph_of(*one_phone)).rings == ()
    work = [("EMPLOYED_BY", "Person:0", "Employer:x"), ("EMPLOYED_BY", "Person:3", "Employer:x")]
    found = rings(graph_of(*one_phone, *work))
    assert found.rings == (("Employer:x", "Person:0", "Phone:a", "Person:3"),)
    assert not found.truncated
    assert rings(graph_of(*one_phone, *work), max_length=3).rings == ()


def test_more_rings_than_asked_for_are_said_to_be_cut(graph_of) -> None:  # type: ignore[no-untyped-def]
    shared = [(f"T{t}", f"Person:{n}", f"Thing:{t}") for n in range(4) for t in range(4)]
    found = rings(graph_of(*shared), limit=3)
    assert len(found.rings) == 3
    assert found.truncated


def test_nothing_has_no_shape() -> None:
    nothing = network(Subgraph((), (), {}, frozenset()))
    assert communities(nothing) == []
    assert bridges(nothing).empty
    assert centrality(nothing).empty
    assert rings(nothing).rings == ()


@given(_TIES, st.randoms(use_true_random=False))
def test_the_order_of_ties_changes_nothing(drawn, random) -> None:  # type: ignore[no-untyped-def]
    graph = _network(drawn)
    shuffled = _network(random.sample(drawn, len(drawn)))
    assert communities(graph) == communities(shuffled)
    assert bridges(graph).equals(bridges(shuffled))
    assert rings(graph).rings == rings(shuffled).rings


@given(_TIES)
def test_bridges_and_what_they_cut_off_by_taking_each_tie_away(drawn) -> None:  # type: ignore[no-untyped-def]
    graph = _network(drawn)
    simple = ties(graph)
    expected = {}
    for left, right in list(simple.edges):
        without = simple.copy()
        without.remove_edge(left, right)
        if not nx.has_path(without, left, right):
            parts = (nx.node_connected_component(without, end) for end in (left, right))
            expected[min(left, right), max(left, right)] = min(map(len, parts))
    found = {(row.left, row.right): row.cut_off for row in bridges(graph).itertuples()}
    assert found == expected


@given(_TIES)
def test_rings_are_closed_ways_without_a_short_cut(drawn) -> None:  # type: ignore[no-untyped-def]
    graph = _network(drawn)
    simple = ties(graph)
    for ring in rings(graph, limit=1_000).rings:
        assert len(set(ring)) == len(ring) >= 3
        assert simple.subgraph(ring).number_of_edges() == len(ring)
        assert all(simple.has_edge(a, b) for a, b in zip(ring, ring[1:] + ring[:1], strict=True))
        assert ring[0] == min(ring)
