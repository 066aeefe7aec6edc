"""Rows of the whole trail as an auditor reads them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import url_for

from engine.kernel.history_search import Entry
from engine.kernel.uow import Tx
from engine.metadata import access, catalog
from engine.metadata.catalog import Catalog
from engine.metadata.levels import is_readable
from webapp import trail, trail_words
from webapp.i18n import locale, translated
from webapp.links import link


@dataclass(frozen=True)
class Line:
    """One row: what happened to what, with a link to it where there is a page."""

    entry: trail.Entry
    subject: str
    url: str
    action: str
    sealed: bool
    on_behalf_of: str


def lines(tx: Tx, entries: Iterable[Entry]) -> tuple[Line, ...]:
    """The rows with their words."""
    known = catalog.load(tx)
    return tuple(_line(known, entry, readable_changes(tx, entry)) for entry in entries)


def readable_changes(tx: Tx, entry: Entry) -> tuple[Mapping[str, Any], ...]:
    """The changes of fields the actor may read on that kind of record: the trail is no way around field rights."""
    if entry.subject_kind not in catalog.load(tx).definitions:
        return entry.changes
    levels = access.levels(tx, entry.subject_kind)
    return tuple(one for one in entry.changes if is_readable(levels.get(str(one["field"]), "none")))


def kinds() -> list[tuple[str, str]]:
    """Kinds of subject to choose from."""
    return [(key, translated(label)) for key, (label, _icon) in trail_words.KINDS.items()]


def _line(known: Catalog, entry: Entry, visible: tuple[Mapping[str, Any], ...]) -> Line:
    words, icon, tone = trail.action_words(entry.action)
    definition = known.definitions.get(entry.subject_kind)
    changes = tuple(trail.change_line(definition, str(one["field"]), one.get("old"), one.get("new")) for one in visible)
    note = str(entry.data.get("reason") or entry.data.get("comment") or "")
    made = trail.Entry(entry.at, entry.actor_name, words, icon, tone, changes, note)
    label = definition.label.in_locale(locale()) if definition else entry.subject_kind
    subject = f"{label} {entry.subject_id[-8:]}"
    return Line(made, subject, _url(known, entry), entry.action, entry.sealed, entry.on_behalf_of or "")


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
