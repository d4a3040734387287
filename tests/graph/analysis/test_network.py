from datetime import date
from math import log2

import pytest

from graph.analysis.network import EDGE_COLUMNS, edge_list, network, ties
from graph.store import Subgraph


def test_nodes_and_edges_keep_what_the_store_said(two_families: Subgraph) -> None:
    graph = network(two_families)
    assert graph.nodes["Person:11"] == {"label": "Person", "name": "名Person:11", "phones": ["138"]}
    about = graph.edges["Person:11", "Person:12", "SPOUSE_OF:Person:11>Person:12"]
    assert about == {"type": "SPOUSE_OF", "probability": 1.0, "valid_from": date(2024, 1, 2)}
    assert len(graph) == len(two_families.nodes)
    assert graph.number_of_edges() == len(two_families.edges)


def test_edge_list_has_one_row_per_edge_sorted_by_id(two_families: Subgraph) -> None:
    table = edge_list(network(two_families))
    assert tuple(table.columns) == EDGE_COLUMNS
    assert list(table["id"]) == [edge.id for edge in two_families.edges]
    first = table.iloc[0]
    assert (first["source_label"], first["target_label"], first["valid_to"]) == ("Person", "Household", None)


def test_edge_list_of_nothing() -> None:
    assert edge_list(network(Subgraph((), (), {}, frozenset()))).empty


def test_parallel_edges_are_one_tie_and_what_many_share_ties_less(graph_of) -> None:  # type: ignore[no-untyped-def]
    graph = graph_of(
        ("SPOUSE_OF", "Person:1", "Person:2"),
        ("PARENT_OF", "Person:2", "Person:1"),
        *(("USES_PHONE", f"Person:{n}", "Phone:a") for n in range(1, 9)),
        probability=0.5,
    )
    simple = ties(graph)
    spouse = simple.edges["Person:1", "Person:2"]
    assert spouse["types"] == ["PARENT_OF", "SPOUSE_OF"]
    assert spouse["probability"] == pytest.approx(0.75)
    assert simple.edges["Person:1", "Phone:a"]["weight"] == pytest.approx(0.5 / log2(9))
    assert spouse["weight"] > simple.edges["Person:1", "Phone:a"]["weight"]


def test_an_edge_to_itself_is_no_tie(graph_of) -> None:  # type: ignore[no-untyped-def]
    assert ties(graph_of(("SPOUSE_OF", "Person:1", "Person:1"))).number_of_edges() == 0
