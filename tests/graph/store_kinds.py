"""The graph stores that the contract (`test_store_*.py`) is held against.

Another store is added to `KINDS`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from graph.neo4j_store import Neo4jStore
from graph.sqlite_store import SqliteStore
from graph.store import GraphStore
from tests.shared_server import empty_graph, graph_address


@dataclass(frozen=True)
class StoreKind:
    """A kind of store.

    Attributes:
        open: Opens the store at an address, in this process or another one.
        place: Makes an empty place, given a folder that is the test's own; gives its address. What earlier tests
            left at the same place is gone.
        middle: Dotted name of a function of the adapter that runs while a publish is half written.
        missing: Why there is no such store on this machine; None = there is.
    """

    open: Callable[[str], GraphStore]
    place: Callable[[Path], str]
    middle: str
    missing: Callable[[], str | None] = lambda: None


def _sqlite_place(folder: Path) -> str:
    return str(folder / "graph.db")


KINDS: dict[str, StoreKind] = {
    "sqlite": StoreKind(
        open=lambda address: SqliteStore(Path(address)),
        place=_sqlite_place,
        middle="graph.sqlite_writer.open_edges",
    ),
    "neo4j": StoreKind(
        open=lambda address: Neo4jStore(graph_address(address)),
        place=lambda _: empty_graph("contract"),
        middle="graph.neo4j_writer.edge_rows",
    ),
}


@dataclass
class Place:
    """Where a test keeps graphs: one at a time, since a store may have room for one only."""

    name: str
    folder: Path
    address: str = ""
    _opened: list[GraphStore] = field(default_factory=list)
    _count: int = 0

    @property
    def kind(self) -> StoreKind:
        return KINDS[self.name]

    def empty(self) -> GraphStore:
        """Close what is open, forget what is there, and open an empty store."""
        self.close()
        self._count += 1
        own = self.folder / str(self._count)
        own.mkdir()
        self.address = self.kind.place(own)
        return self.open()

    def open(self) -> GraphStore:
        """Open what is there (once more)."""
        self._opened.append(self.kind.open(self.address))
        return self._opened[-1]

    def close(self) -> None:
        for store in self._opened:
            store.close()
        self._opened.clear()
