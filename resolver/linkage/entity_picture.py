"""An entity as a picture: its records as boxes, the links that hold them together, and what speaks against it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import networkx as nx

from resolver.linkage.entity_explanation import EntityExplanation, Link
from resolver.linkage.explanation_picture import waterfall
from resolver.linkage.pages import colour, page
from resolver.linkage.wording import percent

MOST_DRAWN = 40
"""Records up to which a picture is still readable."""
BOX = (150.0, 50.0)
"""Width and height of a record's box, in pixels."""
_GAP = (70.0, 46.0)  # between two boxes, for the labels of links
_MARGIN = 16.0


@dataclass(frozen=True)
class Node:
    """A record's box: its upper left corner and size in pixels, and the lines of text in it."""

    x: float
    y: float
    width: float
    height: float
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Edge:
    """A line between two boxes and, if it has a label, where that stands."""

    x1: float
    y1: float
    x2: float
    y2: float
    colour: str
    width: float
    dashed: bool
    label: str
    lx: float
    ly: float


@dataclass(frozen=True)
class EntityPicture:
    """Boxes and lines of an entity, in pixels."""

    width: float
    height: float
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def entity_picture(
    explanation: EntityExplanation, lines: Mapping[int, tuple[str, ...]]
) -> EntityPicture | None:
    """Lay out an entity; None when it has one record only, or too many to draw.

    Args:
        explanation: What holds the entity together.
        lines: Record key -> lines of text for its box.
    """
    if not 2 <= len(explanation.records) <= MOST_DRAWN:
        return None
    at = _centres(explanation)
    width = max(x for x, _ in at.values()) + BOX[0] / 2 + _MARGIN
    height = max(y for _, y in at.values()) + BOX[1] / 2 + _MARGIN
    nodes = [
        Node(round(x - BOX[0] / 2, 1), round(y - BOX[1] / 2, 1), *BOX, lines[key])
        for key, (x, y) in at.items()
    ]
    drawn = {frozenset((link.record_key, link.parent_record_key)) for link in explanation.links}
    edges = [
        _edge((at[p.record_key_l], at[p.record_key_r]), colour("against"), 1.0)
        for p in explanation.opposed
        if frozenset((p.record_key_l, p.record_key_r)) not in drawn
    ]
    edges += [
        _edge((at[link.parent_record_key], at[link.record_key]), *_look(link, weakest=not place), link)
        for place, link in enumerate(explanation.links)
    ]
    return EntityPicture(round(width), round(height), tuple(nodes), tuple(edges))


def entity_page(
    explanation: EntityExplanation, title: str, lines: Mapping[int, tuple[str, ...]], version: str
) -> str:
    """One self-contained HTML file about an entity.

    Args:
        explanation: What holds it together.
        title: What to call it.
        lines: Record key -> lines of text for its box; joined by spaces they name the record in the text.
        version: Of the model.
    """
    names = {key: " ".join(text) for key, text in lines.items()}
    return page(
        "entity.html",
        title=title,
        version=version,
        summary=explanation.summary,
        picture=entity_picture(explanation, lines),
        n_records=len(explanation.records),
        links=[
            {
                "left": names[link.parent_record_key],
                "right": names[link.record_key],
                "probability": percent(link.link_probability),
                "summary": link.explanation.summary,
                "text": link.text,
                "fall": waterfall(link.explanation),
            }
            for link in explanation.links
        ],
    )


def _centres(explanation: EntityExplanation) -> dict[int, tuple[float, float]]:
    """Centres of the boxes: drawn together by the tree's links, then spread until no two boxes touch."""
    tree = nx.Graph()
    tree.add_nodes_from(explanation.records)
    tree.add_edges_from((link.parent_record_key, link.record_key) for link in explanation.links)
    # Without the links to records that a caller may not see, the tree can be in parts.
    places = nx.kamada_kawai_layout(tree) if nx.is_connected(tree) else nx.spring_layout(tree, seed=1)
    return _without_overlap({key: (float(x), float(y)) for key, (x, y) in places.items()})


def _without_overlap(places: dict[int, tuple[float, float]]) -> dict[int, tuple[float, float]]:
    need = BOX[0] + _GAP[0], BOX[1] + _GAP[1]
    stretch = 1.0
    for (ax, ay), (bx, by) in combinations(places.values(), 2):
        across, down = abs(ax - bx) / need[0], abs(ay - by) / need[1]
        stretch = max(stretch, 1.0 / max(across, down, 1e-3))
    left, top = (min(place[side] for place in places.values()) for side in (0, 1))
    return {
        key: (
            round((x - left) * stretch + BOX[0] / 2 + _MARGIN, 1),
            round((y - top) * stretch + BOX[1] / 2 + _MARGIN, 1),
        )
        for key, (x, y) in places.items()
    }


def _look(link: Link, *, weakest: bool) -> tuple[str, float]:
    """Colour and width of a link: the wider, the more bits."""
    bits = min(max(link.explanation.match_weight, 0.0), 40.0)
    return colour("against" if weakest else "for"), round(1.5 + 4.5 * math.sqrt(bits / 40.0), 1)


def _edge(
    ends: tuple[tuple[float, float], tuple[float, float]], line: str, width: float, link: Link | None = None
) -> Edge:
    (x1, y1), (x2, y2) = ends
    label = "" if link is None else percent(link.link_probability).replace(" ", "")
    middle = round((x1 + x2) / 2, 1), round((y1 + y2) / 2, 1)
    return Edge(x1, y1, x2, y2, line, width, link is None, label, *middle)
