"""The common columns of rows that domain code writes: who, when, where, and the keys for search and sorting."""

from uuid import UUID

from engine.kernel.ids import new_id
from engine.kernel.uow import Tx
from engine.metadata.pinyin import search_forms, sort_key


def created(tx: Tx, branch_id: UUID, title: str = "", *, owner_id: UUID | None = None) -> dict[str, object]:
    """Values of the common columns of a new row; `title` is what people search for."""
    return {
        "id": new_id(),
        "branch_id": branch_id,
        "owner_id": owner_id,
        "created_at": tx.now,
        "created_by": tx.actor.id,
        "updated_at": tx.now,
        "updated_by": tx.actor.id,
        "search": f"{title.lower()} {search_forms(title)}" if title else "",
        "sort_name": sort_key(title) if title else "",
    }


def touched(tx: Tx) -> dict[str, object]:
    """Values of the common columns of a changed row; raise `version` beside it."""
    return {"updated_at": tx.now, "updated_by": tx.actor.id}
