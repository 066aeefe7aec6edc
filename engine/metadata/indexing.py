"""Expression indexes for custom fields marked ``indexed`` (or unique), built and dropped while everything runs.

The overlay that says ``indexed`` is the request; the application's account can't create indexes, so the worker on duty
does it with the owner's. Only types whose reading from JSON never changes can be indexed: text, numbers, bool, ids.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection

from engine.kernel.uow import Tx
from engine.metadata import catalog, snapshot
from engine.metadata.definition import FieldDefinition, ObjectDefinition, Unique
from engine.metadata.fieldtypes import type_of
from engine.metadata.statement import quoted, stored_value

log = logging.getLogger(__name__)

_PREFIX = "cx_"
_STEADY = frozenset({"text", "numeric", "bigint", "integer", "boolean", "uuid"})
_LONGEST = 63
_EXISTING = sa.text(
    "SELECT c.relname AS name, i.indisvalid AS is_valid, obj_description(c.oid, 'pg_class') AS made_from"
    " FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE starts_with(c.relname, :prefix)"
)


@dataclass(frozen=True, slots=True)
class FieldIndex:
    """One index: its name and what follows ``CREATE INDEX CONCURRENTLY name``."""

    name: str
    definition: str


def wanted_indexes(tx: Tx) -> tuple[FieldIndex, ...]:
    """The indexes that the organisation's custom fields ask for, by name."""
    found = {index.name: index for index in _wanted(tx)}
    return tuple(found[name] for name in sorted(found))


def bring_in_line(owner_url: str, wanted: tuple[FieldIndex, ...]) -> tuple[str, ...]:
    """Builds what is missing, replaces what was built otherwise or broke off, drops what nobody asks for; their names.

    Readers and writers go on meanwhile (CONCURRENTLY), so it runs outside any transaction.
    """
    engine = sa.create_engine(owner_url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            rows = connection.execute(_EXISTING, {"prefix": _PREFIX}).all()
            sound = {row.name for row in rows if row.is_valid and row.made_from in {one.definition for one in wanted}}
            sound &= {one.name for one in wanted}
            stale = sorted({row.name for row in rows} - sound)
            for name in stale:
                connection.execute(sa.text(f"DROP INDEX CONCURRENTLY IF EXISTS {quoted(name)}"))
            missing = [one for one in wanted if one.name not in sound]
            for one in missing:
                _build(connection, one)
            return (*stale, *(one.name for one in missing))
    finally:
        engine.dispose()


def _wanted(tx: Tx) -> Iterator[FieldIndex]:
    for object_key, by_branch in snapshot.load(tx).overlays.items():
        for branch_id in by_branch:
            definition = catalog.load_branch(tx, branch_id).object(object_key)
            for field in definition.fields:
                if field.custom and (field.indexed or field.unique is not Unique.NONE):
                    yield from _index(definition, field)


def _index(definition: ObjectDefinition, field: FieldDefinition) -> Iterator[FieldIndex]:
    if type_of(field).result_sql(field) not in _STEADY:
        log.info("field %s.%s is of a type that can't be indexed", definition.key, field.key)
        return
    table = catalog.table_of(definition).name
    value = stored_value(field, "t").replace("t.custom", "custom")
    where = "" if definition.table else f" WHERE object = '{quoted(definition.key)[1:-1]}'"
    yield FieldIndex(_name(definition.key, field.key), f"ON {quoted(table)} (({value}), id){where}")


def _name(object_key: str, field_key: str) -> str:
    name = f"{_PREFIX}{object_key}_{field_key}"
    if len(name) <= _LONGEST:
        return name
    return f"{name[: _LONGEST - 9]}_{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _build(connection: Connection, index: FieldIndex) -> None:
    driver = connection.connection.cursor()
    name = quoted(index.name)
    driver.execute(f"CREATE INDEX CONCURRENTLY {name} {index.definition}")
    note = index.definition.replace("'", "''")
    driver.execute(f"COMMENT ON INDEX {name} IS '{note}'")
