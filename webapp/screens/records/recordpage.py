"""A record as its page shows it: head, life cycle, details by layout, related lists, timeline, processes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from flask import url_for

from engine.kernel.uow import Tx
from engine.metadata import access, catalog, records
from engine.metadata.definition import FieldDefinition, ObjectDefinition, Section
from engine.metadata.levels import is_readable
from engine.metadata.profile import load_profile
from engine.metadata.record import Record
from engine.workflow import instances
from engine.workflow.instances import InstanceQuery
from webapp.formats import ago
from webapp.i18n import gettext, locale
from webapp.links import address, link
from webapp.modelwords import titled
from webapp.request import platform
from webapp.screens.audit import trail
from webapp.screens.records import listing
from webapp.screens.records.cells import Cell, cell, stage_of, tone
from webapp.screens.school import classpage
from webapp.screens.states import instance_state

_SIDE_EVENTS, _EVENTS = 8, 50
_ASIDE = ("gray", "red", "orange")
"""Colours of stages off the straight way (lost, pool, rejected): on the path only while the record is there."""


@dataclass(frozen=True)
class Facts:
    """Values under one title."""

    title: str
    facts: tuple[Cell, ...]


@dataclass(frozen=True)
class Stage:
    """A step of the life cycle; ``state`` done, current or nothing."""

    label: str
    state: str
    tone: str = ""


@dataclass(frozen=True)
class Action:
    """Something to do with the record."""

    url: str
    label: str
    icon: str = "bolt"


@dataclass(frozen=True)
class InstanceLine:
    """A process instance about the record."""

    url: str
    title: str
    state: str
    tone: str
    at: Any


@dataclass(frozen=True)
class RecordModel:
    """Everything the record page draws."""

    object: str
    id: str
    title: str
    label: str
    icon: str
    version: int
    list_url: str
    edit_url: str
    delete_url: str
    explain_url: str
    duplicates_url: str
    print_url: str
    stage: Stage | None
    meta: tuple[tuple[str, str], ...]
    path: tuple[Stage, ...]
    actions: tuple[Action, ...]
    tabs: tuple[tuple[str, str, str, None], ...]
    tab: str
    sections: tuple[Facts, ...]
    events: tuple[trail.Entry, ...]
    instances: tuple[InstanceLine, ...]
    related: listing.ListModel | None
    panel: classpage.ClassPanel | None = None


def read(tx: Tx, object_key: str, record_id: UUID, tab: str) -> RecordModel:
    """The record's page for the actor. Raises: NotFound."""
    rights = access.rights_on(tx, object_key)
    definition = rights.definition
    record = records.get(tx, object_key, record_id)
    links = dict(_related(tx, object_key))
    tab = tab if tab in links or tab in ("history", "processes") else "details"
    may = {action for action in ("update", "delete", "reveal") if access.can(tx, action, object_key, record_id)}
    writable = definition.writer == "record" and "update" in may
    return RecordModel(
        object=object_key,
        id=str(record_id),
        title=record.title,
        label=definition.label.in_locale(locale()),
        icon=definition.icon,
        version=record.version,
        list_url=url_for("records.index", object_key=object_key),
        edit_url=_url("records.edit", record) if writable else "",
        delete_url=_url("records.delete", record) if definition.writer == "record" and "delete" in may else "",
        explain_url=_url("records.explain", record),
        duplicates_url=_url("merging.duplicates", record) if definition.match_rules else "",
        print_url=_print_url(tx, record),
        stage=_stage(definition, record),
        meta=tuple(_meta(record)),
        path=tuple(_path(definition, record)),
        actions=tuple(_actions(tx, object_key, record)),
        tabs=tuple(_tabs(record, links)),
        tab=tab,
        sections=sections(definition, record, writable="update" in may and writable, reveal="reveal" in may),
        events=_events(tx, definition, record, tab),
        instances=_instances(tx, record) if tab in ("details", "processes") else (),
        related=_related_list(tx, links[tab], record) if tab in links else None,
        panel=classpage.panel(tx, record) if object_key == "class_group" and tab == "details" else None,
    )


def sections(
    definition: ObjectDefinition, record: Record, *, writable: bool = False, reveal: bool = False
) -> tuple[Facts, ...]:
    """The readable values by the detail layout; fields in no section follow at the end."""
    placed = {key for section in definition.layouts.detail for key in section.fields}
    rest = tuple(f.key for f in definition.fields if f.key not in placed and not f.hidden)
    layout = (*definition.layouts.detail, Section(definition.label, rest)) if rest else definition.layouts.detail
    made = (
        Facts(
            section.title.in_locale(locale()) if len(layout) > 1 and section.fields != rest else "",
            tuple(
                fact(definition, record, key, writable=writable, reveal=reveal)
                for key in section.fields
                if key in record.levels and not _is_listed(definition, key)
            ),
        )
        for section in layout
    )
    return tuple(one for one in made if one.facts)


def _is_listed(definition: ObjectDefinition, key: str) -> bool:
    """Rows of another object have a tab of their own."""
    field = catalog.field_of(definition, key)
    return field is not None and field.type == "lines"


