"""Create duty_run."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "kernel_0004"
down_revision = "kernel_0003"
branch_labels = None
depends_on: tuple[str, ...] | None = None


def upgrade() -> None:
    """Applies it."""
    op.create_table(
        "duty_run",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="1", nullable=False),
        sa.Column("ran_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retry_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "result", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.CheckConstraint("state IN ('done', 'failed')", name=op.f("ck_duty_run_state")),
        sa.PrimaryKeyConstraint("name", "place", "period", name=op.f("pk_duty_run")),
        info={"room": "kernel"},
    )
    op.create_index("ix_duty_run_ran_at", "duty_run", ["ran_at"], unique=False)
