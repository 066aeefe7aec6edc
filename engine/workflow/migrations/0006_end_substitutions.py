"""Note which substitutions have ended and given back what was not begun."""

import sqlalchemy as sa
from alembic import op

revision = "workflow_0006"
down_revision = "workflow_0005"
branch_labels = None
depends_on: tuple[str, ...] | None = None


def upgrade() -> None:
    """Applies it."""
    is_over: sa.Column[bool] = sa.Column("is_over", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    op.add_column("substitution", is_over)
    op.create_index("ix_substitution_due", "substitution", ["ends_at"], postgresql_where=sa.text("not is_over"))
