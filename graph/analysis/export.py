"""A network as a file for other tools: GraphML and GEXF (Gephi, yEd, Cytoscape), CSV (spreadsheets), JSON (node-link).

Such a file holds personal data as plainly as the graph did: whoever may not see a value must not export it, so export
a view that is scoped and masked, or pseudonymised.
"""

import json
from collections.abc import Callable, Hashable
from datetime import date
from pathlib import Path
from typing import Any

import networkx as nx
import pandas as pd

from graph.analysis.network import edge_list
from resolver.errors import SettingsError

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Beginnings that a spreadsheet would take for a formula (OWASP, CSV injection)."""


def export(graph: "nx.MultiDiGraph[str]", file: Path) -> tuple[Path, ...]:
    """Write a network in the format that the file's name ends with.

    `.graphml`, `.gexf` and `.json` hold everything. `.csv` holds the edges as `edge_list` gives them, and a second
    file, `<name>.nodes.csv`, the nodes; cells that a spreadsheet would take for a formula begin with an apostrophe.

    Returns:
        The files written.

    Raises:
        SettingsError: The name ends with none of these.
    """
    formats: dict[str, Callable[[nx.MultiDiGraph[str], Path], tuple[Path, ...]]] = {
        ".graphml": _graphml, ".gexf": _gexf, ".json": _json, ".csv": _csv
    }  # fmt: skip
    write = formats.get(file.suffix.lower())
    if write is None:
        raise SettingsError(
            f"cannot write a network as {file.suffix or 'a file without an ending'}: {file}",
            remedy=f"End the file's name with one of {', '.join(formats)}.",
        )
    return write(graph, file)


def _graphml(graph: "nx.MultiDiGraph[str]", file: Path) -> tuple[Path, ...]:
    nx.write_graphml(_plain(graph), file, named_key_ids=True)
    return (file,)


def _gexf(graph: "nx.MultiDiGraph[str]", file: Path) -> tuple[Path, ...]:
    plain = _plain(graph)
    for node, about in plain.nodes(data=True):
        # In GEXF `label` is what a node is called; what kind it is stands beside it.
        about["kind"], about["label"] = about["label"], str(about.get("name", node))
    nx.write_gexf(plain, file)
    return (file,)


def _json(graph: "nx.MultiDiGraph[str]", file: Path) -> tuple[Path, ...]:
    data = nx.node_link_data(graph, edges="edges")
    file.write_text(json.dumps(data, ensure_ascii=False, indent=1, default=date.isoformat) + "\n", "utf-8")
    return (file,)


def _csv(graph: "nx.MultiDiGraph[str]", file: Path) -> tuple[Path, ...]:
    nodes = [{"id": node, **about} for node, about in sorted(_plain(graph).nodes(data=True))]
    beside = file.with_suffix(".nodes.csv")
    for table, path in ((edge_list(graph), file), (pd.DataFrame(nodes, columns=_columns(nodes)), beside)):
        # With the byte-order mark Excel reads Chinese as UTF-8.
        table.map(_harmless).to_csv(path, index=False, encoding="utf-8-sig")
    return file, beside


def _columns(nodes: list[dict[Hashable, Any]]) -> list[Hashable]:
    return ["id", "label", *sorted({str(name) for node in nodes for name in node} - {"id", "label"})]


def _plain(graph: "nx.MultiDiGraph[str]") -> "nx.MultiDiGraph[str]":
    """The same network with texts, numbers and flags only: dates in ISO form, lists joined by `;`."""
    plain: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    plain.add_nodes_from((node, _texts(about)) for node, about in graph.nodes(data=True))
    plain.add_edges_from(
        (source, target, key, _texts(about))
        for source, target, key, about in graph.edges(keys=True, data=True)
    )
    return plain


def _texts(about: dict[str, Any]) -> dict[str, Any]:
    return {name: _text(value) for name, value in about.items()}


def _text(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return ";".join(value) if isinstance(value, list) else _printable(value)


def _printable(value: Any) -> Any:
    """Control characters are no XML, whatever a department typed."""
    return "".join(c for c in value if c.isprintable() or c == " ") if isinstance(value, str) else value


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
