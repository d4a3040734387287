"""What is published now, pinned for the time of a request: one snapshot, one graph generation, never half of each."""

import weakref
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from functools import cached_property
from threading import Lock
from typing import Any

import pyarrow as pa
from graph.liability import liability_leads
from resolver.linkage.index import MatchIndex
from resolver.linkage.model import Model

from graph.rule import Rule
from graph.rules.catalogue import load_catalogue
from graph.sqlite_store import SqliteStore
from graph.store import GraphStore, GraphView, Scope
from resolver.entities.doubtful import doubtful_pairs
from resolver.errors import SnapshotError
from resolver.ledger.ledger import Ledger, Pointer
from resolver.lookup import Lookup
from resolver.snapshot import Snapshot
from resolver.workspace import Workspace


class Published:
    """One published snapshot with its graph generation. It cannot be deleted while this object lives."""

    def __init__(self, workspace: Workspace, store: GraphStore, pointer: Pointer) -> None:
        self.snapshot = Snapshot.open(workspace, pointer.snapshot)
        self.generation = pointer.graph_generation
        self.lookup = Lookup(self.snapshot)
        self.model = Model.read(workspace.models / f"{self.snapshot.manifest['model_version']}.json")
        self._store = store
        self._building = Lock()
        held = ExitStack()
        held.enter_context(self.snapshot.hold())
        weakref.finalize(self, held.close)

    def view(self, scope: Scope) -> GraphView:
        """The graph as a caller may see it."""
        return self._store.view(self.generation, scope)

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """The rules of this software, by id."""
        return load_catalogue().rules

    @cached_property
    def finding_index(self) -> "FindingIndex":
        """Findings of the snapshot, the gravest first."""
        return FindingIndex(self.snapshot.read("findings").to_pylist())

    @cached_property
    def leads(self) -> list[dict[str, Any]]:
        """Third-party-liability leads, strongest evidence first."""
        leads: list[dict[str, Any]] = liability_leads(self.snapshot).to_pylist()
        return leads

    def doubtful_pairs(self, start: int) -> Iterator[dict[str, Any]]:
        """Pairs of persons kept apart although a link between them is doubtful, from position `start` on."""
        for batch in self._doubtful.slice(start).to_batches(max_chunksize=256):
            yield from batch.to_pylist()

    @cached_property
    def _doubtful(self) -> pa.Table:
        return doubtful_pairs(self.snapshot)

    @property
    def matcher(self) -> MatchIndex:
        """The one-record match; made at its first use."""
        with self._building:
            return self._matcher

    @cached_property
    def _matcher(self) -> MatchIndex:
        return MatchIndex.build(self.snapshot.read("records"), self.snapshot.read("members"), self.model)


class FindingIndex:
    """Findings in the order of lists (severity, rule, key), and those of one person."""

    def __init__(self, findings: list[dict[str, Any]]) -> None:
        self.all = sorted(findings, key=lambda f: (f["severity"], f["rule"], f["finding_key"]))
        self._of_person: dict[int, list[dict[str, Any]]] = {}
        for finding in self.all:
            for person in {finding["person_id"], finding["other_person_id"]} - {None}:
                self._of_person.setdefault(person, []).append(finding)

    def of_person(self, person_id: int) -> list[dict[str, Any]]:
        """Findings about a person, on either side."""
        return self._of_person.get(person_id, [])


class Publications:
    """Gives the current `Published`, and a new one once the ledger's pointer has moved."""

    def __init__(self, workspace: Workspace, ledger: Ledger) -> None:
        self._workspace = workspace
        self.ledger = ledger
        self._store: GraphStore = SqliteStore(workspace.graph_db)
        self._pinned: tuple[Pointer, Published] | None = None
        self._lock = Lock()

    def current(self) -> Published:
        """What is published now.

        Raises:
            SnapshotError: Nothing is published, or what is cannot be read.
        """
        pointer = self.ledger.pointer()
        if pointer is None:
            raise SnapshotError(
                "nothing is published in this workspace", remedy="Run `guiyi month PATH` or `guiyi publish`."
            )
        with self._lock:
            if self._pinned is None or self._pinned[0] != pointer:
                self._pinned = (pointer, Published(self._workspace, self._store, pointer))
            return self._pinned[1]

    def close(self) -> None:
        """Close the graph store."""
        self._pinned = None
        self._store.close()
