"""Transfer 转班: the remaining value of a line pays for a line of another class, within the same contract."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, insert, select, update

from engine.kernel.errors import Conflict, NotFound, UserError
from engine.kernel.history import Event
from engine.kernel.locks import lock
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from processes.class_hours import api as class_hours
from processes.class_hours.api import LotKind, LotOrder, Portion, Unit
from processes.contracts.activation import LineFacts, facts, line_facts
from processes.contracts.drafting import ZERO, Draft, DraftLine, price
from processes.contracts.pricing import list_amount
from processes.contracts.tables import contract, contract_line
from processes.places import today
from processes.stamping import created, indexed, touched


@dataclass(frozen=True, slots=True)
class TransferPreview:
    """What a transfer would do; exactly one of receivable and credit is above zero, or none."""

    remaining_quantity: Decimal
    remaining_value: Decimal
    quantity: Decimal
    unit_price: Decimal
    new_price: Decimal
    price_rule_id: UUID | None

    @property
    def receivable(self) -> Decimal:
        """Yuan the family still has to pay."""
        return max(ZERO, self.new_price - self.remaining_value)

    @property
    def credit(self) -> Decimal:
        """Yuan that go to the wallet or back."""
        return max(ZERO, self.remaining_value - self.new_price)


def transfer_preview(
    tx: Tx,
    contract_line_id: UUID,
    *,
    course_id: UUID,
    quantity: Decimal | None = None,
    unit_price: Decimal | None = None,
    branch_id: UUID | None = None,
) -> TransferPreview:
    """Figures of a transfer; nothing is written. Quantity defaults to what remains, the price to the policy's."""
    line, contract_id = _line(tx, contract_line_id)
    lots = [one for one in class_hours.contract_balances(tx, contract_id) if one.contract_line_id == contract_line_id]
    remaining = sum((lot.quantity for lot in lots), Decimal(0))
    value = sum((lot.amount for lot in lots), ZERO)
    wanted = remaining if quantity is None else quantity
    if wanted <= 0:
        raise UserError(
            "transfer.nothing_left",
            Text("没有剩余课时可转", "There are no hours left to transfer"),
            hint=Text("请核对课时账", "Check the hours"),
        )
    rule_id = None
    if unit_price is None:
        student_id = facts(tx, contract_id).student_id
        draft = Draft(student_id, branch_id or line.branch_id, (DraftLine(course_id, wanted, unit=line.unit),))
        rule = price(tx, draft)[0].rule
        unit_price, rule_id = rule.unit_price, rule.id
    return TransferPreview(remaining, value, wanted, unit_price, list_amount(unit_price, wanted), rule_id)


def apply_transfer(
    tx: Tx,
    contract_line_id: UUID,
    *,
    course_id: UUID,
    class_group_id: UUID | None,
    branch_id: UUID,
    preview: TransferPreview,
    key: str,
    title: str = "",
) -> UUID:
    """Close the line's lots and open the new line with its lots; the new line's id. Once per key.

    Receivable or credit of the preview is the caller's to book (`finance`).
    Raises: Conflict "transfer.changed" when hours were used since the preview.
    """
    line, contract_id = _line(tx, contract_line_id)
    lock(tx, f"contract:{contract_id}")
    known = tx.execute(select(contract_line.c.id).where(contract_line.c.business_key == key)).scalar_one_or_none()
    if known is not None:
        return UUID(str(known))
    closed = class_hours.close_for_transfer(tx, contract_line_id, key=f"transfer-out:{key}")
    if (closed.quantity, closed.amount) != (preview.remaining_quantity, preview.remaining_value):
        raise Conflict(
            "transfer.changed",
            Text("预览之后课时有变动", "Hours changed since the preview"),
            hint=Text("请重新预览", "Look at the preview again"),
        )
    _close_line(tx, line, preview)
    values = _line_values(line, preview) | {
        "contract_id": contract_id,
        "title": title,
        "course_id": course_id,
        "class_group_id": class_group_id,
        "valid_from": today(tx, branch_id),
        "business_key": key,
    }
    new_id = _insert_line(tx, created(tx, branch_id) | values)
    class_hours.open_lots(tx, _order(tx, contract_id, new_id, preview), key=f"transfer-in:{key}")
    _add_to_contract(tx, contract_id, preview.receivable)
    data = {"from_line": contract_line_id, "to_line": new_id, "value": closed.amount, "new_price": preview.new_price}
    tx.record(Event("contract:line_transferred", ("contract", contract_id), branch_id, data))
    return new_id


def _close_line(tx: Tx, line: LineFacts, preview: TransferPreview) -> None:
    carried = min(preview.remaining_value, preview.new_price)
    tx.execute(
        update(contract_line)
        .where(contract_line.c.id == line.id)
        .values(stage="transferred", settled_amount=line.net_amount - carried, version=contract_line.c.version + 1,
                **touched(tx))
    )  # fmt: skip


def _add_to_contract(tx: Tx, contract_id: UUID, amount: Decimal) -> None:
    if not amount:
        return
    tx.execute(
        update(contract)
        .where(contract.c.id == contract_id)
        .values(net_amount=contract.c.net_amount + amount,
                list_amount=contract.c.list_amount + amount,
                version=contract.c.version + 1, **touched(tx))
    )  # fmt: skip


def _line(tx: Tx, line_id: UUID) -> tuple[LineFacts, UUID]:
    row = tx.execute(select(contract_line).where(contract_line.c.id == line_id)).mappings().one_or_none()
    if row is None:
        raise NotFound
    return line_facts(row), row["contract_id"]


def _line_values(old: LineFacts, preview: TransferPreview) -> dict[str, object]:
    return {
        "price_rule_id": preview.price_rule_id,
        "unit": old.unit,
        "unit_price": preview.unit_price,
        "paid_quantity": preview.quantity,
        "gift_quantity": Decimal(0),
        "gift_policy": old.gift_policy,
        "list_amount": preview.new_price,
        "discount_share": ZERO,
        "net_amount": preview.new_price,
        "settled_amount": ZERO,
        "valid_to": old.valid_to,
        "transferred_from": old.id,
        "stage": "open",
    }


def _insert_line(tx: Tx, values: dict[str, object]) -> UUID:
    same = contract_line.c.contract_id == values["contract_id"]
    last = tx.execute(select(func.max(contract_line.c.position)).where(same)).scalar_one()
    values["position"] = (last or 0) + 1
    return UUID(
        str(
            tx.execute(
                insert(contract_line).values(indexed(contract_line, values)).returning(contract_line.c.id)
            ).scalar_one()
        )
    )


def _order(tx: Tx, contract_id: UUID, line_id: UUID, preview: TransferPreview) -> LotOrder:
    line, _ = _line(tx, line_id)
    return LotOrder(
        student_id=facts(tx, contract_id).student_id,
        branch_id=line.branch_id,
        portions=(Portion(LotKind.TRANSFER_IN, preview.quantity, preview.new_price),),
        unit=Unit(line.unit),
        opened_on=today(tx, line.branch_id),
        title=line.title,
        expires_on=line.valid_to,
        courses=frozenset({line.course_id}),
        contract_id=contract_id,
        contract_line_id=line_id,
    )
