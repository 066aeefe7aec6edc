"""Users: members of staff who sign in."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.kernel.actor import Actor, ActorKind
from engine.kernel.errors import Conflict, NotFound, Stale, UserError
from engine.kernel.history import Change, Event
from engine.kernel.ids import new_id
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import organisation_tables as t
from engine.metadata import snapshot
from engine.metadata.pinyin import search_forms
from engine.metadata.rights import has_right, require_right

_USERNAME = re.compile(r"[a-z0-9][a-z0-9_.@-]{1,63}")
_CHANGEABLE = frozenset({"name", "phone", "email", "locale", "branch_id"})
_PERSONAL = frozenset({"phone", "email"})


@dataclass(frozen=True, slots=True)
class User:
    id: UUID
    username: str
    name: str
    branch_id: UUID
    phone: str | None
    email: str | None
    locale: str
    is_active: bool
    is_demo: bool
    version: int
    created_at: datetime

    def actor(self) -> Actor:
        return Actor(ActorKind.USER, str(self.id), self.name)


def create_user(
    tx: Tx,
    *,
    username: str,
    name: str,
    branch_id: UUID,
    phone: str | None = None,
    email: str | None = None,
    is_demo: bool = False,
) -> UUID:
    """A new user of the branch, without password and roles. Needs `manage_users` there."""
    require_right(tx, "manage_users", branch_id)
    username = username.strip().lower()
    if not _USERNAME.fullmatch(username):
        message = Text("用户名为 2 到 64 个小写字母、数字或 _ . @ -", "A username has 2 to 64 of a-z 0-9 _ . @ -")
        raise UserError("bad_username", message, fields={"username": message})
    if find_user(tx, username) is not None:
        raise Conflict("user_exists", Text(f"用户名 {username} 已被使用", f"The username {username} is taken"))
    user_id = new_id()
    tx.execute(
        sa.insert(t.app_user).values(
            id=user_id,
            username=username,
            name=name.strip(),
            pinyin=search_forms(name),
            branch_id=branch_id,
            phone=phone,
            email=email,
            is_demo=is_demo,
            created_at=tx.now,
        )
    )
    snapshot.changed(tx)
    tx.record(Event("user:created", ("user", user_id), branch_id, {"username": username}))
    return user_id


def update_user(tx: Tx, user_id: UUID, version: int | None = None, **changes: Any) -> None:
    """Changes name, phone, email, locale or branch; oneself may change phone, email and locale."""
    old = get_user(tx, user_id)
    is_own = tx.actor.id == str(user_id) and set(changes) <= {"phone", "email", "locale"}
    if not is_own:
        require_right(tx, "manage_users", old.branch_id)
    if not set(changes) <= _CHANGEABLE:
        raise UserError("bad_user", Text("不能修改该属性", "This attribute cannot be changed"))
    if "branch_id" in changes:
        require_right(tx, "manage_users", changes["branch_id"])
    if version is not None and version != old.version:
        raise Stale
    values = {**changes, "version": old.version + 1}
    if "name" in changes:
        values["pinyin"] = search_forms(changes["name"])
    tx.execute(sa.update(t.app_user).where(t.app_user.c.id == user_id).values(**values))
    snapshot.changed(tx)
    edits = [
        Change(name, getattr(old, name), value, name in _PERSONAL)
        for name, value in changes.items()
        if getattr(old, name) != value
    ]
    tx.record(Event("user:updated", ("user", user_id), old.branch_id, changes=edits))


def deactivate_user(tx: Tx, user_id: UUID, *, active: bool = False) -> None:
    """Stops (or lets again) a user sign in; stops every token. Work moves by the hand-over process, not here."""
    user = get_user(tx, user_id)
    require_right(tx, "manage_users", user.branch_id)
    if tx.actor.id == str(user_id):
        raise Conflict("own_account", Text("不能停用自己的账号", "You cannot deactivate your own account"))
    tx.execute(sa.update(t.app_user).where(t.app_user.c.id == user_id).values(is_active=active))
    if not active:
        live = sa.and_(t.access_token.c.user_id == user_id, t.access_token.c.revoked_at.is_(None))
        tx.execute(sa.update(t.access_token).where(live).values(revoked_at=tx.now))
    snapshot.changed(tx)
    tx.record(Event("user:activated" if active else "user:deactivated", ("user", user_id), user.branch_id))


def get_user(tx: Tx, user_id: UUID) -> User:
    """Raises NotFound."""
    row = tx.execute(_select().where(t.app_user.c.id == user_id)).first()
    if row is None:
        raise NotFound
    return User(*tuple(row))


def find_user(tx: Tx, username: str) -> User | None:
    row = tx.execute(_select().where(t.app_user.c.username == username.strip().lower())).first()
    return User(*tuple(row)) if row else None


def list_users(tx: Tx, *, branch_id: UUID | None = None, search: str = "", limit: int = 200) -> list[User]:
    """Users of the branch and below (default: all), by username. Phone and e-mail only for `manage_users`."""
    statement = _select().order_by(t.app_user.c.username).limit(min(limit, 1_000))
    if branch_id is not None:
        statement = statement.where(t.app_user.c.branch_id.in_(snapshot.load(tx).below(branch_id)))
    if search:
        like = f"%{_escape(search.lower())}%"
        columns = (t.app_user.c.username, t.app_user.c.name, t.app_user.c.pinyin)
        statement = statement.where(sa.or_(*(column.like(like) for column in columns)))
    users = [User(*tuple(row)) for row in tx.execute(statement)]
    return [user if has_right(tx, "manage_users", user.branch_id) else _public(user) for user in users]


def _select() -> sa.Select[Any]:
    return sa.select(*(t.app_user.c[name] for name in User.__dataclass_fields__))


def _public(user: User) -> User:
    hidden: dict[str, Any] = {
        **{name: getattr(user, name) for name in User.__dataclass_fields__},
        "phone": None,
        "email": None,
    }
    return User(**hidden)


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
