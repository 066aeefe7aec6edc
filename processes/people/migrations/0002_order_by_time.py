"""Order by time: indexes for the newest leads, students, follow-ups."""

import sqlalchemy as sa
from alembic import op

revision = "people_0002"
down_revision = "people_0001"
branch_labels = None
depends_on: tuple[str, ...] | None = None


def upgrade() -> None:
    """Applies it."""
    alive = sa.text("deleted_at IS NULL")
    for table in ("lead", "student", "follow_up"):
        op.create_index(f"ix_{table}_created", table, ["created_at", "id"], postgresql_where=alive)