def fact(definition: ObjectDefinition, record: Record, key: str, *, writable: bool, reveal: bool) -> Cell:
    """One value with where it can be changed or revealed."""
    field = catalog.field_of(definition, key)
    assert field is not None, "a level exists only for a known field"
    level = record.levels[key]
    made = cell(field, record.values, record.titles, level)
    may_edit = writable and level == "write" and not field.read_only and _editable(field)
    return replace(
        made,
        edit_url=_url("records.edit_field", record, field=key) if may_edit else "",
        reveal_url=_url("records.reveal", record, field=key) if reveal and level == "masked" and made.text else "",
    )


def _editable(field: FieldDefinition) -> bool:
    return field.type not in ("formula", "rollup", "auto_number", "lines", "file", "image", "json")


def _url(endpoint: str, record: Record, **more: str) -> str:
    return address(endpoint, {"object_key": record.object, "record_id": str(record.id), **more})


def _stage(definition: ObjectDefinition, record: Record) -> Stage | None:
    option = stage_of(definition, record.values.get("stage"))
    return Stage(option.label.in_locale(locale()), "current", tone(option.color)) if option else None


def _path(definition: ObjectDefinition, record: Record) -> Iterator[Stage]:
    keys = [stage.key for stage in definition.stages]
    current = record.values.get("stage")
    if current not in keys or len(keys) < 2:
        return
    at = keys.index(current)
    for number, stage in enumerate(definition.stages):
        if stage.color in _ASIDE and number != at:
            continue
        state = "done" if number < at else "current" if number == at else ""
        yield Stage(stage.label.in_locale(locale()), state)


def _meta(record: Record) -> Iterator[tuple[str, str]]:
    for key, icon in (("branch_id", "building"), ("owner_id", "user")):
        title = record.titles.get(key)
        if isinstance(title, str):
            yield icon, title
    updated = record.values.get("updated_at")
    if updated:
        yield "clock", gettext("%(when)s更新", when=ago(updated))


def _actions(tx: Tx, object_key: str, record: Record) -> Iterator[Action]:
    roles = load_profile(tx).role_keys()
    for action in platform().processes.actions:
        in_stage = not action.stages or record.values.get("stage") in action.stages
        if action.object == object_key and in_stage and roles & set(action.roles):
            url = url_for("actions.act", object_key=object_key, record_id=record.id, name=action.name)
            yield Action(url, action.label.in_locale(locale()), action.icon)
    if object_key == "class_group" and access.can(tx, "create", "lesson"):
        yield Action(url_for("planning.plan", class_id=record.id), gettext("排课"), "calendar-event")


def _print_url(tx: Tx, record: Record) -> str:
    """The paper of a receipt, a refund or a student's hours."""
    if record.object == "receipt":
        return url_for("prints.receipt", receipt_id=record.id)
    if record.object == "refund_order":
        return url_for("prints.refund", order_id=record.id)
    if record.object == "student" and access.can(tx, "read", "hour_entry"):
        return url_for("prints.hours", student_id=record.id)
    return ""


def _related(tx: Tx, object_key: str) -> Iterator[tuple[str, tuple[ObjectDefinition, str]]]:
    """Objects that link to this one: tab key to (object, link field)."""
    for other in catalog.load(tx).objects():
        if not access.can(tx, "read", other.key):
            continue
        levels = access.levels(tx, other.key)
        for field in other.fields:
            if field.type == "link" and field.target == object_key and is_readable(levels.get(field.key, "none")):
                yield f"{other.key}.{field.key}", (other, field.key)
                break


def _related_list(tx: Tx, found: tuple[ObjectDefinition, str], record: Record) -> listing.ListModel:
    other, field = found
    return listing.related(tx, other, field, record.id)


def _tabs(record: Record, links: Mapping[str, tuple[ObjectDefinition, str]]) -> Iterator[tuple[str, str, str, None]]:
    yield "details", gettext("详情"), _url("records.show", record), None
    for key, (other, _) in links.items():
        yield key, other.label.in_locale(locale()), _url("records.show", record, tab=key), None
    yield "processes", gettext("流程"), _url("records.show", record, tab="processes"), None
    yield "history", gettext("历史"), _url("records.show", record, tab="history"), None


def _events(tx: Tx, definition: ObjectDefinition, record: Record, tab: str) -> tuple[trail.Entry, ...]:
    if tab not in ("details", "history"):
        return ()
    limit = _EVENTS if tab == "history" else _SIDE_EVENTS
    entries = trail.of_record(tx, definition, record.id, limit)
    if tab == "history":
        return entries
    return tuple(replace(one, changes=one.changes[:4] if one.tone != "green" else ()) for one in entries)


def _instances(tx: Tx, record: Record) -> tuple[InstanceLine, ...]:
    found = instances.search(tx, InstanceQuery(record=(record.object, record.id), limit=20))
    lines = []
    for row in found.items:
        label, color = instance_state(row.status, suspended=row.suspended)
        url = link("instances.show", instance_id=row.id)
        lines.append(InstanceLine(url, titled(row.title), label, color, row.started_at))
    return tuple(lines)
