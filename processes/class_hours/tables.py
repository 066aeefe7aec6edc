"""Tables of `class_hours`. The row constraints are the rules of the ledger: code cannot break them."""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, Index, Table, text

from engine.kernel.database import metadata
from engine.metadata.tables import object_table

_OBJECTS = Path(__file__).parent / "objects"

hour_lot = object_table(_OBJECTS / "hour_lot.yaml")
attendance_charge = object_table(_OBJECTS / "attendance_charge.yaml")
hour_entry = object_table(_OBJECTS / "hour_entry.yaml")
contract_hold = object_table(_OBJECTS / "contract_hold.yaml")

accounting_period = Table(
    "accounting_period",
    metadata,
    Column("period", sa.Text(), primary_key=True),
    Column("closed_at", sa.DateTime(timezone=True), nullable=False),
    Column("closed_by", sa.Text(), nullable=False),
    CheckConstraint(r"period ~ '^\d{4}-\d{2}$'", name="period"),
    info={"room": "class_hours"},
)
"""Closed months; a month without a row is open."""

for _table, _names in (
    (
        hour_lot,
        ("student_id", "kind", "unit", "bought_quantity", "bought_amount", "quantity", "amount", "frozen",
         "priority", "opened_on", "business_key"),
    ),
    (
        hour_entry,
        ("lot_id", "student_id", "kind", "quantity", "amount", "frozen", "business_date", "period", "business_key"),
    ),
    (
        attendance_charge,
        ("student_id", "lesson_id", "revision", "kind", "hours", "lessons", "quantity", "amount", "debt",
         "business_date", "stage"),
    ),
    (contract_hold, ("contract_id", "purpose", "held_at")),
):  # fmt: skip
    for _name in _names:
        _table.c[_name].nullable = False

hour_lot.append_constraint(
    CheckConstraint(
        "CASE WHEN kind = 'DEBT' THEN quantity <= 0 AND amount <= 0 AND frozen = 0"
        " ELSE quantity >= 0 AND amount >= 0 AND frozen BETWEEN 0 AND quantity END",
        name="balance",
    )
)
hour_lot.append_constraint(CheckConstraint("quantity <> 0 OR amount = 0", name="no_value_without_hours"))
hour_lot.append_constraint(CheckConstraint("bought_quantity >= 0 AND bought_amount >= 0", name="bought"))
hour_entry.append_constraint(CheckConstraint("(kind = 'REVERSAL') = (reversal_of IS NOT NULL)", name="reversal"))
hour_entry.append_constraint(CheckConstraint(r"period ~ '^\d{4}-\d{2}$'", name="period"))

Index("ux_hour_lot_debt", hour_lot.c.student_id, hour_lot.c.unit, unique=True, postgresql_where=text("kind = 'DEBT'"))
Index("ux_hour_entry_key", hour_entry.c.business_key, unique=True)
Index("ux_hour_entry_reversed_once", hour_entry.c.reversal_of, unique=True,
      postgresql_where=text("reversal_of IS NOT NULL"))  # fmt: skip
Index("ux_hour_entry_charge_lot", hour_entry.c.charge_id, hour_entry.c.lot_id, unique=True,
      postgresql_where=text("charge_id IS NOT NULL AND reversal_of IS NULL"))  # fmt: skip
Index("ux_attendance_charge_live", attendance_charge.c.student_id, attendance_charge.c.lesson_id, unique=True,
      postgresql_where=text("stage = 'charged'"))  # fmt: skip
Index("ux_attendance_charge_revision", attendance_charge.c.student_id, attendance_charge.c.lesson_id,
      attendance_charge.c.revision, unique=True)  # fmt: skip
Index("ux_contract_hold_live", contract_hold.c.contract_id, unique=True,
      postgresql_where=text("released_at IS NULL"))  # fmt: skip
