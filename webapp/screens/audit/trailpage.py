"""Rows of the whole trail as an auditor reads them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from flask import url_for

from engine.kernel.history_search import Entry
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import catalog, directory, snapshot
from engine.metadata.catalog import Catalog
from engine.metadata.titles import record_names
from webapp import formats
from webapp.i18n import locale, translated
from webapp.links import link
from webapp.screens.audit import trail, trail_words

_TOPICS = (
    ("", Text("全部", "All")),
    ("records:exported", Text("谁导出了数据", "Who exported data")),
    ("record:revealed", Text("谁看了完整号码", "Who saw full numbers")),
    ("task:completed", Text("审批与办理", "Approvals and tasks")),
    ("refund", Text("退费", "Refunds")),
    ("grant", Text("权限变更", "Changes of rights")),
    ("user:sign_in_refused", Text("登录失败", "Failed sign-ins")),
    ("history:verified", Text("核对记录", "Verifications")),
)


_OF_PEOPLE = ("user", "password", "token")
_TITLES = {
    "task": "select id, coalesce(nullif(title, ''), name) from user_task where id = any(%(ids)s)",
    "instance": "select id, title from instance where id = any(%(ids)s)",
}


@dataclass(frozen=True)
class Line:
    """One row: what happened to what, with a link to it where there is a page."""

    entry: trail.Entry
    subject: str
    subject_id: str
    url: str
    action: str
    branch: str
    sealed: bool
    on_behalf_of: str


@dataclass(frozen=True)
class _Names:
    """Names of the records, people and branches on a page of the trail, by id; ``records``: tasks and cases too."""

    records: Mapping[UUID, str]
    people: Mapping[UUID, str]
    branches: Mapping[UUID, str]


def lines(tx: Tx, entries: Iterable[Entry]) -> tuple[Line, ...]:
    """The rows with their words; what may be read of them was decided before."""
    rows, known = tuple(entries), catalog.load(tx)
    names = _names(tx, known, rows)
    return tuple(_line(tx, known, names, entry) for entry in rows)


def cells(line: Line) -> list[str]:
    """The row as a sheet has it."""
    changes = "; ".join(f"{one.label}: {one.old} → {one.new}" for one in line.entry.changes)
    at = formats.full_time(line.entry.at)
    who = (at, line.entry.who, line.on_behalf_of, line.action)
    return [*who, line.subject, line.subject_id, line.branch, changes, line.entry.note]


def kinds() -> list[tuple[str, str]]:
    """Kinds of subject to choose from."""
    return [(key, translated(label)) for key, (label, _icon) in trail_words.KINDS.items()]


def topics() -> list[tuple[str, str]]:
    """What auditors ask for most: an action (or its first word) with its words."""
    return [(action, translated(label)) for action, label in _TOPICS]


def _told(entry: Entry) -> str:
    """What a row says beside its changes: reason or comment, the answer given, what an export held."""
    data = entry.data
    parts = [str(data[key]) for key in ("reason", "comment") if data.get(key)]
    if entry.action in ("records:exported", "history:exported"):
        rows = Text(f"{data.get('rows')} 行", f"{data.get('rows')} rows")
        parts += [translated(rows), str(data.get("format") or ""), str(data.get("search") or data.get("query") or "")]
    return " · ".join(part for part in parts if part)


def _names(tx: Tx, known: Catalog, rows: tuple[Entry, ...]) -> _Names:
    subjects: dict[str, set[UUID]] = {}
    for one in rows:
        if one.subject_kind in known.definitions and _is_id(one.subject_id):
            subjects.setdefault(one.subject_kind, set()).add(UUID(one.subject_id))
    records = {key: name for kind, ids in subjects.items() for key, name in record_names(tx, kind, ids).items()}
    records |= _titles(tx, rows)
    named = [one.on_behalf_of for one in rows] + [one.subject_id for one in rows if one.subject_kind in _OF_PEOPLE]
    people = frozenset(UUID(one) for one in named if one and _is_id(one))
    branches = {key: branch.name for key, branch in snapshot.load(tx).branches.items()}
    return _Names(records, directory.user_names(tx, people) if people else {}, branches)


def _titles(tx: Tx, rows: Iterable[Entry]) -> dict[UUID, str]:
    """Titles of tasks and cases."""
    found: dict[UUID, str] = {}
    for kind, sql in _TITLES.items():
        ids = [UUID(one.subject_id) for one in rows if one.subject_kind == kind and _is_id(one.subject_id)]
        if ids:
            found |= {key: title for key, title in tx.connection.exec_driver_sql(sql, {"ids": ids}) if title}
    return found


def _kind_words(kind: str) -> str:
    return translated(trail_words.KINDS[kind][0]) if kind in trail_words.KINDS else kind


def _line(tx: Tx, known: Catalog, names: _Names, entry: Entry) -> Line:
    words, icon, tone = trail.action_words(entry.action)
    definition = known.definitions.get(entry.subject_kind)
    changes = trail.change_lines(tx, definition, [(c["field"], c.get("old"), c.get("new")) for c in entry.changes])
    note = _told(entry)
    label = definition.label.in_locale(locale()) if definition else _kind_words(entry.subject_kind)
    name = _name(names, entry)
    if entry.subject_kind == "object" and entry.subject_id in known.definitions:
        name = known.definitions[entry.subject_id].label.in_locale(locale())
    behalf = entry.on_behalf_of or ""
    return Line(
        entry=trail.Entry(entry.at, entry.actor_name, words, icon, tone, changes, note),
        subject=f"{label} {entry.subject_id[-8:] if name is None else name}".strip(),
        subject_id=entry.subject_id,
        url=_url(known, entry),
        action=entry.action,
        branch=names.branches.get(entry.branch_id, "") if entry.branch_id else "",
        sealed=entry.sealed,
        on_behalf_of=names.people.get(UUID(behalf), behalf) if _is_id(behalf) else behalf,
    )


def _name(names: _Names, entry: Entry) -> str | None:
    if not _is_id(entry.subject_id):
        return "" if entry.subject_id == "all" else None
    key = UUID(entry.subject_id)
    return names.people.get(key) if entry.subject_kind in _OF_PEOPLE else names.records.get(key)


def _url(known: Catalog, entry: Entry) -> str:
    if entry.subject_kind in known.definitions and _is_id(entry.subject_id):
        return url_for("records.show", object_key=entry.subject_kind, record_id=entry.subject_id)
    instance = entry.instance_id or (entry.subject_id if entry.subject_kind == "instance" else None)
    return link("instances.show", instance_id=instance) if instance else ""


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
