"""The figures of a transfer from one class to another: computed for the preview, the approval and the settlement."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from processes.contracts import api as contracts
from processes.contracts.api import ContractFacts, LineFacts, TransferPreview
from processes.record_values import read
from processes.timetable import api as timetable


@dataclass(frozen=True, slots=True)
class Figures:
    """What a transfer does. ``clashes``: times at which the student is taken already."""

    contract_id: UUID
    student_id: UUID
    line_id: UUID
    from_name: str
    to_name: str
    from_branch: UUID
    to_branch: UUID
    to_course: UUID
    course_title: str
    preview: TransferPreview
    seats_left: int
    clashes: tuple[dict[str, Any], ...]

    @property
    def difference(self) -> Decimal:
        """Yuan the family pays (positive) or gets back (negative)."""
        return self.preview.receivable - self.preview.credit


def figures(tx: Tx, contract_id: UUID, from_class: UUID, to_class: UUID, hours: Decimal | None) -> Figures:
    """Compute them from the present hours, prices, seats and timetable. Raises: UserError when no line fits."""
    found = contracts.facts(tx, contract_id)
    line = line_of_class(found, from_class)
    old, new = read(tx, "class_group", from_class), read(tx, "class_group", to_class)
    preview = contracts.transfer_preview(
        tx,
        line.id,
        course_id=new["course_id"],
        quantity=hours,
        unit_price=new["unit_price"],
        branch_id=new["branch_id"],
    )
    seats = timetable.enrol_preview(tx, to_class, found.student_id, leaving=from_class)
    return Figures(
        contract_id=contract_id,
        student_id=found.student_id,
        line_id=line.id,
        from_name=old["name"],
        to_name=new["name"],
        from_branch=line.branch_id,
        to_branch=new["branch_id"],
        to_course=new["course_id"],
        course_title=read(tx, "course", new["course_id"])["name"],
        preview=preview,
        seats_left=seats.seats_left,
        clashes=tuple({"starts_at": clash.starts_at, "ends_at": clash.ends_at} for clash in seats.clashes),
    )


def line_of_class(found: ContractFacts, class_group_id: UUID) -> LineFacts:
    """The open contract line that pays for the class. Raises: UserError when there is none."""
    open_lines = [line for line in found.lines if line.stage == "open"]
    for line in open_lines:
        if line.class_group_id == class_group_id:
            return line
    if len(open_lines) == 1 and open_lines[0].class_group_id is None:
        return open_lines[0]
    raise UserError(
        "transfer.no_line",
        Text("该合同没有此班级的有效明细", "The contract has no open line for this class"),
        fields={"from_class_id": Text("请选择合同中的班级", "Choose a class of the contract")},
    )
