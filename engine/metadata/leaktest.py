"""The administrator's button "test my permissions": tries, as one user, to learn what that user may not read.

For every object the user reaches, each field that is not readable is asked for by every reader: select, filter, sort,
group, link path, export, history. A reader that answers is a leak. Reads only; what it finds goes to its caller.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from engine.kernel.errors import NotFound, UserError
from engine.kernel.history import Event
from engine.kernel.uow import Tx
from engine.metadata import access, catalog, exporting, query, records
from engine.metadata.definition import FieldDefinition
from engine.metadata.directory import user_actor
from engine.metadata.levels import is_readable
from engine.metadata.query import Query
from engine.metadata.rights import require_right

Probe = Callable[[Tx, str, FieldDefinition], object]


@dataclass(frozen=True, slots=True)
class Leak:
    """A reader that answered although the field is hidden or masked."""

    object: str
    field: str
    reader: str


@dataclass(frozen=True, slots=True)
class LeakReport:
    """`probes`: questions asked; `leaks`: those answered, empty when all is well."""

    probes: int
    leaks: tuple[Leak, ...]


def run(tx: Tx, user_id: UUID) -> LeakReport:
    """Probes every object as the user. Needs `explain_others`. Raises NotFound for an unknown or inactive user."""
    require_right(tx, "explain_others")
    actor = user_actor(tx, user_id)
    if actor is None:
        raise NotFound
    with tx.acting_as(actor):
        probes, leaks = _probe_all(tx)
    data = {"probes": probes, "leaks": [f"{leak.object}.{leak.field}: {leak.reader}" for leak in leaks]}
    tx.record(Event("permissions:tested", ("user", user_id), data=data))
    return LeakReport(probes, tuple(leaks))


def _probe_all(tx: Tx) -> tuple[int, list[Leak]]:
    probes, leaks = 0, []
    for definition in catalog.load(tx).objects():
        rights = access.rights_on(tx, definition.key)
        if not access.can(tx, "read", definition.key):
            continue
        for field in definition.fields:
            level = rights.levels.get(field.key, "none")
            if is_readable(level):
                continue
            for reader, probe in _PROBES.items():
                if level == "masked" and reader in _MASKED_MAY:
                    continue
                probes += 1
                if _answers(tx, probe, definition.key, field):
                    leaks.append(Leak(definition.key, field.key, reader))
    return probes, leaks


def _answers(tx: Tx, probe: Probe, object_key: str, field: FieldDefinition) -> bool:
    """True unless the reader refuses, or gives nothing of the field."""
    try:
        with tx.savepoint():
            return bool(probe(tx, object_key, field))
    except UserError:
        return False


def _select(tx: Tx, object_key: str, field: FieldDefinition) -> object:
    return query.fetch(tx, Query(object_key, (field.key,), limit=1)) is not None


def _default_fields(tx: Tx, object_key: str, field: FieldDefinition) -> object:
    page = query.fetch(tx, Query(object_key, limit=5))
    return any(field.key in record.values or field.key in record.json() for record in page.items)


def _filter(tx: Tx, object_key: str, field: FieldDefinition) -> object:
    return query.count(tx, Query(object_key, filter={"field": field.key, "op": "empty", "value": False})) is not None


def _feel_filter(tx: Tx, object_key: str, field: FieldDefinition) -> object:
    return query.count(tx, Query(object_key, filter=f"{field.key} != null")) is not None


def _sort(tx: Tx, object_key: str, field: FieldDefinition) -> object:
    return query.fetch(tx, Query(object_key, (), sort=(field.key,), limit=1)) is not None


def _group(tx: Tx, object_key: str, field: FieldDefinition) -> object:
    return query.group(tx, Query(object_key), field.key) is not None


def _total(tx: Tx, object_key: str, field: FieldDefinition) -> object:
    return query.group(tx, Query(object_key), "branch_id", field.key) is not None


def _through_links(tx: Tx, object_key: str, field: FieldDefinition) -> object:
    """From every object that links here."""
    return any(
        _answers_through(tx, other.key, f"{link.key}.{field.key}")
        for other in catalog.load(tx).objects()
        for link in other.fields
        if link.type == "link" and link.target == object_key and access.can(tx, "read", other.key)
    )


def _answers_through(tx: Tx, object_key: str, path: str) -> bool:
    try:
        query.count(tx, Query(object_key, filter={"field": path, "op": "empty", "value": False}))
    except UserError:
        return False
    return True


def _export(tx: Tx, object_key: str, field: FieldDefinition) -> object:
    return exporting.export(tx, Query(object_key, (field.key,), limit=1), "csv", io.BytesIO()) is not None


def _history(tx: Tx, object_key: str, field: FieldDefinition) -> object:
    page = query.fetch(tx, Query(object_key, (), limit=3))
    trails = [entry for record in page.items for entry in records.history(tx, object_key, record.id)]
    return any(field.key == key for entry in trails for key, _, _ in entry.changes)


_PROBES: dict[str, Probe] = {
    "select": _select,
    "default fields": _default_fields,
    "filter": _filter,
    "FEEL filter": _feel_filter,
    "sort": _sort,
    "group": _group,
    "total": _total,
    "link path": _through_links,
    "export": _export,
    "history": _history,
}
_MASKED_MAY = frozenset({"select", "default fields", "export", "history"})
"""Readers that may show a masked field, as its mask."""
