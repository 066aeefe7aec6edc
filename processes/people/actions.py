"""What people do to students and their cards: bind a card, take it back, report it lost."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from engine.kernel.card_number import CardForm, printed
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from processes.domain_action import DomainAction, Done, Preview, PreviewLine
from processes.people import cards

Values = Mapping[str, Any]
_OFFICE = ("academic", "principal", "hq_manager", "admin")


def preview_bind(tx: Tx, student_id: UUID, values: Values) -> Preview:
    """The number as the readers will report it, and whose card it is already. Raises: UserError for a bad number."""
    key = cards.canonical_key(values["number"], _form(values))
    holder = cards.student_by_card(tx, key)
    lines = (PreviewLine(Text("卡号", "Card number"), printed(key)),)
    if holder is None:
        return Preview(lines)
    if holder == student_id:
        return Preview(lines, warnings=(Text("该卡已绑定此学员", "The student holds this card already"),))
    return Preview(
        lines, blockers=(Text("该卡已绑定其他人，请先退卡", "Somebody else holds this card: return it first"),)
    )


def bind(tx: Tx, student_id: UUID, values: Values) -> Done:
    """Bind the card. Raises: Conflict when it is somebody else's."""
    cards.bind_card(tx, values["number"], student_id, form=_form(values))
    return Done(Text("考勤卡已绑定", "The card is bound"))


def preview_unbind(tx: Tx, card_id: UUID, values: Values) -> Preview:
    """What taking the card back means."""
    return Preview((), (Text("此后刷这张卡不再记考勤", "From now on this card counts no attendance"),))


def unbind(tx: Tx, card_id: UUID, values: Values) -> Done:
    """Take the card back, or report it lost."""
    cards.unbind_card(tx, card_id, reason=values["reason"], lost=values["stage"] == "lost")
    return Done(Text("考勤卡已停用", "The card is out of use"))


def _form(values: Values) -> CardForm | None:
    return CardForm(values["form"]) if values.get("form") else None


ACTIONS = (
    DomainAction(
        name="bind_card",
        object="student",
        label=Text("绑定考勤卡", "Bind a card"),
        icon="id-badge-2",
        form="people.bind_card",
        roles=_OFFICE,
        preview=preview_bind,
        start=bind,
    ),
    DomainAction(
        name="unbind_card",
        object="card",
        label=Text("退卡或挂失", "Return or report lost"),
        icon="x",
        form="people.unbind_card",
        roles=_OFFICE,
        preview=preview_unbind,
        start=unbind,
        stages=("active",),
    ),
)
