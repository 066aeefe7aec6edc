"""Add branch overlays of processes, and votes that were taken back."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "workflow_0002"
down_revision = "workflow_0001"
branch_labels = None
depends_on: tuple[str, ...] | None = None


def upgrade() -> None:
    """Applies it."""
    op.add_column("user_task", sa.Column("annulled_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "process_overlay",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("process_key", sa.Text(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("tasks", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("files", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("saved_by", sa.Text(), nullable=False),
        sa.Column("saved_by_name", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decided_by_name", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "status in ('waiting', 'active', 'replaced', 'refused', 'withdrawn')",
            name=op.f("ck_process_overlay_status"),
        ),
        sa.ForeignKeyConstraint(["process_key"], ["process.key"], name=op.f("fk_process_overlay_process_key")),
        sa.ForeignKeyConstraint(["version_id"], ["process_version.id"], name=op.f("fk_process_overlay_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_process_overlay")),
        sa.UniqueConstraint(
            "process_key", "branch_id", "number", name=op.f("uq_process_overlay_process_key_branch_id_number")
        ),
        info={"room": "workflow"},
    )
    op.create_index(
        "uq_process_overlay_active",
        "process_overlay",
        ["process_key", "branch_id"],
        unique=True,
        postgresql_where=sa.text("status = 'active'"),
    )
