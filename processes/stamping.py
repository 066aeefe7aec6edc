"""The common columns of rows that domain code writes: who, when, where, and the keys for search and sorting."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import Table

from engine.kernel.ids import new_id
from engine.kernel.uow import Tx
from engine.metadata.search import search_text, sort_name
from engine.metadata.tables import definition_of


def created(tx: Tx, branch_id: UUID, *, owner_id: UUID | None = None) -> dict[str, object]:
    """Values of the common columns of a new row."""
    return {
        "id": new_id(),
        "branch_id": branch_id,
        "owner_id": owner_id,
        "created_at": tx.now,
        "created_by": tx.actor.id,
        "updated_at": tx.now,
        "updated_by": tx.actor.id,
    }


def indexed(table: Table, values: Mapping[str, object]) -> dict[str, object]:
    """The values of a new row of an object's table, with what people search and sort it by."""
    definition = definition_of(table)
    return {**values, "search": search_text(definition, values), "sort_name": sort_name(definition, values)}


def touched(tx: Tx) -> dict[str, object]:
    """Values of the common columns of a changed row; raise `version` beside it."""
    return {"updated_at": tx.now, "updated_by": tx.actor.id}
