"""Saved views: one's own, and those shared with one's branch or a branch above it.

A view holds only the question; whoever opens it gets the answer that person's own rights give.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from engine.kernel.errors import NotFound, UserError
from engine.kernel.history import Event
from engine.kernel.ids import new_id
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import access, snapshot
from engine.metadata.profile import load_profile
from engine.metadata.view_tables import saved_view

_c = saved_view.c
_SHOWN = 50
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class SavedView:
    """``parameters``: name and value pairs of a list's address, in order; ``branch_id``: shared with it and below."""

    id: UUID
    object: str
    user_id: UUID
    branch_id: UUID | None
    name: str
    parameters: tuple[tuple[str, str], ...]


def of_object(tx: Tx, object_key: str) -> tuple[SavedView, ...]:
    """The actor's views of an object and those shared with the actor, oldest first, at most 50."""
    profile = load_profile(tx)
    if profile.user_id is None:
        return ()
    chain = snapshot.load(tx).chain(profile.branch_id) if profile.branch_id else ()
    mine = sa.or_(_c.user_id == profile.user_id, _c.branch_id.in_(chain))
    statement = sa.select(saved_view).where(_c.object == object_key, mine).order_by(_c.id).limit(_SHOWN)
    return tuple(_view(row) for row in tx.execute(statement))


def create(tx: Tx, object_key: str, name: str, parameters: Sequence[tuple[str, str]]) -> UUID:
    """Keeps a question under a name, for the actor alone. Raises: Forbidden, UserError."""
    access.require(tx, "read", object_key)
    view_id = new_id()
    values = {"id": view_id, "object": object_key, "user_id": UUID(tx.actor.id), "name": _checked(name)}
    tx.execute(sa.insert(saved_view).values(**values, parameters=[list(pair) for pair in parameters][:100]))
    tx.record(Event("view:created", ("view", view_id), data={"object": object_key}))
    return view_id


def rename(tx: Tx, view_id: UUID, name: str) -> None:
    """Only one's own. Raises: NotFound, UserError."""
    _change(tx, view_id, "view:renamed", name=_checked(name))


def share(tx: Tx, view_id: UUID, *, shared: bool) -> None:
    """Shares one's own view with one's branch and those below, or takes it back. Raises: NotFound."""
    _change(tx, view_id, "view:shared", branch_id=load_profile(tx).branch_id if shared else None)


def remove(tx: Tx, view_id: UUID) -> None:
    """Only one's own. Raises: NotFound."""
    if tx.execute(sa.delete(saved_view).where(*_own(tx, view_id))).rowcount != 1:
        raise NotFound
    tx.record(Event("view:removed", ("view", view_id)))


def _change(tx: Tx, view_id: UUID, action: str, **values: object) -> None:
    if tx.execute(sa.update(saved_view).where(*_own(tx, view_id)).values(**values)).rowcount != 1:
        raise NotFound
    tx.record(Event(action, ("view", view_id)))


def _own(tx: Tx, view_id: UUID) -> tuple[sa.ColumnElement[bool], ...]:
    return (_c.id == view_id, _c.user_id == load_profile(tx).user_id)


def _checked(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= _LONGEST:
        message = Text(f"名称为 1 到 {_LONGEST} 个字", f"A name has 1 to {_LONGEST} characters")
        raise UserError("view_name", message, fields={"name": message})
    return name


def _view(row: sa.Row[tuple[object, ...]]) -> SavedView:
    pairs = tuple((str(name), str(value)) for name, value in row.parameters)
    return SavedView(row.id, row.object, row.user_id, row.branch_id, row.name, pairs)
