"""What somebody has filled into a task and not sent yet: per person, seen by him alone, gone when the task is done.

Kept in the task's own row as `{user: {values, comment, at}}`, so that it goes where the task goes: through a migration,
back into a countersign that is opened again. Who hands a task on hands on what he filled in, but not what he thinks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.kernel.canonical import dumps
from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx

MAX_BYTES = 1_000_000
_READ = "select draft->%(user)s::text from user_task where id = %(id)s"
_KEEP = """update user_task set draft = coalesce(draft, '{}') || jsonb_build_object(%(user)s::text, %(draft)s::jsonb)
 where id = %(id)s"""
_DROP = "update user_task set draft = nullif(draft - %(user)s::text, '{}') where id = %(id)s and draft ? %(user)s::text"
_HAND_ON = """update user_task set draft = (draft - %(of)s::text) || jsonb_build_object(%(to)s::text,
 (draft->%(of)s::text) - 'comment') where id = %(id)s and draft ? %(of)s::text and not draft ? %(to)s::text"""


@dataclass(frozen=True, slots=True)
class Draft:
    """`at`: when it was kept last; None for one of an older release."""

    values: Mapping[str, Any]
    comment: str
    at: datetime | None


def read(tx: Tx, task_id: UUID, user: str) -> Draft | None:
    """The user's own draft."""
    ((found,),) = tx.query(_READ, {"id": task_id, "user": user}) or [(None,)]
    if found is None:
        return None
    at = datetime.fromisoformat(found["at"]) if "at" in found else None
    return Draft(found.get("values", {}), found.get("comment", ""), at)


def keep(tx: Tx, task_id: UUID, values: Mapping[str, Any], comment: str) -> None:
    """tx.actor's draft; one without anything in it is dropped. Raises: UserError for more than 1 MB."""
    if not values and not comment:
        tx.post(_DROP, {"id": task_id, "user": tx.actor.id})
        return
    draft = dumps({"values": dict(values), "comment": comment, "at": tx.now.isoformat()})
    if len(draft) > MAX_BYTES:
        raise UserError("draft_too_large", Text("草稿过大", "The draft is too large"))
    tx.post(_KEEP, {"id": task_id, "user": tx.actor.id, "draft": draft})


def hand_on(tx: Tx, task_id: UUID, of: str | None, to: str) -> None:
    """What the one has filled in goes to the other with the task, unless he has a draft of his own."""
    if of is not None and of != to:
        tx.post(_HAND_ON, {"id": task_id, "of": of, "to": to})
