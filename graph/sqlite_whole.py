"""All that a view of the embedded graph store holds, at once."""

from collections.abc import Collection

from graph.elements import stable_number
from graph.sqlite_reading import NODE, Reading
from graph.view import Subgraph
from graph.whole import WholeBounds


def whole(
    reading: Reading, labels: Collection[str] | None, types: Collection[str] | None, bounds: WholeBounds
) -> Subgraph:
    """See `GraphView.whole`."""
    wanted = "" if labels is None else f" AND label IN ({reading.listed(labels)})"
    visible = f"FROM nodes WHERE {reading.live_nodes}{reading.seen}{wanted}"
    bounds.check(nodes=_count(reading, visible))
    held = f"FROM edges WHERE {reading.live_edges}{reading.seen}{reading.holds}{reading.types(types)}"
    if wanted or reading.seen:  # else no edge ends outside
        held += f" AND source IN (SELECT n {visible}) AND target IN (SELECT n {visible})"
    bounds.check(edges=_count(reading, held))
    nodes = sorted(
        map(reading.node_of, reading.db.execute(f"SELECT {NODE} {visible}")), key=lambda node: node.id
    )
    ids = {stable_number(node.id): node.id for node in nodes}
    edges = reading.edges((row[0] for row in reading.db.execute(f"SELECT e {held}")), ids)
    return Subgraph(tuple(nodes), edges, {}, frozenset())


def _count(reading: Reading, source: str) -> int:
    return int(reading.db.execute(f"SELECT count(*) {source}").fetchone()[0])
