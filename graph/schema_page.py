"""The graph's schema for people: the page `docs/graph.md` and its picture, made from `graph.schema`.

python -m graph.schema_page docs
"""

import sys
from itertools import groupby
from math import hypot
from pathlib import Path
from xml.sax.saxutils import escape

from graph.schema import EDGES, NODES, EdgeType, NodeLabel, Property

PAGE, PICTURE = "graph.md", "graph.svg"

# Middle of each box. A label without a place cannot be drawn: `test_schema_page` says so.
_PLACES = {
    "Record": (560, 70), "Finding": (890, 70), "IdentityNumber": (120, 90), "Phone": (120, 220),
    "Address": (120, 350), "Household": (120, 480), "Person": (560, 330), "Employer": (1110, 250),
    "Facility": (1110, 480), "Vehicle": (120, 620), "Accident": (480, 620), "Treatment": (840, 620),
}  # fmt: skip
_LOOPS = {"Record": -1, "Person": 1}  # on which side of its box an edge from a label to itself runs
_TEXTS = {("Finding", "Facility"): 0.86}  # how far along its line a text stands; in the middle where not said
_WIDTH, _HEIGHT = 1240, 690
_BOX = (150, 50)
_COLOURS = {
    "Person": "#fde7c5", "Record": "#e3edf9", "Finding": "#f9dcdc", "Household": "#fde7c5",
}  # fmt: skip
_FONT = (
    "Helvetica, Arial, 'Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', 'WenQuanYi Zen Hei', sans-serif"
)


def page() -> str:
    """The page, as Markdown."""
    labels = "\n".join(_label_section(label) for label in NODES.values())
    types = "\n".join(_type_row(edge_type) for edge_type in EDGES.values())
    with_properties = "\n".join(
        f"* `{t.name}`: {_listed(t.properties)}" for t in EDGES.values() if t.properties
    )
    return f"""<!-- Made from graph/schema.py by `python -m graph.schema_page docs`; change that, not this. -->
# The person graph 人员关系图谱

![Nodes and edges of the person graph]({PICTURE})

{len(NODES)} kinds of nodes and {len(EDGES)} kinds of edges. A node's id is `Label:key`; an edge's is
`TYPE:source>target`, with `#key` where several run side by side. Where a node stands for a personal value (a
phone, a number, an address), its key is opaque: ids travel further than values do.

Every node and edge carries the **regions** and **departments** of the records it stands on; who may not see any
of them does not see it, nor what leads through it. Every edge carries its **probability** (the weakest link it
stands on), the days from **valid_from** to **valid_to** on which it holds (empty = unknown, or open), and the
first **row_ids** of its rows.

*Indexed* properties find a node by their exact value; *searched* ones feed the full text (name, former name,
pinyin, number, phone). A node exists in every time slice; only edges have days.

## Nodes

{labels}
## Edges

The *cost* is what a step of this kind weakens a path by, in bits, before its probability: the best paths
between two persons are the cheapest ([evidence.py](../graph/evidence.py)).

| edge | 中文 | from | to | it says | cost |
|---|---|---|---|---|---|
{types}

What edges carry beside that:

{with_properties}
"""


def picture() -> str:
    """The picture, as SVG that needs nothing but a font with Chinese characters."""
    lines, texts = [], []
    pairs = sorted(
        (source, target, edge_type.name)
        for edge_type in EDGES.values()
        for source in edge_type.sources
        for target in edge_type.targets
    )
    for (source, target), group in groupby(pairs, key=lambda pair: pair[:2]):
        names = [name for _, _, name in group]
        line, middle = _loop(source) if source == target else _line(source, target)
        lines.append(f'<path d="{line}" class="e"/>')
        texts += [_edge_text(name, middle, i - (len(names) - 1) / 2) for i, name in enumerate(names)]
    boxes = [_box(label) for label in NODES.values()]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="{_FONT}">'
        "<title>Nodes and edges of the person graph 人员关系图谱</title>"
        '<defs><marker id="to" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0 L8 4 L0 8 z" fill="#567"/></marker></defs>'
        "<style>.e{fill:none;stroke:#567;stroke-width:1.3;marker-end:url(#to)}"
        ".t{font-size:12px;fill:#234;text-anchor:middle;paint-order:stroke;stroke:#fff;stroke-width:4px}"
        ".n{font-size:15px;font-weight:bold;fill:#123;text-anchor:middle}.c{font-size:13px;fill:#123;text-anchor:middle}"
        f'</style><rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>'
        f"{''.join(lines)}{''.join(boxes)}{''.join(texts)}</svg>\n"
    )


