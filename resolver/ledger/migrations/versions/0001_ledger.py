"""The ledger's tables and the triggers that keep them append-only."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = ("deliveries", "runs", "crosswalk_events", "judgements", "pointer_moves", "chained_events")
_SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create everything."""
    _received_and_run()
    _identities()
    _published_and_chained()
    if op.get_context().dialect.name == "postgresql":
        _protect_postgresql()
    else:
        _protect_sqlite()


def _received_and_run() -> None:
    op.create_table(
        "deliveries",
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
        sa.Column("received_at", sa.String(32), nullable=False),
        sa.Column("software_version", sa.String(32), nullable=False),
        sa.Column("receipt", sa.Text, nullable=False),
    )
    op.create_table(
        "runs",
        sa.Column("seq", _SEQUENCE, primary_key=True),
        sa.Column("run_id", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("snapshot", sa.BigInteger),
        sa.Column("manifest", sa.Text, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.UniqueConstraint("run_id", "state", name="runs_run_id_state"),
    )


def _identities() -> None:
    op.create_table(
        "crosswalk_events",
        sa.Column("event_id", _SEQUENCE, primary_key=True),
        sa.Column("snapshot", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("entity_id", sa.BigInteger, nullable=False),
        sa.Column("other_entity_id", sa.BigInteger),
        sa.Column("record_key", sa.BigInteger),
        sa.Column("at_reference_date", sa.Date, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
    )
    op.create_table(
        "judgements",
        sa.Column("judgement_id", _SEQUENCE, primary_key=True),
        sa.Column("decision", sa.String(16), nullable=False),
        sa.Column("record_key_l", sa.BigInteger, nullable=False),
        sa.Column("record_key_r", sa.BigInteger, nullable=False),
        sa.Column("undoes", sa.BigInteger, unique=True),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
    )


def _published_and_chained() -> None:
    op.create_table(
        "pointer_moves",
        sa.Column("seq", _SEQUENCE, primary_key=True),
        sa.Column("snapshot", sa.BigInteger, nullable=False),
        sa.Column("graph_generation", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("at", sa.String(32), nullable=False),
    )
    op.create_table(
        "chained_events",
        sa.Column("stream", sa.String(64), primary_key=True),
        sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("at", sa.String(32), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("previous_hash", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
    )


def _protect_sqlite() -> None:
    for table in _TABLES:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} BEGIN "
                f"SELECT RAISE(ABORT, 'the ledger is append-only: {verb} on {table} refused'); END"
            )


def _protect_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "RAISE EXCEPTION 'the ledger is append-only: % on % refused', TG_OP, TG_TABLE_NAME; END $$"
    )
    for table in _TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
