"""Tables of `contracts`: contracts, their lines, price rules."""

from pathlib import Path

from sqlalchemy import CheckConstraint

from engine.metadata.tables import object_table

_OBJECTS = Path(__file__).parent / "objects"

price_rule = object_table(_OBJECTS / "price_rule.yaml")
contract = object_table(_OBJECTS / "contract.yaml")
contract_line = object_table(_OBJECTS / "contract_line.yaml")

for _table, _names in (
    (price_rule, ("unit_price",)),
    (contract, ("number", "student_id", "stage", "list_amount", "discount_amount", "net_amount", "refund_terms")),
    (
        contract_line,
        ("contract_id", "course_id", "unit", "unit_price", "paid_quantity", "gift_quantity", "list_amount",
         "discount_share", "net_amount", "settled_amount"),
    ),
):  # fmt: skip
    for _name in _names:
        _table.c[_name].nullable = False

contract.append_constraint(CheckConstraint("discount_amount BETWEEN 0 AND list_amount", name="discount"))
contract_line.append_constraint(CheckConstraint("net_amount = list_amount - discount_share", name="net_amount"))
contract_line.append_constraint(CheckConstraint("net_amount >= 0 AND settled_amount >= 0", name="amounts"))
contract_line.append_constraint(CheckConstraint("paid_quantity >= 0 AND gift_quantity >= 0", name="quantities"))
price_rule.append_constraint(CheckConstraint("unit_price >= 0", name="unit_price"))
