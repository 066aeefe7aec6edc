"""The shipped objects: every table built by `object_table` in the shared MetaData carries its definition."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from sqlalchemy import Table

from engine.kernel.database import metadata
from engine.kernel.uow import Tx
from engine.metadata import snapshot
from engine.metadata.definition import ObjectDefinition


def shipped_tables() -> Mapping[str, Table]:
    """Tables of shipped objects by the object's key."""
    return _shipped(len(metadata.tables))


@lru_cache(maxsize=1)
def _shipped(_tables: int) -> Mapping[str, Table]:
    """Found again only when a table was added: a request asks for them several times."""
    found = ((table.info.get("definition"), table) for table in metadata.tables.values())
    return {definition.key: table for definition, table in found if isinstance(definition, ObjectDefinition)}


def shipped_definition(tx: Tx, key: str) -> ObjectDefinition | None:
    """The object before overlays: as shipped, or as an administrator first made it."""
    return next((definition for definition in known_objects(tx) if definition.key == key), None)


def known_objects(tx: Tx) -> tuple[ObjectDefinition, ...]:
    """Every object of the organisation before overlays, by key."""
    from engine.metadata.made_objects import made_objects

    shipped = [table.info["definition"] for table in shipped_tables().values()]
    made = made_objects(snapshot.load(tx))
    return tuple(sorted((*shipped, *made), key=lambda definition: definition.key))
