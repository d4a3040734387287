"""The ledger: what was received, run, decided and published. Everything else is rebuilt from it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

import pyarrow as pa
import sqlalchemy as sa

from resolver.errors import DeliveryError, WorkspaceError
from resolver.ledger import chain, history, judgement_rows, tables
from resolver.ledger.chain import ChainedEvent, ChainHead, ChainReport
from resolver.ledger.delivery import Delivery
from resolver.ledger.engine import open_engine, reading, writing
from resolver.ledger.history import CrosswalkEvent
from resolver.ledger.judgement import Judgement, effective
from resolver.ledger.judgement_rows import Request

_LAST_MOVE = sa.select(tables.pointer_moves).order_by(tables.pointer_moves.c.seq.desc()).limit(1)


@dataclass(frozen=True)
class Pointer:
    """What is published: a snapshot and the graph generation made from it."""

    snapshot: int
    graph_generation: int


@dataclass(frozen=True)
class PointerMove:
    """One row of `pointer_moves`."""

    snapshot: int
    graph_generation: int
    reason: str
    at: datetime


@dataclass(frozen=True)
class Run:
    """A run; `finished_at` is None while it runs, and for ever if it was interrupted.

    Attributes:
        run_id: Counts from 1.
        kind: What ran, e.g. `resolve`, `train`.
        snapshot: What it made, once finished; None when it made none.
        manifest: Inputs as given at the start, updated by what was given at the end.
        started_at: When it started.
        finished_at: When it finished.
    """

    run_id: int
    kind: str
    snapshot: int | None
    manifest: dict[str, Any]
    started_at: datetime
    finished_at: datetime | None


class Ledger:
    """An open ledger. Safe to use from several threads; processes take turns at writing.

    Every method raises WorkspaceError when the database cannot be read or written; then nothing was changed.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str) -> "Ledger":
        """Open a ledger, made or migrated if need be.

        Args:
            url: SQLAlchemy URL, as `Workspace.ledger_url` gives it.

        Raises:
            WorkspaceError: It cannot be opened or written, or a newer version of Guiyi made it.
        """
        return cls(open_engine(url))

    def close(self) -> None:
        """Give the database back."""
        self._engine.dispose()

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    # Deliveries

    def deliveries(self, feed: str | None = None) -> list[Delivery]:
        """Deliveries of one feed, or all; by feed, period and id, whatever their order of arrival."""
        table = tables.deliveries.c
        query = sa.select(tables.deliveries).order_by(table.feed, table.period, table.delivery_id)
        if feed is not None:
            query = query.where(table.feed == feed)
        with reading(self._engine) as connection:
            return [Delivery(*row) for row in connection.execute(query)]

    def record_delivery(self, delivery: Delivery) -> bool:
        """Record a delivery; False, and nothing changed, when it is already there.

        Raises:
            DeliveryError: Another file has the same delivery id.
        """
        table = tables.deliveries.c
        present = sa.select(table.sha256, table.file_name).where(table.delivery_id == delivery.delivery_id)
        with writing(self._engine) as connection:
            found = connection.execute(present).first()
            if found is None:
                connection.execute(tables.deliveries.insert(), [asdict(delivery)])
                return True
        if found.sha256 != delivery.sha256:
            raise DeliveryError(
                f"{delivery.file_name} has the same delivery id {delivery.delivery_id} as another file, "
                f"{found.file_name}",
                remedy="Ask the department to save the file again (any change gives it another id).",
            )
        return False

    # Runs

    def start_run(self, kind: str, manifest: dict[str, Any], at: datetime) -> int:
        """Record that a run starts, with its inputs; returns its number."""
        with writing(self._engine) as connection:
            last = connection.execute(sa.select(sa.func.max(tables.runs.c.run_id))).scalar()
            run_id = int(last or 0) + 1
            row = {"run_id": run_id, "kind": kind, "state": "started", "manifest": manifest, "at": at}
            connection.execute(tables.runs.insert(), [row])
        return run_id

    def finish_run(self, run_id: int, snapshot: int | None, manifest: dict[str, Any], at: datetime) -> None:
        """Record that a run finished.

        Raises:
            WorkspaceError: There is no such run, or it has finished already.
        """
        table = tables.runs.c
        rows = sa.select(table.kind, table.state).where(table.run_id == run_id)
        with writing(self._engine) as connection:
            states = {row.state: row.kind for row in connection.execute(rows)}
            if set(states) != {"started"}:
                raise WorkspaceError(
                    f"run {run_id} cannot finish: it {'has finished' if states else 'never started'}"
                )
            row = {
                "run_id": run_id, "kind": states["started"], "state": "finished",
                "snapshot": snapshot, "manifest": manifest, "at": at,
            }  # fmt: skip
            connection.execute(tables.runs.insert(), [row])

    def runs(self) -> list[Run]:
        """All runs, oldest first."""
        found: dict[int, Run] = {}
        with reading(self._engine) as connection:
            for row in connection.execute(sa.select(tables.runs).order_by(tables.runs.c.seq)):
                if row.state == "started":
                    found[row.run_id] = Run(row.run_id, row.kind, None, row.manifest, row.at, None)
                else:
                    run = found[row.run_id]
                    manifest = {**run.manifest, **row.manifest}
                    found[row.run_id] = replace(
                        run, snapshot=row.snapshot, manifest=manifest, finished_at=row.at
                    )
        return list(found.values())

    # Crosswalk

    def append_crosswalk(
        self, events: pa.Table, kind: str, snapshot: int, reference_date: date, at: datetime
    ) -> int:
        """Append what `resolver.entities.crosswalk.assign` found for a snapshot, before it is published.

        A repeated call for the same snapshot and kind (a resumed run) changes nothing.

        Args:
            events: `event`, `entity_id`, `other_entity_id`, `record_key`.
            kind: `person` or `organisation`.
            snapshot: Number of the snapshot.
            reference_date: Of the run.
            at: Now.

        Returns:
            Number of events written.
        """
        shared = {"snapshot": snapshot, "kind": kind, "at_reference_date": reference_date, "at": at}
        with writing(self._engine) as connection:
            return history.append(connection, events, shared)

    def entity_history(self, entity_id: int, as_of: date | None = None) -> list[CrosswalkEvent]:
        """What happened to an entity id in the published snapshots, oldest first.

        Args:
            entity_id: The id.
            as_of: A moment (datetime): as it was published then. A day (date): by reference dates up to it.

        Returns:
            Events that name the id on either side. None says `created` for entities of the first snapshot.
        """
        with reading(self._engine) as connection:
            return history.events_of(connection, entity_id, as_of)

    def resolve_entity(self, entity_id: int, as_of: date | None = None) -> int | None:
        """The id under which an entity is found: itself, or the one it was merged into; None once retired.

        Args:
            entity_id: Any id that was ever given out.
            as_of: As in `entity_history`.
        """
        with reading(self._engine) as connection:
            return history.resolve(connection, entity_id, as_of)

    def created_entities(self, kind: str) -> pa.Table:
        """`entity_id`, `snapshot`: first snapshot of entities made after the very first; others are older."""
        with reading(self._engine) as connection:
            return history.created(connection, kind)

    def left_entities(self, kind: str) -> pa.Table:
        """`record_key`, `entity_id`, `snapshot`: the entity that each moved record left last, and when."""
        with reading(self._engine) as connection:
            return history.left_entities(connection, kind)

    # Judgements

    def judgements(self) -> list[Judgement]:
        """The judgements that hold: `same` and `different` not undone, oldest first."""
        return effective(self.all_judgements())

    def all_judgements(self) -> list[Judgement]:
        """Every judgement ever made, the undone ones and the undoing ones too, oldest first."""
        with reading(self._engine) as connection:
            return judgement_rows.every(connection)

    def add_judgement(self, judgement: Judgement) -> Judgement:
        """Record that two records are the same or different; returns the judgement with its number.

        Raises:
            ContradictionError: Earlier judgements say otherwise; the error names all that are involved.
            LinkageError: The judgement is about one record only, or is an `undo` (see `undo_judgement`).
        """
        return self.state_judgements([judgement])[0]

    def state_judgements(
        self, statement: Sequence[Judgement], request: Request | None = None
    ) -> list[Judgement]:
        """Record judgements that were made together, all or none; returns them with their numbers.

        Args:
            statement: One or more, by one actor at one time; see `resolver.ledger.judgement.statement_pairs`.
            request: Makes a repeated request known: nothing is recorded again, the first answer is given again.

        Raises:
            ContradictionError: Earlier judgements say otherwise; the error names all that are involved.
            LinkageError: One is about one record only, or is an `undo`.
            RequestReusedError: The request came before and asked something else.
        """
        with writing(self._engine) as connection:
            return judgement_rows.state(connection, statement, request)

    def undo_judgement(self, judgement_id: int, actor: str, reason: str, at: datetime) -> Judgement:
        """Take back the statement of a judgement; returns the `undo`, of several the first.

        Raises:
            NotHoldingError: No judgement of that number holds.
        """
        return self.undo_statement(judgement_id, Judgement("undo", 0, 0, actor, reason, at))[0]

    def undo_statement(
        self, judgement_id: int, said: Judgement, request: Request | None = None
    ) -> list[Judgement]:
        """Take back what still holds of the statement that a judgement belongs to.

        Args:
            judgement_id: Number of any judgement of the statement that holds.
            said: An `undo` that gives actor, reason and time.
            request: As in `state_judgements`.

        Raises:
            NotHoldingError: No judgement of that number holds.
            RequestReusedError: The request came before and asked something else.
        """
        with writing(self._engine) as connection:
            return judgement_rows.undo(connection, judgement_id, said, request)

    def adopt_judgements(self, listed: Sequence[Judgement], now: datetime) -> list[Judgement]:
        """Record judgements of another ledger with their actors and times, all or none; those here are skipped.

        Args:
            listed: In the order they were made, undone ones and their undoing too; numbered as in the other ledger.
            now: When they are adopted.

        Returns:
            The new ones, with the numbers they have here.

        Raises:
            ContradictionError: What holds of them cannot stand beside what holds here.
            LinkageError: One is about one record only, or undoes what does not stand before it.
        """
        with writing(self._engine) as connection:
            return judgement_rows.adopt(connection, listed, now)

    def verify_judgements(self, exported: ChainHead | None = None) -> ChainReport:
        """Check that no judgement was edited, reordered or removed; with an exported head, not cut off either."""
        with reading(self._engine) as connection:
            return judgement_rows.verify(connection, exported)

    # Pointer

    def pointer(self) -> Pointer | None:
        """What is published now; None before the first publication."""
        with reading(self._engine) as connection:
            last = connection.execute(_LAST_MOVE).first()
        return None if last is None else Pointer(last.snapshot, last.graph_generation)

    def move_pointer(self, snapshot: int, graph_generation: int, reason: str, at: datetime) -> None:
        """Publish: from the return of this call on, readers see this snapshot and graph generation."""
        row = {"snapshot": snapshot, "graph_generation": graph_generation, "reason": reason, "at": at}
        with writing(self._engine) as connection:
            connection.execute(tables.pointer_moves.insert(), [row])

    def pointer_moves(self) -> list[PointerMove]:
        """All moves of the pointer, oldest first."""
        query = sa.select(tables.pointer_moves).order_by(tables.pointer_moves.c.seq)
        with reading(self._engine) as connection:
            return [PointerMove(*row[1:]) for row in connection.execute(query)]

    def lineage(self) -> list[int]:
        """The published snapshot and those it was made from, newest first."""
        with reading(self._engine) as connection:
            return history.published_lineage(connection)

    # Chained streams

    def append_chained(self, stream: str, bodies: Sequence[dict[str, Any]], at: datetime) -> list[int]:
        """Append events to a hash-chained stream in one transaction; on disk when this returns.

        Args:
            stream: Name of the stream.
            bodies: JSON documents. Many at once cost little more than one.
            at: Now.

        Returns:
            Their numbers, counted from 1 without gaps.
        """
        with writing(self._engine) as connection:
            return chain.append(connection, stream, bodies, at)

    def read_chained(self, stream: str, after: int = 0, limit: int = 1000) -> list[ChainedEvent]:
        """Up to `limit` events of a stream numbered above `after`, in order."""
        with reading(self._engine) as connection:
            return chain.read(connection, stream, after, limit)

    def chain_head(self, stream: str) -> ChainHead:
        """Number and hash of the stream's last event: to be kept elsewhere and given to `verify_chain`."""
        with reading(self._engine) as connection:
            return chain.head(connection, stream)

    def verify_chain(self, stream: str, exported: ChainHead | None = None) -> ChainReport:
        """Check that no event was edited, reordered or removed; with an exported head, not cut off either."""
        with reading(self._engine) as connection:
            return chain.verify(connection, stream, exported)
