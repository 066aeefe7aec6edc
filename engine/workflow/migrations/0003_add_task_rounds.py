"""Add the rounds of loops and multi-instance bodies that a task stands in."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "workflow_0003"
down_revision = "workflow_0002"
branch_labels = None
depends_on: tuple[str, ...] | None = None


def upgrade() -> None:
    """Applies it."""
    rounds: sa.Column[list[int]] = sa.Column(
        "rounds", postgresql.ARRAY(sa.BigInteger()), server_default=sa.text("'{}'::bigint[]"), nullable=False
    )
    op.add_column("user_task", rounds)
