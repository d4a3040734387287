"""Which generations a graph in Neo4j has: the one property that makes a publish visible, whole, at one moment."""

import json
import secrets
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

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
        owner: The workspace whose graph this is; empty = nobody's yet.
    """

    current: int | None = None
    epochs: dict[int, int] = field(default_factory=dict)
    published: dict[int, tuple[str, int, int]] = field(default_factory=dict)
    last: int = 0
    unclean: bool = False
    origin: str = field(default_factory=lambda: secrets.token_hex(8))
    owner: str = ""

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
        return json.dumps({**told, "origin": self.origin, "owner": self.owner, "generations": generations})


def read_generations(runner: Runner, names: Names, owner: str = "") -> Generations:
    """The state of a graph as it is now.

    Args:
        runner: Runs the query.
        names: Names of the graph.
        owner: The workspace that asks; empty = whichever.

    Raises:
        StoreError: A newer version of this software wrote it, or it is the graph of another workspace.
    """
    return _state(rows(runner, f"MATCH (m:{names.meta} {{one: 1}}) RETURN m.state"), names, owner)


def _state(found: Iterable[Sequence[Any]], names: Names, owner: str) -> Generations:
    for (text,) in found:
        if text is None:
            continue
        told = json.loads(text)
        if told["format"] > FORMAT:
            raise StoreError(
                f"graph {names.graph} was made by a newer Guiyi (format {told['format']}; this one reads {FORMAT})",
                remedy="Update Guiyi, or name another graph in guiyi.toml (graph.name) and publish into that.",
            )
        epochs = {g: epoch for g, epoch, *_ in told["generations"]}
        published = {g: tuple(noted) for g, _, *noted in told["generations"]}
        its = told.get("owner", "")
        if owner and its and its != owner:
            raise _of_another(names, its, owner)
        return Generations(
            told["current"], epochs, published, told["last"], told["unclean"], told["origin"], its or owner
        )
    return Generations(owner=owner)


def write_generations(connection: Connection, names: Names, state: Generations) -> Generations:
    """Make a state the one that readers see.

    `epoch`, the current epoch, is written beside it for those who look at the graph with other tools.

    Raises:
        StoreError: Meanwhile it has become the graph of another workspace; nothing was changed.
    """
    given = {"state": state.text(), "epoch": state.current_epoch}

    def write(transaction: Any) -> None:
        # Setting a property locks the node: of two workspaces that begin at one moment the second sees the first.
        held = f"MERGE (m:{names.meta} {{one: 1}}) SET m.one = 1 RETURN m.state"
        _state(rows(transaction, held), names, state.owner)
        transaction.run(
            f"MATCH (m:{names.meta} {{one: 1}}) SET m.state = $state, m.epoch = $epoch", given
        ).consume()

    connection.write(write)
    return state


def _of_another(names: Names, its: str, owner: str) -> StoreError:
    return StoreError(
        f"graph {names.graph} is that of another workspace (it says {its}, this one is {owner}); "
        "nothing was read or changed",
        remedy="Name a graph of its own for each workspace (graph.name in guiyi.toml), then: guiyi publish --rebuild. "
        f"Only if that other workspace is gone and this one is to go on with its graph, write {its} into the file "
        "workspace.id of this one.",
    )


def not_kept(generation: int) -> StoreError:
    """What is said of a generation that cannot be read."""
    return StoreError(
        f"graph generation {generation} is not kept (any more)", remedy="Ask again: newer data is there."
    )
