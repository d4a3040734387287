"""How much of a graph may be taken at once, and what is said when that is too little."""

from dataclasses import dataclass

from resolver.errors import StoreError


class GraphTooLargeError(StoreError):
    """What was asked for at once is more than the stated limit; nothing was read."""


@dataclass(frozen=True)
class WholeBounds:
    """How large a graph may be that is taken whole.

    In networkx a graph of that size takes about 1 GB (`docs/benchmarks.md`).

    Attributes:
        max_nodes: At most so many nodes.
        max_edges: At most so many edges.
    """

    max_nodes: int = 200_000
    max_edges: int = 600_000

    def check(self, *, nodes: int = 0, edges: int = 0) -> None:
        """See that so many are not too many.

        Raises:
            GraphTooLargeError: They are.
        """
        for count, most, what in ((nodes, self.max_nodes, "nodes"), (edges, self.max_edges, "edges")):
            if count > most:
                raise GraphTooLargeError(
                    f"the view has {count:,} {what}; at most {most:,} are taken at once",
                    remedy="Ask for some labels or types only, look through a scope or a time slice, take the "
                    f"neighbourhood of a node, or allow more with WholeBounds(max_{what}=…) if the memory is there.",
                )
