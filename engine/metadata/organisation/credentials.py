"""Passwords (argon2id), bearer tokens (stored as digests), and the limit on attempts to sign in."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy.dialects.postgresql import insert

from engine.kernel.actor import Actor, ActorKind
from engine.kernel.errors import Forbidden, NotFound, TooManyRequests, Unauthenticated, UserError
from engine.kernel.history import Event
from engine.kernel.ids import new_id
from engine.kernel.line import Command, Rows
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import organisation_tables as t
from engine.metadata.organisation.users import User, find_user, get_user
from engine.metadata.rights import require_right

_SHORTEST = 8
_WINDOW = timedelta(minutes=15)
_KEPT = timedelta(days=1)
_PER_USER, _PER_ADDRESS = 8, 40
TOKEN_LIFE = timedelta(days=30)
_hasher = PasswordHasher()
_MUST_CHANGE = Text("请先修改密码", "Change your password first")
_MUST_CHANGE_HINT = Text(
    "密码由他人设置。在页面上登录后修改，或调用 POST /api/v1/me/password",
    "Somebody else set it. Sign in to the pages and change it, or call POST /api/v1/me/password",
)
_BEARER = """select u.id, u.name, coalesce(p.must_change, false) from access_token k
 join app_user u on u.id = k.user_id and u.is_active left join password p on p.user_id = u.id
 where k.digest = %(digest)s and k.revoked_at is null and k.expires_at > %(now)s"""
_WRONG = Text("用户名或密码不正确", "The username or the password is wrong")


def set_password(tx: Tx, user_id: UUID, password: str, *, must_change: bool = False) -> None:
    """Sets another user's password. Needs `manage_users` at the user's branch."""
    user = get_user(tx, user_id)
    require_right(tx, "manage_users", user.branch_id)
    _store(tx, user, password, must_change=must_change)


def change_password(tx: Tx, old: str, new: str) -> None:
    """Changes the actor's own password. Raises UserError when the old one is wrong."""
    user = get_user(tx, UUID(tx.actor.id))
    if not _matches(_hash_of(tx, user.id), old):
        raise UserError(
            "wrong_password", message := Text("原密码不正确", "The old password is wrong"), fields={"old": message}
        )
    _store(tx, user, new, must_change=False)


def sign_in(tx: Tx, username: str, password: str, address: str) -> User | None:
    """The user when name and password fit, else None (commit either way: the attempt counts).

    Raises TooManyRequests after 8 failures of a name or 40 of an address within 15 minutes.
    """
    username = username.strip().lower()[:64]
    _check_rate(tx, username, address)
    user = find_user(tx, username)
    fits = _matches(_hash_of(tx, user.id) if user else None, password)
    succeeded = bool(user and user.is_active and fits)
    values = {"id": new_id(), "username": username, "address": address, "at": tx.now, "succeeded": succeeded}
    tx.execute(sa.insert(t.sign_in_attempt).values(values))
    if succeeded:
        tx.execute(sa.delete(t.sign_in_attempt).where(t.sign_in_attempt.c.at < tx.now - _KEPT))
    action = "user:signed_in" if succeeded else "user:sign_in_refused"
    tx.record(
        Event(action, ("user", user.id if user else username), user.branch_id if user else None, {"address": address})
    )
    return user if succeeded else None


def wrong_credentials() -> Unauthenticated:
    """The one answer to a failed sign-in: it does not tell which of the two was wrong."""
    return Unauthenticated("wrong_credentials", _WRONG)


def change_first() -> Forbidden:
    """The answer to all that a person asks for before changing a password that somebody else set."""
    return Forbidden("must_change_password", _MUST_CHANGE, hint=_MUST_CHANGE_HINT)


