"""The objects as a branch sees them: shipped definitions with the overlays above and of the branch merged in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import Table

from engine.kernel.errors import NotFound
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import snapshot
from engine.metadata.definition import FieldDefinition, ObjectDefinition
from engine.metadata.overlay import merge, own_fields, place_unplaced
from engine.metadata.profile import load_profile, visible_branches
from engine.metadata.shipped_objects import known_objects, shipped_tables
from engine.metadata.snapshot import Snapshot
from engine.metadata.system_fields import system_fields


@dataclass(frozen=True)
class Catalog:
    """Definitions by key. `object(key)` raises NotFound."""

    definitions: dict[str, ObjectDefinition]

    def object(self, key: str) -> ObjectDefinition:
        found = self.definitions.get(key)
        if found is None:
            raise NotFound("no_object", Text(f"没有对象 {key[:40]}", f"There is no object {key[:40]}"))
        return found

    def objects(self) -> tuple[ObjectDefinition, ...]:
        return tuple(self.definitions.values())


def load(tx: Tx) -> Catalog:
    """The objects as the acting one sees them: its branch's view, and the own fields of the branches it may know.

    Headquarters so sees every branch's fields; a branch never sees a sibling's.
    """
    config, profile = snapshot.load(tx), load_profile(tx)
    home = profile.branch_id or config.root.id
    return _cached(tx, config, home, visible_branches(config, profile))


def load_branch(tx: Tx, branch_id: UUID) -> Catalog:
    """The objects as they are in one branch: what its records are validated against."""
    config = snapshot.load(tx)
    return _cached(tx, config, branch_id, frozenset(config.chain(branch_id)))


def table_of(definition: ObjectDefinition) -> Table:
    """The table that holds the object's rows."""
    from engine.metadata.tables import custom_record

    return shipped_tables()[definition.key] if definition.table else custom_record


def field_of(definition: ObjectDefinition, key: str) -> FieldDefinition | None:
    """A field of the object, system fields included."""
    own = definition.field(key)
    return own if own is not None else _system(definition).get(key)


def all_fields(definition: ObjectDefinition) -> tuple[FieldDefinition, ...]:
    """System fields first, then the object's own."""
    found = definition.memo.get("all_fields")
    if found is None:
        found = definition.memo["all_fields"] = (*_system(definition).values(), *definition.fields)
    assert isinstance(found, tuple)
    return found


def _system(definition: ObjectDefinition) -> dict[str, FieldDefinition]:
    found: dict[str, FieldDefinition] | None = definition.memo.get("system")
    if found is None:
        fields = system_fields(definition.stages, has_lifecycle=definition.lifecycle is not None)
        found = definition.memo["system"] = {field.key: field for field in fields}
    return found


def _cached(tx: Tx, config: Snapshot, home: UUID, visible: frozenset[UUID]) -> Catalog:
    key = ("catalog", home, visible, frozenset(shipped_tables()))
    found = config.memo.get(key)
    if not isinstance(found, Catalog):
        merged = (_merged(config, definition, home, visible) for definition in known_objects(tx))
        found = Catalog({definition.key: definition for definition in merged if definition is not None})
        config.memo[key] = found
    return found


def _merged(
    config: Snapshot, definition: ObjectDefinition, home: UUID, visible: frozenset[UUID]
) -> ObjectDefinition | None:
    patches = config.overlays.get(definition.key, {})
    maker = next((branch for branch, patch in patches.items() if "object" in patch), None)
    if maker is not None and maker not in visible:
        return None
    chain = config.chain(home)
    for branch_id in chain:
        if branch_id in patches:
            definition = merge(definition, patches[branch_id], str(branch_id))
    others = sorted((one for one in visible if one in patches and one not in chain), key=str)
    extra = _fields_of_others(config, definition, others)
    return place_unplaced(replace(definition, fields=(*definition.fields, *extra)))


def _fields_of_others(
    config: Snapshot, definition: ObjectDefinition, branches: Iterable[UUID]
) -> list[FieldDefinition]:
    """Own fields of branches below: known here, required only there."""
    found: list[FieldDefinition] = []
    known = {field.key for field in definition.fields}
    for branch_id in branches:
        for field in own_fields(config.overlays[definition.key][branch_id], str(branch_id), known):
            found.append(replace(field, required=False, required_when=None, default=None))
            known.add(field.key)
    return found
