"""Changing a custom field's type: what converts, what would be lost, and the doing of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.kernel.errors import Conflict, NotFound, UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import catalog, checks, snapshot
from engine.metadata.definition import FieldDefinition, ObjectDefinition
from engine.metadata.fieldtypes import CellContext, FieldError, type_of
from engine.metadata.overlay_checks import pinned_by
from engine.metadata.rights import require_right

_BATCH = 1_000
_EXAMPLES = 10


@dataclass(frozen=True, slots=True)
class Conversion:
    """`lost`: values that do not fit the new type and become empty; `examples`: some of them."""

    converted: int
    lost: int
    examples: tuple[str, ...]


def converted_field(field: FieldDefinition, new_type: str, source: Mapping[str, Any]) -> FieldDefinition:
    """The field with the new type. Raises UserError when its definition does not suit it."""
    from engine.metadata.loader import parse_field

    new = replace(parse_field({**source, "type": new_type}, custom=True, owner=field.owner))
    if findings := checks.check_field(new):
        raise UserError("invalid_definition", Text(findings[0], findings[0]))
    return new


def convert_values(
    tx: Tx, definition: ObjectDefinition, old: FieldDefinition, new: FieldDefinition, *, dry_run: bool
) -> Conversion:
    """Converts every stored value, in the bin too, a batch at a time; with `dry_run` only counts."""
    table = catalog.table_of(definition)
    examples: list[str] = []
    converted, lost, last = 0, 0, UUID(int=0)
    mine = table.c.object == definition.key if not definition.table else sa.true()
    while True:
        rows = tx.execute(
            sa.select(table.c.id, table.c.custom)
            .where(table.c.id > last, table.c.custom.has_key(old.key), mine)
            .order_by(table.c.id)
            .limit(_BATCH)
        ).all()
        if not rows:
            return Conversion(converted, lost, tuple(examples))
        for row in rows:
            last = row.id
            value = _converted(old, new, row.custom[old.key])
            if value is None:
                lost += 1
                examples += [str(row.custom[old.key])[:80]] if len(examples) < _EXAMPLES else []
            else:
                converted += 1
            if not dry_run:
                kept = {key: item for key, item in row.custom.items() if key != old.key}
                custom = kept if value is None else {**kept, old.key: type_of(new).to_json(new, value)}
                tx.execute(sa.update(table).where(table.c.id == row.id).values(custom=custom))


def require_convertible(tx: Tx, branch_id: UUID, object_key: str, key: str) -> tuple[ObjectDefinition, FieldDefinition]:
    """The object and its custom field, when the branch may convert it now. Raises NotFound, Conflict, Forbidden."""
    require_right(tx, "define_fields", branch_id)
    definition = catalog.load_branch(tx, branch_id).object(object_key)
    field = definition.field(key)
    if field is None or field.owner != str(branch_id):
        raise NotFound
    patches = snapshot.load(tx).overlays.get(object_key, {})
    sharers = [one for one, patch in patches.items() if one != branch_id and key in patch.get("fields", {})]
    if sharers or (users := pinned_by(tx, object_key, key)):
        named = [snapshot.load(tx).branches[one].name for one in sharers] or users
        raise Conflict("field_in_use", Text(f"字段正被使用：{'、'.join(named)}", f"In use by: {', '.join(named)}"))
    return definition, field


def _converted(old: FieldDefinition, new: FieldDefinition, raw: Any) -> Any:
    """By way of the text a person sees, as a spreadsheet cell would bring it; None when it does not fit."""
    try:
        shown = type_of(old).display(old, type_of(old).from_json(old, raw), "zh")
        return type_of(new).from_cell(new, shown, CellContext(UTC))
    except FieldError:
        return None
