"""What the files of a bulk import look like; the import itself is held against the other store in
`test_neo4j_broken.py`."""

from pathlib import Path

import pytest

from graph.neo4j_import import has_lines
from graph.staging import Staging
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
