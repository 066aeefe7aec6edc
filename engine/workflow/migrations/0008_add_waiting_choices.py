"""Note which cases wait for somebody to choose a step; keep each person's drafts of a task apart."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "workflow_0008"
down_revision = "workflow_0007"
branch_labels = None
depends_on: tuple[str, ...] | None = None


def upgrade() -> None:
    """Applies it."""
    choices: sa.Column[list[str]] = sa.Column(
        "choices", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'::text[]"), nullable=False
    )
    op.add_column("instance", choices)
    op.create_index("ix_instance_choices", "instance", ["id"], postgresql_where=sa.text("choices <> '{}'"))
    op.execute(
        "update user_task set draft = case when assignee is not null"
        " then jsonb_build_object(assignee, jsonb_build_object('values', draft)) end where draft is not null"
    )
