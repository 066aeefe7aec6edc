"""Keep the large values of cases beside their state."""

import sqlalchemy as sa
from alembic import op

revision = "workflow_0005"
down_revision = "workflow_0004"
branch_labels = None
depends_on: tuple[str, ...] | None = None


def upgrade() -> None:
    """Applies it."""
    op.create_table(
        "instance_value",
        sa.Column("instance_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("instance_id", "digest", name=op.f("pk_instance_value")),
        info={"room": "workflow"},
    )
