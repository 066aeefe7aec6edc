"""Mask in sharing rules: fields shown masked in rows that a rule alone opens."""

import sqlalchemy as sa
from alembic import op

revision = "metadata_0004"
down_revision = "metadata_0003"
branch_labels = None
depends_on: tuple[str, ...] | None = None


def upgrade() -> None:
    """Applies it; the pool that every branch shares with its consultants hides the families' numbers from now on."""
    op.add_column("sharing_rule", sa.Column("masked", sa.ARRAY(sa.Text()), server_default="{}", nullable=False))
    op.execute(
        "UPDATE sharing_rule SET masked = '{phone,phone2}' WHERE object = 'lead' AND name = '公海' AND role = 'sales'"
    )
