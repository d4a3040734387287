import json
from pathlib import Path

import networkx as nx
import pandas as pd
import pytest

from graph.analysis.export import export
from graph.analysis.network import network
from graph.store import Subgraph
from resolver.errors import SettingsError


def test_graphml_and_gexf_hold_every_node_and_edge(two_families: Subgraph, tmp_path: Path) -> None:
    graph = network(two_families)
    assert export(graph, tmp_path / "g.graphml") == (tmp_path / "g.graphml",)
    read = nx.read_graphml(tmp_path / "g.graphml", force_multigraph=True)
    assert set(read) == set(graph)
    assert read.number_of_edges() == graph.number_of_edges()
    assert read.nodes["Person:11"] == {"label": "Person", "name": "名Person:11", "phones": "138"}
    export(graph, tmp_path / "g.gexf")
    drawn = nx.read_gexf(tmp_path / "g.gexf")
    assert set(drawn) == set(graph)
    assert drawn.nodes["Person:11"]["label"] == "名Person:11"
    assert drawn.nodes["Person:11"]["kind"] == "Person"


def test_json_comes_back_the_same(two_families: Subgraph, tmp_path: Path) -> None:
    graph = network(two_families)
    export(graph, tmp_path / "g.json")
    data = json.loads((tmp_path / "g.json").read_text("utf-8"))
    read = nx.node_link_graph(data, edges="edges")
    assert read.nodes["Person:11"]["phones"] == ["138"]
    assert set(read.edges) == set(graph.edges)
    assert {edge["valid_from"] for edge in data["edges"]} == {"2024-01-02"}


def test_csv_holds_edges_and_nodes_and_no_formula(two_families: Subgraph, tmp_path: Path) -> None:
    files = export(network(two_families), tmp_path / "g.csv")
    assert files == (tmp_path / "g.csv", tmp_path / "g.nodes.csv")
    edges, nodes = (pd.read_csv(file, dtype=str, encoding="utf-8-sig") for file in files)
    assert len(edges) == len(two_families.edges)
    assert set(nodes["id"]) == {node.id for node in two_families.nodes}
    assert nodes.set_index("id").loc["Person:99", "name"] == "'=孤"


def test_control_characters_do_not_break_the_file(graph_of, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    graph = graph_of(("SPOUSE_OF", "Person:1", "Person:2"))
    graph.nodes["Person:1"]["name"] = "王\x00艳\x0b<b>"
    export(graph, tmp_path / "g.graphml")
    assert nx.read_graphml(tmp_path / "g.graphml").nodes["Person:1"]["name"] == "王艳<b>"


def test_an_unknown_ending_is_refused_by_name(two_families: Subgraph, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"\.png"):
        export(network(two_families), tmp_path / "g.png")
    assert not list(tmp_path.iterdir())
