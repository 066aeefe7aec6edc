"""Cards: one canonical number per card, one active holder per number."""

from uuid import UUID

from sqlalchemy import RowMapping, insert, or_, select, update

from engine.kernel.card_number import CardForm, CardNumberError, canonical, guess_form, may_be_same
from engine.kernel.errors import Conflict, NotFound, UserError
from engine.kernel.history import Change, Event
from engine.kernel.locks import lock
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from processes.people.tables import card, student
from processes.permits import permit
from processes.stamping import created, indexed, touched


def bind_card(tx: Tx, number: str, student_id: UUID, *, form: CardForm | None = None) -> UUID:
    """Bind a card, given in any printed form, to a student; the same student again returns the same card.

    Raises: UserError when the number cannot be read or could be two different ones; Conflict when the card is
    somebody else's.
    """
    permit(tx, "create", "card")
    key = canonical_key(number, form)
    lock(tx, f"card:{key[-6:]}")
    holder = tx.execute(select(student.c.branch_id).where(student.c.id == student_id)).scalar_one_or_none()
    if holder is None:
        raise NotFound
    current = _active(tx, key)
    if current is not None and current["student_id"] == student_id:
        return UUID(str(current["id"]))
    if current is not None:
        raise Conflict(
            "card.taken",
            Text("该卡已绑定其他人", "The card is bound to somebody else"),
            hint=Text("先解绑或挂失原卡", "Unbind it or report it lost first"),
        )
    if suggestions(tx, key) - {student_id}:
        raise _ambiguous()
    clean = number.strip()
    values = created(tx, holder) | {
        "number": key,
        "printed": clean,
        "form": (form or guess_form(clean.upper().replace(" ", ""))).value,
        "student_id": student_id,
        "bound_at": tx.now,
        "stage": "active",
    }
    card_id = UUID(str(tx.execute(insert(card).values(indexed(card, values)).returning(card.c.id)).scalar_one()))
    permit(tx, "create", "card", card_id)
    change = Change("number", None, key, personal=True)
    tx.record(Event("card:bound", ("card", card_id), holder, {"student_id": student_id}, [change]))
    return card_id


def unbind_card(tx: Tx, card_id: UUID, *, reason: str, lost: bool = False) -> None:
    """Take a card back or report it lost; its number may then be bound again."""
    permit(tx, "update", "card", card_id)
    row = tx.execute(select(card).where(card.c.id == card_id).with_for_update()).mappings().one_or_none()
    if row is None:
        raise NotFound
    if row["stage"] != "active":
        return
    stage = "lost" if lost else "returned"
    changes = {"stage": stage, "unbound_at": tx.now, "reason": reason, "version": row["version"] + 1} | touched(tx)
    tx.execute(update(card).where(card.c.id == card_id).values(changes))
    tx.record(Event("card:unbound", ("card", card_id), row["branch_id"], {"reason": reason, "stage": stage}))


def student_by_card(tx: Tx, key: str) -> UUID | None:
    """The student who holds the card with this canonical key; None when nobody does.

    Raises: Conflict "card.ambiguous" when only part of the number is known and it fits another card: a person decides.
    """
    row = _active(tx, key)
    if row is not None:
        return UUID(str(row["student_id"])) if row["student_id"] else None
    if suggestions(tx, key):
        raise _ambiguous()
    return None


def teacher_by_card(tx: Tx, key: str) -> UUID | None:
    """The member of staff who holds the card."""
    row = _active(tx, key)
    return UUID(str(row["user_id"])) if row is not None and row["user_id"] else None


def suggestions(tx: Tx, key: str) -> frozenset[UUID]:
    """Students whose card may be the same one, known by more or fewer digits; for a person to confirm."""
    tail = key[-6:]
    near = tx.execute(
        select(card.c.number, card.c.student_id)
        .where(card.c.stage == "active", card.c.student_id.is_not(None), card.c.number != key)
        .where(or_(card.c.number == f"W{tail}", card.c.number.endswith(tail, autoescape=True)))
        .limit(50)
    ).all()
    return frozenset(row.student_id for row in near if may_be_same(row.number, key))


def canonical_key(number: str, form: CardForm | None = None) -> str:
    """The canonical key of a printed or transmitted number. Raises UserError."""
    try:
        return canonical(number, form)
    except CardNumberError as error:
        raise UserError(
            "card.number",
            Text("卡号无法识别或有多种读法", f"The card number cannot be read: {error}"),
            hint=Text("请选择号码格式(10D、8H、WG26)", "Choose the form of the number (10D, 8H, WG26)"),
            fields={"number": Text("请核对卡号", "Check the number")},
        ) from error


def _active(tx: Tx, key: str) -> RowMapping | None:
    statement = select(card).where(card.c.number == key, card.c.stage == "active")
    return tx.execute(statement).mappings().one_or_none()


def _ambiguous() -> Conflict:
    return Conflict(
        "card.ambiguous",
        Text(
            "该卡号与另一张卡只有部分数字可比，无法确定是否同一张",
            "The number may belong to another card; it is not certain",
        ),
        hint=Text("请核对实体卡后人工确认", "Look at the card and confirm by hand"),
    )
