"""The ledger's tables, as the newest migration leaves them. All are append-only: triggers refuse the rest."""

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

REVISION = (
    "0003"  # the newest migration in `migrations/versions`; a ledger at another one is migrated or refused
)


class Instant(sa.types.TypeDecorator[datetime]):
    """A moment as text: ISO 8601, UTC with its offset, 24 hours, microseconds. Sorts as time does."""

    impl = sa.String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else instant_text(value)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        return None if value is None else datetime.fromisoformat(value)


class Document(sa.types.TypeDecorator[Any]):
    """A JSON document as canonical text, the same bytes in every database."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str | None:  # noqa: ARG002
        return None if value is None else canonical_json(value)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Any:  # noqa: ARG002
        return None if value is None else json.loads(value)


def instant_text(moment: datetime) -> str:
    """Write a moment as the ledger stores it, e.g. `2025-03-31T13:00:00.000000+00:00`.

    Raises:
        ValueError: The moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def canonical_json(document: Any) -> str:
    """Write a document so that equal documents give equal text."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


metadata = sa.MetaData()

# SQLite numbers rows by itself only where the key is spelt INTEGER.
_Sequence = sa.BigInteger().with_variant(sa.Integer, "sqlite")

deliveries = sa.Table(
    "deliveries",
    metadata,
    sa.Column("delivery_id", sa.String(10), primary_key=True),
    sa.Column("feed", sa.String(16), nullable=False),
    sa.Column("period", sa.Date, nullable=False),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("extent", sa.String(8), nullable=False),
    sa.Column("n_rows", sa.BigInteger, nullable=False),
    sa.Column("n_accepted", sa.BigInteger, nullable=False),
    sa.Column("n_quarantined", sa.BigInteger, nullable=False),
    sa.Column("zero", sa.Boolean, nullable=False),
    sa.Column("complete", sa.Boolean, nullable=False),
    sa.Column("received_at", Instant, nullable=False),
    sa.Column("software_version", sa.String(32), nullable=False),
    sa.Column("receipt", Document, nullable=False),
)

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("seq", _Sequence, primary_key=True),
    sa.Column("run_id", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("snapshot", sa.BigInteger),
    sa.Column("manifest", Document, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.UniqueConstraint("run_id", "state", name="runs_run_id_state"),
)

crosswalk_events = sa.Table(
    "crosswalk_events",
    metadata,
    sa.Column("event_id", _Sequence, primary_key=True),
    sa.Column("snapshot", sa.BigInteger, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("event", sa.String(16), nullable=False),
    sa.Column("entity_id", sa.BigInteger, nullable=False),
    sa.Column("other_entity_id", sa.BigInteger),
    sa.Column("record_key", sa.BigInteger),
    sa.Column("at_reference_date", sa.Date, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Index("crosswalk_events_entity_id", "entity_id"),
    sa.Index("crosswalk_events_other_entity_id", "other_entity_id"),
    sa.Index("crosswalk_events_snapshot", "snapshot", "kind"),
)

judgements = sa.Table(
    "judgements",
    metadata,
    sa.Column("judgement_id", _Sequence, primary_key=True),
    sa.Column("decision", sa.String(16), nullable=False),
    sa.Column("record_key_l", sa.BigInteger, nullable=False),
    sa.Column("record_key_r", sa.BigInteger, nullable=False),
    sa.Column("undoes", sa.BigInteger, unique=True),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("statement_id", sa.BigInteger),  # null: itself
    sa.Column("witness_l", Document),
    sa.Column("witness_r", Document),
    sa.Column("request_key", sa.String(128)),
    sa.Column("request_hash", sa.String(64)),
    sa.Index("judgements_request_key", "request_key", unique=True),
)

pointer_moves = sa.Table(
    "pointer_moves",
    metadata,
    sa.Column("seq", _Sequence, primary_key=True),
    sa.Column("snapshot", sa.BigInteger, nullable=False),
    sa.Column("graph_generation", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
)

chained_events = sa.Table(
    "chained_events",
    metadata,
    sa.Column("stream", sa.String(64), primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("previous_hash", sa.String(64), nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)
