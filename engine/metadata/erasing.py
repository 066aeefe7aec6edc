"""Erasing a person's values from the history: the rows and the chain stay, the values are gone for good.

Other rooms that keep values of a record beside it (finished cases) are asked as well: `register_keeper`.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import sqlalchemy as sa

from engine.kernel import history
from engine.kernel.errors import NotFound, UserError
from engine.kernel.history import Event
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata.rights import require_right

RIGHT = "erase_personal"
_KEPT = sa.text(
    "SELECT count(v.history_id) AS held, (array_agg(h.branch_id ORDER BY h.id DESC))[1] AS branch_id,"
    " count(h.id) AS rows FROM history h"
    " LEFT JOIN history_value v ON v.history_id = h.id AND v.value IS NOT NULL"
    " WHERE h.subject_kind = :kind AND h.subject_id = :id"
)

Values = Callable[[Tx, str, UUID], int]
_keepers: list[tuple[Values, Values]] = []


def register_keeper(kept: Values, forget: Values) -> None:
    """Composition adds who else keeps values of a record: `kept` counts them, `forget` erases them and counts."""
    if (kept, forget) not in _keepers:
        _keepers.append((kept, forget))


def kept(tx: Tx, object_key: str, record_id: UUID) -> int:
    """How many personal values the trail of one record and its finished cases still hold.

    Needs `erase_personal` at its branch. Raises: NotFound when nothing was ever done to such a record.
    """
    held, _ = _look(tx, object_key, record_id)
    return held + sum(kept(tx, object_key, record_id) for kept, _ in _keepers)


def erase(tx: Tx, object_key: str, record_id: UUID, reason: str) -> int:
    """Forgets them and writes down that, by whom and why; the number erased. The record itself is not touched.

    Needs `erase_personal` at its branch. Raises: NotFound; UserError without a reason.
    """
    _, branch_id = _look(tx, object_key, record_id)
    if not reason.strip():
        message = Text("请填写原因", "A reason is needed")
        raise UserError("reason_needed", message, fields={"reason": message})
    erased = history.erase_personal(tx.connection, (object_key, str(record_id)))
    erased += sum(forget(tx, object_key, record_id) for _, forget in _keepers)
    data = {"values": erased, "reason": reason.strip()[:500]}
    tx.record(Event("history:erased", (object_key, record_id), branch_id, data))
    return erased


def _look(tx: Tx, object_key: str, record_id: UUID) -> tuple[int, UUID | None]:
    found = tx.execute(_KEPT, {"kind": object_key, "id": str(record_id)}).one()
    if not found.rows:
        raise NotFound
    require_right(tx, RIGHT, found.branch_id)
    return int(found.held), found.branch_id
