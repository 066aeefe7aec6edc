"""Report awaited messages."""

import sqlalchemy as sa
from alembic import op

revision = "kernel_0003"
down_revision = "kernel_0002"
branch_labels = None
depends_on: tuple[str, ...] | None = None


def upgrade() -> None:
    """Applies it."""
    op.add_column("outbox", sa.Column("awaited", sa.Boolean(), server_default="false", nullable=False))
    op.add_column("outbox", sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_outbox_awaited", "outbox", ["id"], unique=False, postgresql_where=sa.text("awaited AND reported_at IS NULL")
    )
