"""What the files of a bulk import look like; the import itself is held against the other store in
`test_neo4j_broken.py`."""

import csv
import json
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph import neo4j_import
from graph.neo4j_import import has_lines
from graph.neo4j_schema import Names, node_properties
from graph.neo4j_server import Memory, Server
from graph.schema import EDGES, NODES
from graph.staging import Stage, Staging
from tests.graph.sketch import Sketch, family


def told(sketch: Sketch) -> bool:
    with Staging(sketch.data(), Path()) as staging:
        return has_lines(staging)


def test_texts_of_one_line_have_no_lines() -> None:
    sketch = family()
    sketch.node("Person:n", name='新"人, r\\')
    assert not told(sketch)


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
@pytest.mark.parametrize("place", ["node", "key of a node", "edge", "key of an edge"])
def test_lines_are_seen_wherever_they_are(place: str, end: str) -> None:
    sketch = family()
    match place:
        case "node":
            sketch.node("Person:n", name=f"张{end}三")
        case "key of a node":
            sketch.node(f"Person:a{end}b")
        case "edge":
            sketch.edge("USES_PHONE", "Person:1", "Phone:p", basis=f"a{end}b")
        case "key of an edge":
            sketch.edge("SPOUSE_OF", "Person:1", "Person:2", key=f"a{end}b")
    assert told(sketch)


def written(sketch: Sketch, folder: Path) -> dict[str, list[dict[str, str]]]:
    """Label or type -> rows of the files that a bulk import of a graph is given."""
    found: dict[str, list[dict[str, str]]] = {}

    @contextmanager
    def running(server: Server) -> Any:
        yield

    def administer(server: Server, arguments: list[str]) -> str:
        for argument in arguments:
            if argument.startswith(("--nodes", "--relationships")):
                _, name, files = argument.split("=")
                header, data = (Path(file).read_text("utf-8") for file in files.split(","))
                found[name.split(":")[-1]] = list(csv.DictReader([header, *data.splitlines(keepends=True)]))
        return ""

    with pytest.MonkeyPatch.context() as patch, Staging(sketch.data(), folder) as staging:
        patch.setattr(neo4j_import, "administer", administer)
        patch.setattr(neo4j_import, "stopped", running)
        number_access(staging)
        server = Server(folder, 0, 0, 0, Memory())
        neo4j_import.load(server, Names.of("guiyi"), staging, 1, "{}")
    return found


def number_access(stage: Stage) -> None:
    who = stage.database.execute(
        "SELECT access FROM opened_nodes UNION "
        "SELECT access || '|' || source_access || '|' || target_access FROM opened_edges"
    ).fetchall()
    numbered = {"who": [row[0] for row in who], "w": [*range(1, len(who) + 1)]}
    stage.database.register("numbered_access", pa.table(numbered))


def test_every_label_and_every_type_is_written_and_ends_at_nodes(tmp_path: Path) -> None:
    sketch = Sketch()
    for label in NODES:
        sketch.node(f"{label}:1")
        sketch.node(f"{label}:2", departments="POLICE")
    for name, declared in EDGES.items():
        sketch.edge(name, f"{declared.sources[0]}:1", f"{declared.targets[0]}:2")
    files = written(sketch, tmp_path)
    assert {name: len(rows) for name, rows in files.items() if name in NODES} == dict.fromkeys(NODES, 2)
    assert {name: len(rows) for name, rows in files.items() if name in EDGES} == dict.fromkeys(EDGES, 1)
    ids = [row[":ID"] for name, rows in files.items() if name not in EDGES for row in rows]
    assert sorted(map(int, ids)) == [
        *range(len(ids))
    ]  # the database's own: two alike would overwrite each other
    for name, declared in EDGES.items():
        [edge] = files[name]
        for end, label, key in (
            (":START_ID", declared.sources[0], "1"),
            (":END_ID", declared.targets[0], "2"),
        ):
            assert edge[end] in {row[":ID"] for row in files[label] if row["key:string"] == key}


_NUMBERS = st.one_of(
    st.sampled_from(["13806310001", "37100219870101001X", "１２３456", "12-34", "--", "a b", "Ab12"]),
    st.text("0123456789xX-－ Ａ", max_size=20),
)


@settings(max_examples=5, deadline=None)
@given(st.lists(st.tuples(_NUMBERS, _NUMBERS), min_size=30, max_size=60))
def test_the_terms_of_a_bulk_import_are_those_of_the_driver(numbers: list[tuple[str, str]]) -> None:
    sketch = Sketch()
    for i, (number, phone) in enumerate(numbers):
        sketch.node(f"Person:{i}", name="张三", id_numbers=[number], phones=[phone])
        sketch.node(f"Employer:{i}", credit_code=number, phone=phone)
        sketch.node(f"Phone:{i}", number=phone)
    with tempfile.TemporaryDirectory() as folder:
        files = written(sketch, Path(folder))
    for name, values in sketch.nodes.items():
        label, key = name.split(":")
        [row] = [row for row in files[label] if row["key:string"] == key]
        properties = {k: v for k, v in values.items() if k not in ("regions", "departments")}
        by_driver = node_properties(label, key, json.dumps(properties)).get("terms", "")
        assert set(row["terms:string"].split(" ")) == set(by_driver.split(" "))
