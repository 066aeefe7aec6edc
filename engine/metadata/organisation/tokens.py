"""One's own tokens and sign-ins: what is open in one's name, and how to end it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from engine.kernel.actor import ActorKind
from engine.kernel.errors import NotFound, Unauthenticated
from engine.kernel.history import Event
from engine.kernel.uow import Tx
from engine.metadata import organisation_tables as t
from engine.metadata.organisation.credentials import digest_of

_MOST = 100
_SIGN_INS = sa.text(
    "SELECT at, action = 'user:signed_in' AS succeeded, data->>'address' AS address FROM history"
    " WHERE subject_kind = 'user' AND subject_id = :id AND action IN ('user:signed_in', 'user:sign_in_refused')"
    " ORDER BY id DESC LIMIT 20"
)


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A live token: a browser's session or a program's; ``is_this``: the one that asks."""

    id: UUID
    label: str
    created_at: datetime
    expires_at: datetime
    is_this: bool


@dataclass(frozen=True, slots=True)
class SignIn:
    """One attempt to sign in with one's name, from an address."""

    at: datetime
    succeeded: bool
    address: str


def own_tokens(tx: Tx, shown: str) -> list[TokenRow]:
    """The actor's live tokens, newest first; ``shown``: the one of this request. Raises: Unauthenticated."""
    c, this = t.access_token.c, digest_of(shown)
    live = (c.user_id == _own_id(tx), c.revoked_at.is_(None), c.expires_at > tx.now)
    statement = sa.select(c.id, c.label, c.created_at, c.expires_at, c.digest).where(*live).order_by(c.id.desc())
    return [
        TokenRow(row.id, row.label, row.created_at, row.expires_at, bytes(row.digest) == this)
        for row in tx.execute(statement.limit(_MOST))
    ]


def end_token(tx: Tx, token_id: UUID) -> None:
    """Ends one of the actor's tokens at once, wherever it is. Raises: NotFound, also for somebody else's."""
    c = t.access_token.c
    own = (c.id == token_id, c.user_id == _own_id(tx), c.revoked_at.is_(None))
    if tx.execute(sa.update(t.access_token).where(*own).values(revoked_at=tx.now)).rowcount != 1:
        raise NotFound
    tx.record(Event("token:revoked", ("user", tx.actor.id)))


def own_sign_ins(tx: Tx) -> list[SignIn]:
    """The latest twenty attempts with the actor's name, newest first."""
    found = tx.execute(_SIGN_INS, {"id": str(_own_id(tx))})
    return [SignIn(row.at, row.succeeded, row.address or "") for row in found]


def _own_id(tx: Tx) -> UUID:
    if tx.actor.kind is not ActorKind.USER:
        raise Unauthenticated
    return UUID(tx.actor.id)
