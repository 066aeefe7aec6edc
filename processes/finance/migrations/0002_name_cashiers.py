"""Name the cashier of payments and closings by the user, not by a text."""

from alembic import op

revision = "finance_0002"
down_revision = "finance_0001"
branch_labels = None
depends_on = None

_USER = "CASE WHEN cashier ~ '^[0-9a-f-]{36}$' THEN cashier::uuid END"


def upgrade() -> None:
    """Applies it. Payments that a process booked name nobody."""
    op.execute("ALTER TABLE payment ALTER COLUMN cashier DROP NOT NULL")
    op.execute(f"ALTER TABLE payment ALTER COLUMN cashier TYPE uuid USING {_USER}")
    op.execute(f"ALTER TABLE cashier_closing ALTER COLUMN cashier TYPE uuid USING {_USER}")
