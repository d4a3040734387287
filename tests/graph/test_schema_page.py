"""The page and the picture are what the schema says now."""

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from graph.schema import EDGES, NODES
from graph.schema_page import PAGE, PICTURE, main, page, picture

DOCS = Path(__file__).parents[2] / "docs"


def test_they_are_up_to_date(tmp_path: Path) -> None:
    main(tmp_path)
    for name in (PAGE, PICTURE):
        assert (DOCS / name).read_text("utf-8") == (tmp_path / name).read_text("utf-8"), (
            "run: python -m graph.schema_page docs"
        )


def test_the_page_names_everything() -> None:
    text = page()
    for label in NODES.values():
        assert f"### {label.name} {label.title}" in text
        assert all(f"`{p.name}`" in text for p in label.properties)
    for edge_type in EDGES.values():
        assert f"| `{edge_type.name}` | {edge_type.title} |" in text
        assert all(f"`{p.name}`" in text for p in edge_type.properties)


def test_the_picture_shows_every_node_once_and_every_edge_between_its_ends() -> None:
    root = ET.fromstring(picture())
    texts = ["".join(t.itertext()) for t in root.iter("{http://www.w3.org/2000/svg}text")]
    assert all(texts.count(label.name) == texts.count(label.title) == 1 for label in NODES.values())
    for edge_type in EDGES.values():
        ends = len(edge_type.sources) * len(edge_type.targets)
        assert texts.count(f"{edge_type.name} {edge_type.title}") == ends
    assert "http" not in picture().replace("http://www.w3.org/2000/svg", "")


def test_no_box_and_no_text_lies_on_another() -> None:
    root = ET.fromstring(picture())
    svg = "{http://www.w3.org/2000/svg}"
    width, height = (float(n) for n in root.attrib["viewBox"].split()[2:])
    areas = []
    for box in list(root.iter(f"{svg}rect"))[1:]:
        x, y, w, h = (float(box.attrib[k]) for k in ("x", "y", "width", "height"))
        areas.append((x, y, x + w, y + h))
    for text in root.iter(f"{svg}text"):
        if text.attrib["class"] == "t":
            half = sum(6.9 if c.isascii() else 12 for c in text.text or "") / 2
            x, y = float(text.attrib["x"]), float(text.attrib["y"])
            areas.append((x - half, y - 10, x + half, y + 2))
    for i, a in enumerate(areas):
        assert a[0] >= 0 and a[1] >= 0 and a[2] <= width and a[3] <= height, a  # noqa: PT018
        for b in areas[:i]:
            apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
            if not apart:
                pytest.fail(f"{a} and {b}")