def _label_section(label: NodeLabel) -> str:
    return (
        f"### {label.name} {label.title}\n\n{label.about[0].upper()}{label.about[1:]}. Key: {label.key}.\n\n"
        f"{_listed(label.properties)}\n"
    )


def _listed(properties: tuple[Property, ...]) -> str:
    parts = []
    for p in properties:
        marks = [
            p.type,
            *(["indexed"] if p.indexed else []),
            *([f"searched as {p.searched}"] if p.searched else []),
        ]
        parts.append(f"`{p.name}` ({', '.join(mark.replace('_', ' ') for mark in marks)})")
    return " · ".join(parts)


def _type_row(edge_type: EdgeType) -> str:
    ends = (", ".join(names) for names in (edge_type.sources, edge_type.targets))
    return f"| `{edge_type.name}` | {edge_type.title} | {' | '.join(ends)} | {edge_type.about} | {edge_type.cost:g} |"


def _box(label: NodeLabel) -> str:
    (x, y), (width, height) = _PLACES[label.name], _BOX
    fill = _COLOURS.get(label.name, "#eef3ee")
    return (
        f'<rect x="{x - width / 2:g}" y="{y - height / 2:g}" width="{width}" height="{height}" rx="9" fill="{fill}" '
        f'stroke="#567"/><text x="{x}" y="{y - 3}" class="n">{escape(label.name)}</text>'
        f'<text x="{x}" y="{y + 16}" class="c">{escape(label.title)}</text>'
    )


def _line(source: str, target: str) -> tuple[str, tuple[float, float]]:
    """A line from box to box, and where its text goes."""
    start, end = _PLACES[source], _PLACES[target]
    x1, y1 = _border(start, end)
    x2, y2 = _border(end, start)
    along = _TEXTS.get((source, target), 0.5)
    return f"M{x1:.0f} {y1:.0f} L{x2:.0f} {y2:.0f}", (x1 + along * (x2 - x1), y1 + along * (y2 - y1))


def _border(place: tuple[int, int], towards: tuple[int, int]) -> tuple[float, float]:
    """Where the line from the middle of a box to another place leaves it, and a little beyond."""
    dx, dy = towards[0] - place[0], towards[1] - place[1]
    scale = min(_BOX[0] / 2 / abs(dx) if dx else 9.0, _BOX[1] / 2 / abs(dy) if dy else 9.0)
    scale += 3 / hypot(dx, dy)
    return place[0] + dx * scale, place[1] + dy * scale


def _loop(label: str) -> tuple[str, tuple[float, float]]:
    (x, y), side = _PLACES[label], _LOOPS[label]
    edge = x + side * (_BOX[0] / 2 + 3)
    far = edge + side * 45
    return f"M{edge:g} {y - 12} C{far:g} {y - 24} {far:g} {y + 24} {edge:g} {y + 12}", (edge + side * 92, y)


def _edge_text(name: str, middle: tuple[float, float], offset: float) -> str:
    x, y = middle[0], middle[1] + 4 + 15 * offset
    return f'<text x="{x:.0f}" y="{y:.0f}" class="t">{name} {escape(EDGES[name].title)}</text>'


def main(folder: Path) -> None:
    """Write both into a folder."""
    (folder / PAGE).write_text(page(), "utf-8")
    (folder / PICTURE).write_text(picture(), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
