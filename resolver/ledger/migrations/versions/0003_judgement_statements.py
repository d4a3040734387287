"""Judgements: statements of several, the rows that gave the judged records, and which request made them."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("judgements", sa.Column("statement_id", sa.BigInteger))
    op.add_column("judgements", sa.Column("witness_l", sa.Text))
    op.add_column("judgements", sa.Column("witness_r", sa.Text))
    op.add_column("judgements", sa.Column("request_key", sa.String(128)))
    op.add_column("judgements", sa.Column("request_hash", sa.String(64)))
    op.create_index("judgements_request_key", "judgements", ["request_key"], unique=True)
