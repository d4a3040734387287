"""Indexes for asking where an entity went and came from."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create them."""
    op.create_index("crosswalk_events_entity_id", "crosswalk_events", ["entity_id"])
    op.create_index("crosswalk_events_other_entity_id", "crosswalk_events", ["other_entity_id"])
    op.create_index("crosswalk_events_snapshot", "crosswalk_events", ["snapshot", "kind"])
