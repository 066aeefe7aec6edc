"""The home page by role: figures that open the lists behind them, today's work."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from flask import url_for

from engine.kernel import duty_runs
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import access, query
from engine.metadata.definition import ObjectDefinition
from engine.metadata.profile import load_profile
from engine.metadata.query import Query
from engine.workflow import tasks
from engine.workflow.instances.waiting import waiting_choices
from engine.workflow.tasks import InboxQuery
from webapp import formats
from webapp.navigation import readable_objects
from webapp.screens.records.filters import parsed
from webapp.screens.school import dutypage
from webapp.screens.work import boxes, starts


@dataclass(frozen=True)
class Figure:
    """A number that opens the list it counts."""

    label: Text
    value: str
    icon: str
    url: str
    is_alert: bool = False


@dataclass(frozen=True)
class Counted:
    """A figure over an object: the filters of the list it opens (``{today}`` is the date)."""

    object: str
    label: Text
    icon: str
    filters: tuple[str, ...]
    is_alert: bool = False
    roles: tuple[str, ...] = ()


_SALES = ("sales", "sales_head", "principal", "hq_manager", "admin")
_TEACHING = ("academic", "teacher", "principal", "admin")
_MONEY = ("finance", "hq_finance", "principal", "hq_manager", "admin")
_OPEN_LEADS = "stage~in~assigned|following|visiting|trial"
_FIGURES = (
    Counted(
        "lead",
        Text("我跟进中的线索", "My open leads"),
        "target-arrow",
        ("owner_id~=~me", _OPEN_LEADS),
        roles=_SALES[:2],
    ),
    Counted(
        "lead",
        Text("应跟进", "Follow-ups due"),
        "phone",
        ("next_follow_up_at~<=~{today}", _OPEN_LEADS),
        is_alert=True,
        roles=_SALES,
    ),
    Counted("lead", Text("公海线索", "Leads in the pool"), "users", ("stage~=~pool",), roles=_SALES),
    Counted("contract", Text("审批中的合同", "In approval"), "file-text", ("stage~=~approving",), roles=_SALES),
    Counted("contract", Text("待签约", "To be signed"), "edit", ("stage~=~approved",), roles=_SALES[:3]),
    Counted(
        "lesson",
        Text("今日课次", "Lessons today"),
        "calendar-event",
        ("starts_at~>=~{today}", "starts_at~<=~{today}"),
        roles=_TEACHING,
    ),
    Counted("student", Text("在读学员", "Students"), "school", ("stage~=~active",), roles=_TEACHING),
    Counted(
        "instalment",
        Text("到期未付", "Overdue instalments"),
        "alert-circle",
        ("due_on~<~{today}", "stage~in~open|partly_paid"),
        is_alert=True,
        roles=_MONEY,
    ),
    Counted("refund_order", Text("退费中", "Refunds under way"), "receipt-refund", ("stage~=~computed",), roles=_MONEY),
)


@dataclass(frozen=True)
class LessonLine:
    """A lesson of today that the actor teaches."""

    title: str
    time: str
    room: str
    url: str
    is_done: bool


@dataclass(frozen=True)
class HomeModel:
    """Everything the home page draws."""

    name: str
    figures: tuple[Figure, ...]
    tasks: tuple[boxes.Line, ...]
    claimable: int
    starts: tuple[starts.StartTile, ...]
    lessons: tuple[LessonLine, ...]


def read(tx: Tx) -> HomeModel:
    """The home page of the actor."""
    objects = readable_objects(tx)
    counts = boxes.counted(tx)
    alarms = alarm_figures(tx)
    found = tasks.inbox(tx, InboxQuery("todo", order="due", limit=8))
    inbox = Figure(Text("待我处理", "My tasks"), str(counts.get("todo", 0)), "inbox", url_for("inbox.index"))
    return HomeModel(
        name=tx.actor.name,
        figures=(inbox, *alarms, *_figures(tx, objects)),
        tasks=tuple(boxes.line(tx, item) for item in (*waiting_choices(tx), *found.items)[:8]),
        claimable=counts.get("candidate", 0),
        starts=tuple(starts.tiles(tx))[:6],
        lessons=tuple(_lessons(tx)) if "lesson" in objects else (),
    )


def _lessons(tx: Tx) -> Iterator[LessonLine]:
    midnight = tx.now.astimezone(formats.zone()).replace(hour=0, minute=0, second=0, microsecond=0)
    asked = Query(
        "lesson",
        fields=("title", "starts_at", "ends_at", "classroom_id", "stage"),
        filter={
            "and": [
                {"field": "teacher_id", "op": "=", "value": "me"},
                {"field": "starts_at", "op": ">=", "value": midnight.isoformat()},
                {"field": "starts_at", "op": "<", "value": (midnight + timedelta(days=1)).isoformat()},
                {"field": "stage", "op": "in", "value": ["scheduled", "finished"]},
            ]
        },
        sort=("starts_at",),
    )
    for lesson in query.fetch(tx, asked).items:
        starts_at, ends_at = (lesson.values[name].astimezone(formats.zone()) for name in ("starts_at", "ends_at"))
        yield LessonLine(
            title=lesson.title,
            time=f"{starts_at:%H:%M}–{ends_at:%H:%M}",
            room=str(lesson.titles.get("classroom_id") or ""),
            url=url_for("timetable.roll", lesson_id=lesson.id),
            is_done=lesson.values["stage"] == "finished",
        )


def alarm_figures(tx: Tx) -> Iterator[Figure]:
    """What the nightly checks found wrong, for those in charge of the books and of the system."""
    if not dutypage.may_see(tx):
        return
    runs = duty_runs.latest(tx).values()
    wrong, broken = sum(run.violations for run in runs), sum(not run.is_done for run in runs)
    if wrong:
        url = url_for("duties.index")
        yield Figure(Text("账目核对异常", "Books that do not add up"), str(wrong), "alert-triangle", url, is_alert=True)
    if broken:
        url = url_for("duties.index")
        yield Figure(Text("定时任务失败", "Duties that failed"), str(broken), "clock", url, is_alert=True)


def _figures(tx: Tx, objects: dict[str, ObjectDefinition]) -> Iterator[Figure]:
    today = tx.now.astimezone(formats.zone()).date().isoformat()
    roles = load_profile(tx).role_keys()
    for one in _FIGURES:
        if one.object not in objects or not roles & set(one.roles):
            continue
        asked = tuple(text.replace("{today}", today) for text in one.filters)
        if all(access.rights_on(tx, one.object).readable(text.partition("~")[0]) for text in asked):
            yield _figure(tx, objects[one.object], one, asked)


def _figure(tx: Tx, definition: ObjectDefinition, one: Counted, asked: tuple[str, ...]) -> Figure:
    count = query.count(tx, Query(one.object, filter={"and": [parsed(definition, text).as_json() for text in asked]}))
    text = f"{count.value - 1:,}+" if count.is_capped else f"{count.value:,}"
    url = f"{url_for('records.index', object_key=one.object)}?{urlencode([('f', text) for text in asked])}"
    return Figure(one.label, text, one.icon, url, one.is_alert and count.value > 0)
