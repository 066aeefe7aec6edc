"""Saved states: msgpack with a format number. Every released format stays readable (tests/golden/)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgpack  # type: ignore[import-untyped]

from engine.workflow.interpreter import paging
from engine.workflow.interpreter.large import Fetch, Packed, Variables, parts_of
from engine.workflow.interpreter.packing import (
    APART_CODE,
    DAMAGED,
    LARGE_CODE,
    MAX_BYTES,
    StateError,
    from_ext,
    pack,
    unpack,
    unpack_all,
)
from engine.workflow.interpreter.paging import Apart
from engine.workflow.interpreter.state import ARMS, SCOPES, TOKENS, Arm, Scope, State, Token

__all__ = ["FORMAT", "LARGE", "StateError", "decode", "encode", "pack", "unpack", "unpack_all"]

FORMAT = 2
_WHOLE = 1
"""The format without pages, in which small states are still written."""
_PACKED = 2
_GROWING = (list, dict)
LARGE = 64
"""A list or context of so many entries is packed on its own, and again only when it was replaced."""
Known = dict[int, tuple[Any, Packed]]


def encode(state: State, apart: Apart | None = None, *, pages_apart: bool = True) -> bytes:
    """The state as a compact blob. With `apart`, its largest values and most of a large state are left out of it.

    apart: gets a digest for each of those, with its bytes, or None for one that came from there.
    pages_apart: not only values.
    """
    before, packed = state.packed, Known()

    def scope_row(s: Scope, names: list[bytes]) -> list[Any]:
        return _scope_row(s, _values(s.vars, before, packed, apart, names))

    scopes = paging.write(state.scopes, SCOPES, scope_row, apart, is_apart=pages_apart)
    tokens = paging.write(state.tokens, TOKENS, _token_row, apart, is_apart=pages_apart)
    arms = paging.write(state.arms, ARMS, _arm_row, apart, is_apart=pages_apart)
    number = _WHOLE if all(isinstance(one, list) for one in (scopes, tokens, arms)) else FORMAT
    head = [number, state.process, str(state.status), state.next_id, state.calls, state.called]
    row = [*head, scopes, tokens, arms, state.throws]
    if state.conversation:
        row.append(state.conversation)
    state.packed = packed
    return pack(row)


def _scope_row(s: Scope, variables: dict[str, Any]) -> list[Any]:
    row = [s.id, s.node, s.owner, s.live, variables, s.joins, s.undo]
    return [*row, s.left] if s.left else row


def _values(
    values: dict[str, Any], before: Known, packed: Known, apart: Apart | None, names: list[bytes]
) -> dict[str, Any]:
    """The variables with large ones packed; values are never changed in place, so the same one has the same bytes."""
    large = [
        name
        for name, value in parts_of(values)
        if value.__class__ is Packed or (value.__class__ in _GROWING and len(value) >= LARGE)
    ]
    if not large:
        return values
    found = dict(parts_of(values))
    for name in large:
        part = value = found[name]
        if value.__class__ is not Packed:
            _, part = before.get(id(value)) or (value, Packed(pack(value), unpack, packed))
            packed[id(value)] = (value, part)
        digest = part.put_apart(apart) if apart is not None else None
        if digest:
            names.append(digest)
        found[name] = msgpack.ExtType(APART_CODE, digest) if digest else msgpack.ExtType(LARGE_CODE, part.content())
    return found


def _token_row(t: Token, names: list[bytes]) -> list[Any]:
    return [t.id, t.node, t.scope, str(t.wait), t.parent, t.vars, t.data, t.undo_of]


def _arm_row(a: Arm, names: list[bytes]) -> list[Any]:
    row = [a.id, a.node, a.index, a.owner, a.scope, a.due, a.keys, a.count, a.start, a.round, a.mark]
    return row if a.name is None else [*row, a.name]


def decode(blob: bytes, fetch: Fetch | None = None) -> State:
    """The state in a blob made by any release. Raises: StateError for anything else.

    fetch: the bytes of what is kept apart, by its digest; without it that cannot be looked up.
    """
    if len(blob) > MAX_BYTES:
        raise StateError()
    reading = _Reading(fetch)
    try:
        state = reading.state(unpack(blob, reading.ext))
    except DAMAGED as error:
        raise StateError() from error
    state.packed = reading.packed
    return state


class _Reading:
    """One state being read. `is_asleep`: a large value has been met since somebody last asked."""

    def __init__(self, fetch: Fetch | None) -> None:
        self.fetch = fetch
        self.packed: Known = {}
        self.is_asleep = False

    def ext(self, code: int, data: bytes) -> Any:
        if code not in (LARGE_CODE, APART_CODE):
            return from_ext(code, data)
        self.is_asleep = True
        if code == LARGE_CODE:
            return Packed(data, _read_large, self.packed, None, self.fetch)
        return Packed(None, _read_large, self.packed, data, self.fetch)

    def state(self, row: Any) -> State:
        _expect(isinstance(row, list) and len(row) in {10, 11} and row[0] in (_WHOLE, FORMAT), "format")
        _, process, status, next_id, calls, called, scopes, tokens, arms, throws = row[:10]
        conversation = row[10] if len(row) == 11 else {}
        _expect(isinstance(conversation, dict), "conversation")
        _expect(isinstance(process, str) and isinstance(status, str) and isinstance(throws, list), "head")
        _expect(type(next_id) is int and type(calls) is int and isinstance(called, bool), "counters")
        is_asleep = self.is_asleep
        return State(
            process,
            status,
            next_id,
            calls,
            called,
            paging.read(scopes, SCOPES, self.scope, lambda item: _scope(item, is_asleep=is_asleep)),
            paging.read(tokens, TOKENS, _read_token, _token_among),
            paging.read(arms, ARMS, _read_arm, _arm),
            throws,
            conversation,
        )

    def scope(self, row: bytes) -> Scope:
        """Raises: StateError."""
        self.is_asleep = False
        try:
            return _scope(unpack(row, self.ext), is_asleep=self.is_asleep)
        except DAMAGED as error:
            raise StateError() from error


def _read_large(data: bytes) -> Any:
    try:
        return unpack(data)
    except DAMAGED as error:
        raise StateError() from error


def _scope(item: Any, *, is_asleep: bool) -> Scope:
    identity, node, owner, live, variables, joins, undo, *left = item
    if not (
        type(identity) is int and isinstance(node, str) and type(owner) is int and type(live) is int
        and isinstance(variables, dict) and isinstance(joins, dict) and isinstance(undo, list)
    ):  # fmt: skip
        raise _unexpected("scope")
    _expect(not left or (len(left) == 1 and isinstance(left[0], dict)), "scope")
    return Scope(identity, node, owner, live, Variables(variables) if is_asleep else variables, joins, undo, *left)


def _token_among(item: Any) -> Token:
    """Many items, and tokens inside sub-processes, used to be packed each on its own: `[id, bytes]`."""
    if len(item) != _PACKED:
        return _token(item)
    _expect(type(item[0]) is int and isinstance(item[1], bytes), "item")
    return _read_token(item[1])


def _read_token(row: bytes) -> Token:
    """Raises: StateError."""
    try:
        return _token(unpack(row))
    except DAMAGED as error:
        raise StateError() from error


def _token(item: Any) -> Token:
    identity, node, scope, wait, parent, variables, data, undo_of = item
    _expect(type(identity) is int and isinstance(node, str) and type(scope) is int and type(parent) is int, "token")
    _expect(isinstance(wait, str) and (variables is None or isinstance(variables, dict)), "token")
    _expect((data is None or isinstance(data, dict)) and (parent < identity or not parent), "token")
    return Token(identity, node, scope, wait, parent, variables, data, undo_of)


def _read_arm(row: bytes) -> Arm:
    """Raises: StateError."""
    try:
        return _arm(unpack(row))
    except DAMAGED as error:
        raise StateError() from error


def _arm(item: Any) -> Arm:
    identity, node, index, owner, scope, due, keys, count, start, number, mark, *name = item
    _expect(type(identity) is int and isinstance(node, str) and type(index) is int and type(owner) is int, "arm")
    _expect(due is None or isinstance(due, dt.datetime), "arm")
    _expect(not name or (len(name) == 1 and isinstance(name[0], str)), "arm")
    return Arm(identity, node, index, owner, scope, due, keys, count, start, number, mark, *name)


def _expect(holds: bool, part: str) -> None:
    if not holds:
        raise _unexpected(part)


def _unexpected(part: str) -> ValueError:
    return ValueError(f"Expected a saved {part}, but found something else")