def issue_token(tx: Tx, user_id: UUID, *, label: str = "", life: timedelta = TOKEN_LIFE) -> str:
    """A new bearer token, shown once. The caller has just checked the user's password."""
    token = f"sf_{secrets.token_urlsafe(32)}"
    values = {"id": new_id(), "user_id": user_id, "digest": digest_of(token), "label": label[:80]}
    tx.execute(sa.insert(t.access_token).values(**values, created_at=tx.now, expires_at=tx.now + life))
    tx.record(Event("token:issued", ("user", user_id), data={"label": label[:80]}))
    return token


@dataclass(frozen=True)
class Bearer:
    """Whom a token stands for. ``must_change``: the password is one that somebody else set."""

    actor: Actor
    must_change: bool


def bearer(tx: Tx, token: str) -> Bearer:
    """Who carries the token. Raises Unauthenticated when it is unknown, expired, revoked, or the user is inactive."""
    return bearer_of(tx.query(*bearer_question(token, tx.now)))


def bearer_question(token: str, now: datetime) -> Command:
    """What to ask the database about a token; ``bearer_of`` reads the answer."""
    return Command(_BEARER, {"digest": digest_of(token), "now": now})


def bearer_of(rows: Rows) -> Bearer:
    """Who carries the token, by the answer to ``bearer_question``. Raises Unauthenticated as ``bearer``."""
    if not rows:
        raise Unauthenticated
    user_id, name, must_change = rows[0]
    return Bearer(Actor(ActorKind.USER, str(user_id), name), must_change)


def require_token(tx: Tx, token: str) -> Actor:
    """The actor a token stands for. Raises Unauthenticated as ``bearer``."""
    return bearer(tx, token).actor


def revoke_token(tx: Tx, token: str) -> None:
    """Ends a token at once. Raises NotFound."""
    c = t.access_token.c
    live = sa.and_(c.digest == digest_of(token), c.revoked_at.is_(None))
    if tx.execute(sa.update(t.access_token).where(live).values(revoked_at=tx.now)).rowcount != 1:
        raise NotFound
    tx.record(Event("token:revoked", ("user", tx.actor.id)))


def _store(tx: Tx, user: User, password: str, *, must_change: bool) -> None:
    if len(password) < _SHORTEST or len(password) > 200 or password.strip().lower() == user.username:
        message = Text(
            f"密码至少 {_SHORTEST} 个字符，且不能与用户名相同",
            f"A password has at least {_SHORTEST} characters and is not the username",
        )
        raise UserError("weak_password", message, fields={"password": message})
    values = {"hash": _hasher.hash(password), "changed_at": tx.now, "must_change": must_change}
    statement = insert(t.password).values(user_id=user.id, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["user_id"], set_=values))
    live = sa.and_(t.access_token.c.user_id == user.id, t.access_token.c.revoked_at.is_(None))
    tx.execute(sa.update(t.access_token).where(live).values(revoked_at=tx.now))
    tx.record(Event("password:changed", ("user", user.id), user.branch_id))


def _hash_of(tx: Tx, user_id: UUID) -> str | None:
    return tx.execute(sa.select(t.password.c.hash).where(t.password.c.user_id == user_id)).scalar_one_or_none()


def _matches(stored: str | None, password: str) -> bool:
    """Takes as long for an unknown user as for a known one."""
    try:
        return _hasher.verify(stored or _decoy(), password[:200]) and stored is not None
    except (Argon2Error, InvalidHashError):
        return False


@cache
def _decoy() -> str:
    return _hasher.hash(secrets.token_hex(16))


def _check_rate(tx: Tx, username: str, address: str) -> None:
    c = t.sign_in_attempt.c
    since = (c.at > tx.now - _WINDOW, c.succeeded.is_(False))
    for column, value, limit in ((c.username, username, _PER_USER), (c.address, address, _PER_ADDRESS)):
        failures = tx.execute(sa.select(sa.func.count()).where(column == value, *since)).scalar_one()
        if failures >= limit:
            raise TooManyRequests(hint=Text("请 15 分钟后再试", "Try again in 15 minutes"))


def digest_of(token: str) -> bytes:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).digest()
