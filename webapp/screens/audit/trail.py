"""The history as people read it: who did what, when, with old and new values as they may see them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import catalog, records
from engine.metadata.definition import FieldDefinition, ObjectDefinition
from engine.metadata.trail import HistoryEntry
from webapp import formats, names
from webapp.i18n import locale, translated
from webapp.screens.audit.trail_words import KINDS, VERBS
from webapp.screens.records.cells import text_of


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One field's old and new value as text."""

    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a timeline."""

    at: datetime
    who: str
    what: str
    icon: str
    tone: str
    changes: tuple[ChangeLine, ...] = ()
    note: str = ""


def of_record(tx: Tx, definition: ObjectDefinition, record_id: UUID, limit: int) -> tuple[Entry, ...]:
    """A record's timeline, newest first; values the actor may not read are not in it."""
    found = records.history(tx, definition.key, record_id, limit=limit)
    known = _names(tx, definition, [change for one in found for change in one.changes])
    return tuple(_entry(definition, one, known) for one in found)


def action_words(action: str) -> tuple[str, str, str]:
    """Words, icon and colour for an action of the history such as ``record:updated``."""
    kind, _, verb = action.partition(":")
    noun, icon = KINDS.get(kind, (Text(kind, kind), "point"))
    words, tone = VERBS.get(verb, (Text(verb.replace("_", " "), verb.replace("_", " ")), ""))
    joined = Text(f"{words.zh}{noun.zh}", f"{words.en} {noun.en}")
    return translated(joined), icon, tone


def change_lines(
    tx: Tx, definition: ObjectDefinition | None, changes: list[tuple[str, Any, Any]]
) -> tuple[ChangeLine, ...]:
    """Changes (field, old, new) in words; people, branches and records by their names."""
    known = _names(tx, definition, changes) if definition else {}
    return tuple(
        change_line(definition, key, known.get(str(old), old), known.get(str(new), new)) for key, old, new in changes
    )


def _names(tx: Tx, definition: ObjectDefinition, changes: list[tuple[str, Any, Any]]) -> dict[str, str]:
    """Names of the people, branches and linked records among the values."""
    found: dict[str, str] = {}
    for key, *values in changes:
        field = catalog.field_of(definition, key)
        for value in values:
            if field and field.type in ("user", "branch", "link") and value and str(value) not in found:
                kind = field.target if field.type == "link" and field.target else field.type
                found[str(value)] = names.title(tx, kind, str(value))
    return found


def change_line(definition: ObjectDefinition | None, key: str, old: Any, new: Any) -> ChangeLine:
    """One change in words; without a definition the bare values."""
    field = catalog.field_of(definition, key) if definition else None
    label = field.label.in_locale(locale()) if field else key
    return ChangeLine(label, _value(field, old), _value(field, new))


def _entry(definition: ObjectDefinition, found: HistoryEntry, known: Mapping[str, str]) -> Entry:
    what, icon, tone = action_words(found.action)
    changes = tuple(
        change_line(definition, key, known.get(str(old), old), known.get(str(new), new))
        for key, old, new in found.changes
    )
    return Entry(found.at, found.actor_name, what, icon, tone, changes, str(found.data.get("reason") or ""))


def _value(field: FieldDefinition | None, value: Any) -> str:
    return text_of(field, value) if field and isinstance(value, str | bool) else formats.plain(value)
