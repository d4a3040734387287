"""The benchmark of the graph stores on a graph of a few hundred persons."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import graph as benchmark
from benchmarks.graph_data.made_up import SUPERNODES, made_up, month_later, sizes
from benchmarks.graph_data.questions import Question, ask
from benchmarks.graph_data.report import markdown
from graph.delta import delta_between, record_of


def test_a_graph_has_so_many_persons_and_two_supernodes() -> None:
    data = made_up(500)
    assert data.nodes["Person"].num_rows == 500
    assert (data.nodes["Record"].num_rows, sizes(data.edges)) == (800, 800 + 500 + 500 + 300)
    for node, edge_type in SUPERNODES.values():
        targets = data.edges[edge_type]["target"].to_pylist()
        assert targets.count(node) >= 30
    assert made_up(500).nodes["Person"].equals(data.nodes["Person"])


def test_a_month_later_so_many_persons_have_changed(tmp_path: Path) -> None:
    data = made_up(500)
    record = record_of(data, tmp_path / "record")
    delta, _ = delta_between(record, month_later(data, 50), tmp_path / "later")
    assert delta.nodes.num_rows == delta.closed_nodes.num_rows == 50
    assert delta.closed_edges.num_rows > delta.edges.num_rows > 0
    others, _ = delta_between(record, month_later(data, 50, first=1), tmp_path / "others")
    assert others.nodes.num_rows == 50
    assert not {*others.nodes["n"].to_pylist()} & {*delta.nodes["n"].to_pylist()}


def test_every_call_is_timed_whatever_the_number_of_clients() -> None:
    seen: list[int] = []
    found = ask(Question("note", seen.append, [(i,) for i in range(7)]), 3)
    assert sorted(seen[1:]) == [*range(7)]
    assert 0 <= found["p50"] <= found["p99"] <= found["max"]


def test_a_run_writes_table_and_chart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    benchmark.main(["--persons", "300", "--stores", "sqlite", "--clients", "1", "2", "--out", str(tmp_path)])
    table = (tmp_path / "graph.md").read_text("utf-8")
    assert table.strip() == capsys.readouterr().out.strip()
    assert "| 300 | sqlite | first load |" in table
    assert "| 300 | sqlite | publishing the next delta |" in table
    results = json.loads((tmp_path / "graph.json").read_text("utf-8"))["results"]
    assert [q["what"] for q in results[0]["queries"]].count("neighbourhood, depth 2") == 1
    ElementTree.parse(tmp_path / "graph.svg")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["graph.json", "graph.md", "graph.svg"]


def test_a_goal_that_is_missed_is_told() -> None:
    step = {"what": "first load", "seconds": 31.0, "cpu_seconds": 1.0, "goal": 30.0}
    seen = {"1": {"p50": 1.0, "p99": 2.0, "max": 3.0, "per_second": 9.0}}
    query = {"what": "depth 2", "goal": 20.0, "clients": seen}
    told = markdown([{"persons": 1, "store": "sqlite", "steps": [step], "queries": [query]}])
    assert "| 30 | **missed** |" in told
    assert "| 1.00 / 2.00 / 3.0 | 20 kept |" in told
