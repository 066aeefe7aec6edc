"""Large values of cases, kept beside their state: written when they are new, read when somebody looks them up.

The state of a case is read and written in every step. A list of 2,000 records inside it made a step many times slower;
kept in `instance_value` under its digest it costs what its name costs, until it is replaced.
"""

from __future__ import annotations

from uuid import UUID

from engine.kernel.uow import Tx
from engine.workflow.interpreter import codec
from engine.workflow.interpreter.large import Fetch, Packed, Variables
from engine.workflow.interpreter.state import State

_READ = "select content from instance_value where instance_id = %(id)s and digest = %(digest)s"
_KEEP = """insert into instance_value (instance_id, digest, content) values (%(id)s, %(digest)s, %(content)s)
 on conflict (instance_id, digest) do nothing"""
_DROP = """delete from instance_value where instance_id = %(id)s and digest = any(%(gone)s::bytea[])
 and not exists (select 1 from migration_undo where instance_id = %(id)s and undone_at is null)"""


def decode(tx: Tx, instance_id: UUID, blob: bytes) -> State:
    """The instance's state; its largest values are read when they are looked up. Raises: StateError."""

    def fetch(digest: bytes) -> bytes:
        rows = tx.query(_READ, {"id": instance_id, "digest": digest})
        if not rows:
            raise codec.StateError()
        return bytes(rows[0][0])

    reader: Fetch = fetch
    return codec.decode(blob, reader)


def digests(state: State) -> frozenset[bytes]:
    """Of the values the state keeps apart, as far as it is known where they lie."""
    return frozenset(
        value.digest
        for scope in state.scopes.values()
        if isinstance(scope.vars, Variables)
        for _, value in scope.vars.parts()
        if value.__class__ is Packed and value.digest is not None
    )


def encode(tx: Tx, instance_id: UUID, state: State, before: frozenset[bytes] = frozenset()) -> bytes:
    """The blob to write; new large values are posted beside it, those of `before` that it names no more go."""
    named: dict[bytes, bytes | None] = {}
    blob = codec.encode(state, named)
    for digest, content in named.items():
        if content is not None:
            tx.post(_KEEP, {"id": instance_id, "digest": digest, "content": content})
    gone = [digest for digest in before if digest not in named]
    if gone:
        tx.post(_DROP, {"id": instance_id, "gone": gone})
    return blob
