"""The drafter's form values as a contract draft, and back."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from engine.kernel.money import fen
from engine.kernel.uow import Tx
from processes.contracts.api import ContractFacts, Draft, DraftLine, GiftPolicy
from processes.record_values import read


def draft_of(tx: Tx, found: ContractFacts, values: Mapping[str, Any]) -> Draft:
    """The draft that replaces a contract's figures; what the form does not say stays."""
    kept = read(tx, "contract", found.id)
    return Draft(
        student_id=found.student_id,
        branch_id=found.branch_id,
        owner_id=found.owner_id,
        lines=draft_lines(tx, values["lines"]),
        discount_amount=fen(_given(values, "discount_amount", found.discount_amount)),
        discount_reason=_given(values, "discount_reason", kept["discount_reason"]) or "",
        kind=kept["kind"] or "new",
        customer_type=kept["customer_type"],
        valid_from=kept["valid_from"],
        valid_to=kept["valid_to"],
        instalments=int(_given(values, "instalments_wanted", found.instalments_wanted)),
        renewed_from=kept["renewed_from"],
        is_identity_checked=bool(_given(values, "is_identity_checked", kept["is_identity_checked"])),
        is_cost_approved=bool(_given(values, "is_cost_approved", kept["is_cost_approved"])),
        refund_terms=found.refund_terms,
        remark=_given(values, "remark", kept["remark"]) or "",
    )


def draft_lines(tx: Tx, rows: list[Mapping[str, Any]]) -> tuple[DraftLine, ...]:
    """Lines of the form as draft lines, named after their courses."""
    return tuple(_line(tx, row) for row in rows)


def lines_of(tx: Tx, found: ContractFacts) -> dict[str, Any]:
    """The contract's present figures as values of the drafter's form."""
    kept = read(tx, "contract", found.id)
    return {
        "lines": [_row(line) for line in found.lines],
        "discount_amount": found.discount_amount,
        "instalments_wanted": found.instalments_wanted,
        "discount_reason": kept["discount_reason"],
        "is_identity_checked": bool(kept["is_identity_checked"]),
        "is_cost_approved": bool(kept["is_cost_approved"]),
    }


def _line(tx: Tx, row: Mapping[str, Any]) -> DraftLine:
    course = read(tx, "course", UUID(row["course_id"]))
    return DraftLine(
        course_id=UUID(row["course_id"]),
        paid_quantity=Decimal(row["paid_quantity"]),
        gift_quantity=Decimal(row.get("gift_quantity") or 0),
        gift_policy=GiftPolicy(row.get("gift_policy") or "last"),
        unit=course["unit"] or "hour",
        class_group_id=UUID(row["class_group_id"]) if row.get("class_group_id") else None,
        title=course["name"],
    )


def _row(line: Any) -> dict[str, Any]:
    return {
        "course_id": str(line.course_id),
        "class_group_id": str(line.class_group_id) if line.class_group_id else None,
        "paid_quantity": line.paid_quantity,
        "gift_quantity": line.gift_quantity,
        "gift_policy": str(line.gift_policy),
    }


def _given(values: Mapping[str, Any], name: str, otherwise: Any) -> Any:
    return otherwise if values.get(name) is None else values[name]
