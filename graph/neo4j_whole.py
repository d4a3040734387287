"""All that a view of a graph in Neo4j holds, at once."""

from collections.abc import Collection

from graph.neo4j_reading import Following, Reading
from graph.schema import NODES
from graph.view import Subgraph
from graph.whole import WholeBounds


def whole(
    reading: Reading, labels: Collection[str] | None, following: Following, bounds: WholeBounds
) -> Subgraph:
    """See `GraphView.whole`."""
    wanted = None if labels is None else sorted(set(labels) & NODES.keys())
    n_nodes, n_edges = reading.sizes(wanted, following)
    bounds.check(nodes=n_nodes)
    bounds.check(edges=n_edges)
    return Subgraph(reading.all_nodes(wanted), reading.all_edges(wanted, following), {}, frozenset())
