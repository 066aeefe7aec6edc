"""What of a case is kept beside its state: large values, and most of a state with very many tokens (ADR 16, 20).

The state of a case is read and written in every step. A list of 2,000 records inside it made a step many times slower,
and so did 4,000 tokens of which a step moves one. Kept in `instance_value` under its digest each of them costs what its
name costs, until it is looked up or replaced.
"""

from __future__ import annotations

from uuid import UUID

from engine.kernel.errors import Replaced
from engine.kernel.uow import Tx
from engine.workflow.interpreter import codec, paging
from engine.workflow.interpreter.large import Packed, Variables
from engine.workflow.interpreter.state import State
from engine.workflow.interpreter.table import awake

_READ = "select digest, content from instance_value where instance_id = %(id)s and digest = any(%(digests)s::bytea[])"
_KEEP = """insert into instance_value (instance_id, digest, content)
 select %(id)s, digest, content from unnest(%(digests)s::bytea[], %(contents)s::bytea[]) as fresh(digest, content)
 on conflict (instance_id, digest) do nothing"""
_DROP = """delete from instance_value where instance_id = %(id)s and digest = any(%(gone)s::bytea[])
 and not exists (select 1 from migration_undo u join instance i on i.id = u.instance_id
 where u.instance_id = %(id)s and u.undone_at is null and u.lock_version = i.lock_version)"""
_FEW = 8


def decode(tx: Tx, instance_id: UUID, blob: bytes) -> State:
    """The instance's state; what is kept beside it is read when it is looked up.

    Raises: StateError; Replaced, then, when the instance is not locked and has moved on meanwhile.
    """
    kept = _Kept(tx, instance_id)
    state = codec.decode(blob, kept.fetch)
    kept.pages = list(pages(state))
    return state


class _Kept:
    """What is kept beside one state. Who looks up more than a few pages looks at all of them: they come together."""

    def __init__(self, tx: Tx, instance_id: UUID) -> None:
        self.pages: list[bytes] = []
        self._tx = tx
        self._id = instance_id
        self._found: dict[bytes, bytes] = {}
        self._asked = 0

    def fetch(self, digest: bytes) -> bytes:
        """The bytes. Raises: Replaced."""
        if digest not in self._found:
            self._asked += 1
            wanted = self.pages if self._asked > _FEW and digest in self.pages else [digest]
            rows = self._tx.query(_READ, {"id": self._id, "digests": wanted})
            self._found |= {bytes(name): bytes(content) for name, content in rows}
        if digest not in self._found:
            raise Replaced
        return self._found[digest]


def pages(state: State) -> frozenset[bytes]:
    """Digests of the pages of the state that are kept beside it and that nobody has changed."""
    return frozenset().union(*(paging.digests_of(table) for table in (state.scopes, state.tokens, state.arms)))


def digests(state: State) -> frozenset[bytes]:
    """Of all a state keeps beside it, as it was read: looking at all of its tokens takes its pages apart."""
    return pages(state) | frozenset(
        value.digest
        for scope in awake(state.scopes)
        if isinstance(scope.vars, Variables)
        for _, value in scope.vars.parts()
        if value.__class__ is Packed and value.digest is not None
    )


def encode(tx: Tx, instance_id: UUID, state: State, before: frozenset[bytes] = frozenset()) -> bytes:
    """The blob to write; what is new beside it is posted, what of `before` it names no more goes."""
    named: dict[bytes, bytes | None] = {}
    blob = codec.encode(state, named)
    fresh = {digest: content for digest, content in named.items() if content is not None}
    if fresh:
        tx.post(_KEEP, {"id": instance_id, "digests": list(fresh), "contents": list(fresh.values())})
    gone = [digest for digest in before if digest not in named]
    if gone:
        tx.post(_DROP, {"id": instance_id, "gone": gone})
    return blob


def whole(state: State, blob: bytes) -> bytes:
    """A blob of the state, read from this one, with all its tokens in it; only large values stay beside it."""
    return codec.encode(state, {}, pages_apart=False) if pages(state) else blob
