"""The areas of the side navigation: what there is, and who sees it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from flask import url_for

from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import access, catalog, snapshot
from engine.metadata.definition import ObjectDefinition
from engine.metadata.grants import object_access
from engine.metadata.profile import load_profile
from engine.metadata.rights import has_right

ADMIN_RIGHTS = ("manage_users", "manage_roles", "manage_branches", "define_fields", "view_connectors")


@dataclass(frozen=True, slots=True)
class Entry:
    """One link of the navigation. ``shortcut``: the letter after ``g``."""

    key: str
    icon: str
    label: Text
    url: str
    shortcut: str = ""
    count: int = 0


@dataclass(frozen=True, slots=True)
class Area:
    """Links under one title."""

    label: Text | None
    entries: tuple[Entry, ...]


_OBJECT_AREAS = (
    (Text("招生", "Enrolment"), ("lead", "follow_up", "contract")),
    (Text("教务", "Teaching"), ("student", "class_group", "course", "attendance", "leave")),
    (Text("财务", "Finance"), ("instalment", "payment", "receipt", "refund_order", "hour_lot")),
)
_BRIEF = {"start": Text("发起", "Start")}
"""Where a fifth of a phone's width has to do."""
_SHORTCUTS = {"lead": "l", "contract": "c", "student": "u", "class_group": "b", "payment": "p"}


def by_importance(objects: Iterable[ObjectDefinition]) -> tuple[ObjectDefinition, ...]:
    """Objects in the order of the navigation, then the rest by module and key."""
    ranks = {key: rank for rank, key in enumerate(key for _, keys in _OBJECT_AREAS for key in keys)}
    return tuple(sorted(objects, key=lambda one: (ranks.get(one.key, len(ranks)), one.module, one.key)))


def readable_objects(tx: Tx) -> dict[str, ObjectDefinition]:
    """Objects of which the actor may read some rows, by key."""
    config, profile = snapshot.load(tx), load_profile(tx)
    return {
        definition.key: definition
        for definition in catalog.load(tx).objects()
        if object_access(config, profile, definition).allows("read")
    }


def areas(tx: Tx, inbox_count: int = 0) -> tuple[Area, ...]:
    """The navigation of the actor; empty areas are left out."""
    objects = readable_objects(tx)
    found = [Area(None, _own_work(inbox_count))]
    for label, keys in _OBJECT_AREAS:
        entries = [_object_entry(objects[key]) for key in keys if key in objects]
        if label.en == "Teaching" and "lesson" in objects:
            entries.insert(0, _entry("reminders", "bell", Text("校务提醒", "Reminders"), "reminders.index"))
            entries.insert(0, _entry("timetable", "calendar-week", Text("课表", "Timetable"), "timetable.week", "t"))
        if label.en == "Finance" and access.can(tx, "create", "cashier_closing"):
            entries.append(_entry("closing", "cash", Text("日结", "Daily closing"), "closing.show"))
        found.append(Area(label, tuple(entries)))
    found.append(Area(Text("更多", "More"), tuple(_rest(lambda right: has_right(tx, right), bool(objects)))))
    return tuple(area for area in found if area.entries)


def bottom(all_areas: Iterable[Area]) -> tuple[Entry, ...]:
    """What the phone shows at the thumb: at most five."""
    by_key = {entry.key: entry for area in all_areas for entry in area.entries}
    wanted = ("home", "inbox", "start", "timetable", "lead", "payment", "contract", "objects")
    found = tuple(by_key[key] for key in wanted if key in by_key)[:5]
    return tuple(replace(one, label=_BRIEF.get(one.key, one.label)) for one in found)


def _own_work(inbox_count: int) -> tuple[Entry, ...]:
    return (
        _entry("home", "home", Text("首页", "Home"), "home.show", "h"),
        replace(_entry("inbox", "inbox", Text("待办", "Inbox"), "inbox.index", "i"), count=inbox_count),
        _entry("started", "send", Text("我发起的", "My requests"), "inbox.started", "s"),
        _entry("start", "bolt", Text("发起流程", "Start a process"), "processes.start_list", "n"),
    )


def _rest(may: Callable[[str], bool], has_objects: bool) -> Iterable[Entry]:
    if has_objects:
        yield _entry("objects", "books", Text("全部数据", "All records"), "records.objects", "a")
    if any(may(right) for right in ("view_processes", "manage_processes", "operate_processes")):
        yield _entry("processes", "sitemap", Text("流程", "Processes"), "processes.index", "w")
    if may("view_history"):
        yield _entry("history", "history", Text("操作记录", "History"), "history.index", "r")
    if any(may(right) for right in ADMIN_RIGHTS):
        yield _entry("admin", "settings", Text("系统管理", "Administration"), "admin.index", "m")


def _entry(key: str, icon: str, label: Text, endpoint: str, shortcut: str = "") -> Entry:
    return Entry(key, icon, label, url_for(endpoint), shortcut)


def _object_entry(definition: ObjectDefinition) -> Entry:
    url = url_for("records.index", object_key=definition.key)
    return Entry(definition.key, definition.icon, definition.label, url, _SHORTCUTS.get(definition.key, ""))
