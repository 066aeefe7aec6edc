"""Keep what processes write to their data stores."""

import sqlalchemy as sa
from alembic import op

revision = "workflow_0007"
down_revision = "workflow_0006"
branch_labels = None
depends_on: tuple[str, ...] | None = None


def upgrade() -> None:
    """Applies it."""
    op.create_table(
        "data_store",
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("instance_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("branch_id", "name", name=op.f("pk_data_store")),
        info={"room": "workflow"},
    )
