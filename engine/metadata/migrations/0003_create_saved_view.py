"""Create saved_view: the question of a list under a name."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "metadata_0003"
down_revision = "metadata_0002"
branch_labels = None
depends_on: tuple[str, ...] | None = None


def upgrade() -> None:
    """Applies it."""
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("parameters", JSONB(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_saved_view_user_id_app_user")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_saved_view_branch_id_branch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
    )
    op.create_index("ix_saved_view_user", "saved_view", ["user_id", "object"])
    op.create_index("ix_saved_view_branch", "saved_view", ["branch_id", "object"])
