"""Planning lessons: the pattern a form states, what it would clash with, free slots, and changes of one lesson."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from werkzeug.datastructures import MultiDict

from engine.kernel.errors import UserError
from engine.kernel.ids import new_id
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import access, records
from processes.timetable import api
from processes.timetable.api import Clash, Recurrence, Slot
from webapp import formats, names
from webapp.given import id_of
from webapp.i18n import gettext, locale

Posted = MultiDict[str, str]
WEEKDAYS = (
    Text("周一", "Mon"), Text("周二", "Tue"), Text("周三", "Wed"), Text("周四", "Thu"), Text("周五", "Fri"),
    Text("周六", "Sat"), Text("周日", "Sun"),
)  # fmt: skip
_KINDS = {"teacher": "user", "room": "classroom", "class": "class_group", "student": "student"}
_DAYS, _WANTED = 14, 5


@dataclass(frozen=True)
class Change:
    """What one may do with a planned lesson. ``asks``: the inputs of its form."""

    title: Text
    done: Text
    asks: tuple[str, ...]


CHANGES: Mapping[str, Change] = {
    "move": Change(Text("调课", "Move"), Text("已调课", "Moved"), ("time", "room", "override")),
    "substitute": Change(
        Text("代课", "Substitute"), Text("已安排代课", "Substitute arranged"), ("teacher", "reason", "override")
    ),
    "cancel": Change(Text("取消课次", "Cancel"), Text("已取消", "Cancelled"), ("reason",)),
}


def plan_page(tx: Tx, class_group_id: UUID, posted: Posted) -> dict[str, Any]:
    """The form with its preview. Raises: NotFound, Forbidden, UserError for an incomplete pattern."""
    access.require(tx, "create", "lesson")
    group = records.get(tx, "class_group", class_group_id)
    previewed = posted.get("step") == "preview"
    clashes = _preview(tx, class_group_id, posted) if previewed else ()
    return {
        "group": group,
        "values": posted,
        "weekdays": [(str(number), text.in_locale(locale())) for number, text in enumerate(WEEKDAYS)],
        "chosen_days": posted.getlist("weekday"),
        "previewed": previewed,
        "clashes": [told(tx, clash) for clash in clashes],
        "free": free_slots(tx, class_group_id),
        "key": posted.get("key") or str(new_id()),
        "picked": [_picked(tx, posted, kind) for kind in ("user", "classroom")],
    }


def plan(tx: Tx, class_group_id: UUID, posted: Posted) -> int:
    """Creates the lessons of the posted pattern; how many. Raises: TimetableClash without a reason to override."""
    reason = posted.get("override_reason", "").strip() or None
    found = api.create_lessons(
        tx, class_group_id, pattern(posted), **_places(posted), override_reason=reason, key=posted.get("key", "")
    )
    return len(found)


def pattern(posted: Posted) -> Recurrence:
    """The weekly pattern a form states. Raises: UserError with the fields that cannot be read."""
    try:
        return Recurrence(
            first_day=date.fromisoformat(posted.get("first_day", "")),
            weekdays=frozenset(int(day) for day in posted.getlist("weekday")),
            starts_at=time.fromisoformat(posted.get("starts_at", "")),
            ends_at=time.fromisoformat(posted.get("ends_at", "")),
            count=int(posted["count"]) if posted.get("count") else None,
            until=date.fromisoformat(posted["until"]) if posted.get("until") else None,
            every_weeks=int(posted.get("every_weeks") or 1),
        )
    except ValueError as error:
        raise UserError(
            "timetable.pattern", Text("请填写日期、时间和次数", "Give the days, the times and how many")
        ) from error


def free_slots(tx: Tx, class_group_id: UUID) -> tuple[Slot, ...]:
    """Free times of the class, its teacher, room and students in the next two weeks."""
    today = formats.now().astimezone(formats.zone()).date()
    length = timedelta(minutes=90)
    return api.propose_slots(tx, class_group_id, first_day=today, days=_DAYS, length=length, wanted=_WANTED)


def told(tx: Tx, clash: Clash) -> str:
    """Who or what is booked twice, when, and by which lesson."""
    who = names.title(tx, _KINDS[clash.resource_kind], str(clash.resource_id))
    when = f"{formats.day(clash.starts_at)} {formats.clock(clash.starts_at)}–{formats.clock(clash.ends_at)}"
    lesson = names.title(tx, "lesson", str(clash.lesson_id))
    return gettext("%(who)s 在 %(when)s 已有“%(lesson)s”", who=who, when=when, lesson=lesson)


def change_page(tx: Tx, lesson_id: UUID, name: str) -> dict[str, Any]:
    """What the dialog of a change asks. Raises: NotFound, Forbidden."""
    access.require(tx, "update", "lesson", lesson_id)
    lesson, change = records.get(tx, "lesson", lesson_id), CHANGES[name]
    starts, ends = (lesson.values[key].astimezone(formats.zone()) for key in ("starts_at", "ends_at"))
    free = free_slots(tx, lesson.values["class_group_id"]) if name == "move" else ()
    title = change.title.in_locale(locale())
    return {"lesson": lesson, "title": title, "asks": change.asks, "starts": starts, "ends": ends, "free": free}


def change(tx: Tx, lesson_id: UUID, name: str, posted: Posted) -> Text:
    """Does the change for who plans lessons; says so. Raises: Forbidden, TimetableClash, Conflict, UserError."""
    access.require(tx, "create", "lesson")
    reason = posted.get("reason", "").strip()
    override = posted.get("override_reason", "").strip() or None
    if name == "cancel":
        api.cancel_lesson(tx, lesson_id, reason=_required(reason))
    elif name == "substitute":
        teacher = id_of(_required(posted.get("user", "")))
        api.substitute_teacher(tx, lesson_id, teacher, reason=_required(reason), override_reason=override)
    else:
        room = _places(posted)["classroom_id"]
        api.move_lesson(tx, lesson_id, slot_of(posted), classroom_id=room, override_reason=override)
    return CHANGES[name].done


def slot_of(posted: Mapping[str, str]) -> Slot:
    """The posted time. Raises: UserError."""
    try:
        start, end = (datetime.fromisoformat(posted.get(name, "")) for name in ("start", "end"))
    except ValueError as error:
        raise UserError("timetable.time", Text("请填写开始和结束时间", "Give the start and the end")) from error
    zone = formats.zone()
    slot = Slot(*(one if one.tzinfo else one.replace(tzinfo=zone) for one in (start, end)))
    if slot.end <= slot.start:
        raise UserError("timetable.time", Text("结束时间要晚于开始时间", "The end must be after the start"))
    return slot


def _preview(tx: Tx, class_group_id: UUID, posted: Posted) -> Iterable[Clash]:
    return api.preview_lessons(tx, class_group_id, pattern(posted), **_places(posted))


def _places(posted: Posted) -> dict[str, UUID | None]:
    return {
        name: id_of(posted[source]) if posted.get(source) else None
        for name, source in (("teacher_id", "user"), ("classroom_id", "classroom"))
    }


def _picked(tx: Tx, posted: Posted, kind: str) -> tuple[str, str, str]:
    value = posted.get(kind, "")
    return kind, value, names.title(tx, kind, value) if value else ""


def _required(text: str) -> str:
    if not text:
        raise UserError("timetable.missing", Text("请填写原因和人员", "Give the reason and the person"))
    return text
