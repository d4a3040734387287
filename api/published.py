"""What is published now, pinned for the time of a request: one snapshot, one graph generation, never half of each."""

import weakref
from collections.abc import Mapping
from contextlib import ExitStack
from functools import cached_property
from threading import Lock
from typing import Any

import pyarrow as pa

from api.lists import Lists, VisibleLists
from graph.liability import liability_leads
from graph.rule import Rule
from graph.rules.catalogue import load_catalogue
from graph.store import GraphStore, GraphView, Scope
from graph.stores import open_store
from resolver.entities.doubtful import doubtful_pairs
from resolver.errors import SnapshotError
from resolver.ledger.ledger import Ledger, Pointer
from resolver.linkage.index import MatchIndex
from resolver.linkage.model import Model
from resolver.lookup import Lookup
from resolver.match_index import open_match_index
from resolver.snapshot import Snapshot
from resolver.workspace import Workspace


class Published:
    """One published snapshot with its graph generation. It cannot be deleted while this object lives."""

    def __init__(self, workspace: Workspace, store: GraphStore, pointer: Pointer) -> None:
        self.snapshot = Snapshot.open(workspace, pointer.snapshot)
        self.generation = pointer.graph_generation
        self.lookup = Lookup(self.snapshot)
        self._own_rules = workspace.rules
        self.model = Model.read(workspace.models / f"{self.snapshot.manifest['model_version']}.json")
        self._store = store
        self._lock = Lock()
        self._match_lock = Lock()
        self._is_warm = False
        self._views: dict[Scope, GraphView] = {}
        self._visible: dict[Scope, VisibleLists] = {}
        held = ExitStack()
        held.enter_context(self.snapshot.hold())
        weakref.finalize(self, held.close)

    def view(self, scope: Scope) -> GraphView:
        """The graph as a caller may see it."""
        if scope not in self._views:
            self._views[scope] = self._store.view(self.generation, scope)
        return self._views[scope]

    def visible(self, scope: Scope) -> VisibleLists:
        """Findings, leads and possible duplicates as a caller may see them; worked out once per scope."""
        with self._lock:
            if scope not in self._visible:
                self._visible[scope] = VisibleLists(self._lists, self.view(scope))
            return self._visible[scope]

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """The rules of this software and of the workspace, by id."""
        return load_catalogue(self._own_rules).rules

    @property
    def findings(self) -> pa.Table:
        """Findings of the snapshot, the gravest first."""
        with self._lock:
            return self._lists.findings

    def findings_of(self, person_id: int) -> list[dict[str, Any]]:
        """All findings about a person, on either side."""
        with self._lock:
            return self._lists.findings_of(person_id)

    @property
    def matcher(self) -> MatchIndex:
        """The one-record match; opened at its first use."""
        with self._match_lock:
            return self._matcher

    def warm(self) -> bool:
        """Make now what the first request for it would otherwise wait for; the match is in memory, its code loaded.

        Returns:
            Whether anything was left to make ready.
        """
        if self._is_warm:
            return False
        self.matcher.read()
        for record in self.lookup.person_records.slice(0, 1).to_pylist():
            self.matcher.match(record, 1)
        self.visible(Scope())
        self._is_warm = True
        return True

    @cached_property
    def _lists(self) -> Lists:
        regions = (
            self.snapshot.read("golden", ["person_id", "region"]),
            self.snapshot.read("golden_organisations", ["organisation_id", "region"]),
        )
        findings = self.snapshot.read("findings")
        return Lists(findings, liability_leads(self.snapshot), doubtful_pairs(self.snapshot), regions)

    @cached_property
    def _matcher(self) -> MatchIndex:
        return open_match_index(self.snapshot, self.lookup, self.model)


class Publications:
    """Holds the current `Published`; `refresh` replaces it once the ledger's pointer has moved."""

    def __init__(self, workspace: Workspace, ledger: Ledger) -> None:
        self._workspace = workspace
        self.ledger = ledger
        self._store: GraphStore = open_store(workspace)
        self._pinned: tuple[Pointer, Published] | None = None
        self._lock = Lock()

    def refresh(self) -> None:
        """Look whether another snapshot is published. One that cannot be opened is not served, nor the one before."""
        pointer = self.ledger.pointer()
        with self._lock:
            if pointer is None:
                self._pinned = None
            elif self._pinned is None or self._pinned[0] != pointer:
                self._pinned = None
                self._pinned = (pointer, Published(self._workspace, self._store, pointer))

    def current(self) -> Published:
        """What was published at the last `refresh`.

        Raises:
            SnapshotError: Nothing is, or it cannot be read.
        """
        pinned = self._pinned
        if pinned is None:
            raise SnapshotError(
                "nothing is published in this workspace", remedy="Run `guiyi month PATH` or `guiyi publish`."
            )
        return pinned[1]

    def warm(self) -> bool:
        """Make ready what is published now; whether anything was left to make ready."""
        pinned = self._pinned
        return pinned is not None and pinned[1].warm()

    def close(self) -> None:
        """Close the graph store."""
        self._pinned = None
        self._store.close()
