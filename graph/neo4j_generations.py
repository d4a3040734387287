"""Which generations a graph in Neo4j has: the one property that makes a publish visible, whole, at one moment."""

import json
import secrets
from collections.abc import Collection
from dataclasses import dataclass, field, replace

from graph.neo4j_connection import Connection, Runner, rows
from graph.neo4j_schema import FORMAT, Names
from graph.store import Publication
from resolver.errors import StoreError


@dataclass(frozen=True)
class Generations:
    """The state of a graph.

    Attributes:
        current: The current generation; None = nothing was ever published.
        epochs: Generation -> epoch in which it is seen; both ascend together.
        published: Generation -> graph hash, number of nodes and of edges, as noted when it was published.
        last: The last epoch ever begun.
        unclean: Something may have been written in epochs that no generation shows.
        origin: Of this graph alone: made when it begins, so that nothing read of another one before it (removed,
            or overwritten) is taken for its own.
    """

    current: int | None = None
    epochs: dict[int, int] = field(default_factory=dict)
    published: dict[int, tuple[str, int, int]] = field(default_factory=dict)
    last: int = 0
    unclean: bool = False
    origin: str = field(default_factory=lambda: secrets.token_hex(8))

    @property
    def current_epoch(self) -> int:
        """Epoch of the current generation; 0 before the first."""
        return 0 if self.current is None else self.epochs[self.current]

    def place(self, generation: int) -> tuple[str, int] | None:
        """What tells the content of a generation: origin and epoch; None = it is not kept."""
        epoch = self.epochs.get(generation)
        return None if epoch is None else (self.origin, epoch)

    def up_to(self, epoch: int, *, unclean: bool) -> "Generations":
        """The same without the generations of later epochs."""
        return self.without({g for g, e in self.epochs.items() if e > epoch}, unclean=unclean)

    def without(self, generations: Collection[int], *, unclean: bool) -> "Generations":
        """The same without some generations."""
        epochs = {g: e for g, e in self.epochs.items() if g not in generations}
        published = {g: noted for g, noted in self.published.items() if g not in generations}
        return replace(self, epochs=epochs, published=published, unclean=unclean)

    def with_published(self, done: Publication, epoch: int) -> "Generations":
        """The same with a generation that was just published, and is the current one."""
        noted = (done.graph_hash, done.nodes, done.edges)
        return replace(
            self,
            current=done.generation,
            epochs={g: e for g, e in self.epochs.items() if g != done.generation} | {done.generation: epoch},
            published=self.published | {done.generation: noted},
            unclean=False,
        )

    def noted(self, generation: int) -> Publication:
        """What publishing a generation did that is kept, as if it was published again."""
        graph_hash, nodes, edges = self.published[generation]
        return Publication(generation, nodes, edges, 0, 0, graph_hash)

    def text(self) -> str:
        """As it is stored."""
        told = {"format": FORMAT, "current": self.current, "last": self.last, "unclean": self.unclean}
        generations = [[g, epoch, *self.published[g]] for g, epoch in self.epochs.items()]
        return json.dumps({**told, "origin": self.origin, "generations": generations})


def read_generations(runner: Runner, names: Names) -> Generations:
    """The state of a graph as it is now.

    Raises:
        StoreError: A newer version of this software wrote it.
    """
    for (text,) in rows(runner, f"MATCH (m:{names.meta} {{one: 1}}) RETURN m.state"):
        told = json.loads(text)
        if told["format"] > FORMAT:
            raise StoreError(
                f"graph {names.graph} was made by a newer Guiyi (format {told['format']}; this one reads {FORMAT})",
                remedy="Update Guiyi, or name another graph in guiyi.toml (graph.name) and publish into that.",
            )
        epochs = {g: epoch for g, epoch, *_ in told["generations"]}
        published = {g: tuple(noted) for g, _, *noted in told["generations"]}
        return Generations(told["current"], epochs, published, told["last"], told["unclean"], told["origin"])
    return Generations()


def write_generations(connection: Connection, names: Names, state: Generations) -> Generations:
    """Make a state the one that readers see.

    `epoch`, the current epoch, is written beside it for those who look at the graph with other tools.
    """
    query = f"MERGE (m:{names.meta} {{one: 1}}) SET m.state = $state, m.epoch = $epoch"
    given = {"state": state.text(), "epoch": state.current_epoch}
    connection.write(lambda transaction: transaction.run(query, given).consume())
    return state


def not_kept(generation: int) -> StoreError:
    """What is said of a generation that cannot be read."""
    return StoreError(
        f"graph generation {generation} is not kept (any more)", remedy="Ask again: newer data is there."
    )
