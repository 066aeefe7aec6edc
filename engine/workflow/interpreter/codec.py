"""Saved states: msgpack with a format number. Every released format stays readable (tests/golden/)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgpack  # type: ignore[import-untyped]

from engine.feel import FeelError, from_wire, to_wire
from engine.kernel.errors import SchoolflowError
from engine.kernel.text import Text
from engine.workflow.interpreter.large import Fetch, Packed, Variables, parts_of
from engine.workflow.interpreter.state import ROOT, Arm, Scope, State, Token, copy_token
from engine.workflow.interpreter.table import MANY, T, Table

FORMAT = 1
_PACKED = 2
MAX_BYTES = 64 * 1024 * 1024
_DECIMAL, _DATE, _TIME, _DATETIME, _LARGE, _APART, _OTHER = 1, 2, 3, 4, 5, 6, 9
_GROWING = (list, dict)
LARGE = 64
"""A list or context of so many entries is packed on its own, and again only when it was replaced."""
Known = dict[int, tuple[Any, Packed]]


class StateError(SchoolflowError):
    """A saved state cannot be read, or does not fit its program."""

    default_code = "state.unreadable"
    default_message = Text("流程实例的保存数据无法读取", "The saved state of the instance cannot be read")


def encode(state: State, apart: dict[bytes, bytes | None] | None = None) -> bytes:
    """The state as a compact blob. With `apart`, its largest values are left out of it.

    apart: gets a digest for each of those, with its bytes, or None for one that came from there.
    """
    packed: Known = {}
    row = [
        FORMAT,
        state.process,
        str(state.status),
        state.next_id,
        state.calls,
        state.called,
        [
            _scope_row(scope, _values(scope.vars, state.packed, packed, apart))
            for scope in _lying(state.scopes).values()
            if isinstance(scope, Scope)
        ],
        _token_rows(state.tokens),
        [_arm_row(arm) for arm in state.arms.values()],
        state.throws,
    ]
    if state.conversation:
        row.append(state.conversation)
    state.packed = packed
    return pack(row)


def _scope_row(s: Scope, variables: dict[str, Any]) -> list[Any]:
    row = [s.id, s.node, s.owner, s.live, variables, s.joins, s.undo]
    return [*row, s.left] if s.left else row


def _values(
    values: dict[str, Any], before: Known, packed: Known, apart: dict[bytes, bytes | None] | None
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
        found[name] = msgpack.ExtType(_APART, digest) if digest else msgpack.ExtType(_LARGE, part.content())
    return found


def _lying(table: dict[int, T]) -> dict[int, bytes | T]:
    """All entries as they lie there, of a table in the order of their ids."""
    if not isinstance(table, Table):
        return {**table}
    found = table.lying()
    return {key: found[key] for key in sorted(found)}


def _token_rows(tokens: dict[int, Token]) -> list[Any]:
    """A row per token; many items, and tokens inside sub-processes, are packed each on its own, `[id, bytes]`, to be
    read one by one."""
    rows = _lying(tokens)
    if sum(1 for row in rows.values() if isinstance(row, bytes) or _is_inner(row)) < MANY:
        return [_token_row(token) for token in tokens.values()]
    in_order = ((key, rows[key]) for key in sorted(rows))
    return [[key, row] if isinstance(row, bytes) else _row_among_many(row) for key, row in in_order]


def _row_among_many(token: Token) -> list[Any]:
    return [token.id, pack(_token_row(token))] if _is_inner(token) else _token_row(token)


def _is_inner(token: Token) -> bool:
    return bool(token.parent or token.scope != ROOT)


def _token_row(t: Token) -> list[Any]:
    return [t.id, t.node, t.scope, str(t.wait), t.parent, t.vars, t.data, t.undo_of]


def _arm_row(a: Arm) -> list[Any]:
    row = [a.id, a.node, a.index, a.owner, a.scope, a.due, a.keys, a.count, a.start, a.round, a.mark]
    return row if a.name is None else [*row, a.name]


def decode(blob: bytes, fetch: Fetch | None = None) -> State:
    """The state in a blob made by any release. Raises: StateError for anything else.

    fetch: the bytes of a value that is kept apart, by its digest; without it such a value cannot be looked up.
    """
    if len(blob) > MAX_BYTES:
        raise StateError()
    packed: Known = {}
    asleep: list[Packed] = []

    def read(code: int, data: bytes) -> Any:
        if code not in (_LARGE, _APART):
            return _from_ext(code, data)
        is_apart = code == _APART
        value = Packed(None if is_apart else data, _read_large, packed, data if is_apart else None, fetch)
        asleep.append(value)
        return value

    try:
        state = _from_row(unpack(blob, read))
        state.packed = packed
        for scope in state.scopes.values() if asleep else ():
            scope.vars = Variables(scope.vars)
        return state
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError, ArithmeticError) as error:
        raise StateError() from error


def _read_large(data: bytes) -> Any:
    try:
        return unpack(data)
    except (ValueError, TypeError, OverflowError, RecursionError, ArithmeticError) as error:
        raise StateError() from error


def pack(value: Any) -> bytes:
    """One value as msgpack, temporal values and Decimal exact."""
    return bytes(msgpack.packb(value, default=_to_ext))


def unpack(blob: bytes, read: Callable[[int, bytes], Any] | None = None) -> Any:
    """The value of `pack`; `read` is called for what msgpack has no type for. Raises: ValueError."""
    try:
        return msgpack.unpackb(blob, ext_hook=read or _from_ext, strict_map_key=False)
    except (msgpack.exceptions.UnpackException, FeelError, OSError) as error:
        raise ValueError(str(error)) from error


def unpack_all(blob: bytes) -> list[Any]:
    """The values of several `pack` results joined. Raises: ValueError."""
    reader = msgpack.Unpacker(ext_hook=_from_ext, strict_map_key=False, max_buffer_size=MAX_BYTES)
    reader.feed(blob)
    return list(reader)


def _to_ext(value: Any) -> msgpack.ExtType:
    if isinstance(value, Decimal):
        return msgpack.ExtType(_DECIMAL, str(value).encode())
    if isinstance(value, dt.datetime):
        return msgpack.ExtType(_DATETIME, _zoned(value))
    if isinstance(value, dt.date):
        return msgpack.ExtType(_DATE, value.isoformat().encode())
    if isinstance(value, dt.time):
        return msgpack.ExtType(_TIME, _zoned(value))
    return msgpack.ExtType(_OTHER, bytes(msgpack.packb(to_wire(value))))


def _zoned(value: dt.datetime | dt.time) -> bytes:
    zone = value.tzinfo
    if isinstance(zone, ZoneInfo) and zone.key:
        fold = "+" if value.fold else ""
        return f"{value.replace(tzinfo=None).isoformat()}@{fold}{zone.key}".encode()
    return value.isoformat().encode()


def _from_ext(code: int, data: bytes) -> Any:
    if code == _DECIMAL:
        return Decimal(data.decode())
    if code == _DATE:
        return dt.date.fromisoformat(data.decode())
    if code == _DATETIME:
        return _unzoned(data.decode(), dt.datetime)
    if code == _TIME:
        return _unzoned(data.decode(), dt.time)
    if code == _LARGE:
        return unpack(data)
    if code == _OTHER:
        return from_wire(msgpack.unpackb(data, strict_map_key=False))
    raise ValueError(f"Expected a known extension code, but found {code}")


def _unzoned(text: str, kind: type[Any]) -> Any:
    plain, _, zone = text.partition("@")
    value = kind.fromisoformat(plain)
    if not zone:
        return value
    return value.replace(tzinfo=ZoneInfo(zone.removeprefix("+")), fold=1 if zone.startswith("+") else 0)


def _from_row(row: Any) -> State:
    _expect(isinstance(row, list) and len(row) in {10, 11} and row[0] == FORMAT, "format")
    _, process, status, next_id, calls, called, scopes, tokens, arms, throws = row[:10]
    conversation = row[10] if len(row) == 11 else {}
    _expect(isinstance(conversation, dict), "conversation")
    _expect(isinstance(process, str) and isinstance(status, str) and isinstance(throws, list), "head")
    _expect(type(next_id) is int and type(calls) is int and isinstance(called, bool), "counters")
    return State(
        process,
        status,
        next_id,
        calls,
        called,
        {item[0]: _scope(item) for item in scopes},
        _tokens(tokens),
        {item[0]: _arm(item) for item in arms},
        throws,
        conversation,
    )


def _scope(item: Any) -> Scope:
    identity, node, owner, live, variables, joins, undo, *left = item
    if not (
        type(identity) is int and isinstance(node, str) and type(owner) is int and type(live) is int
        and isinstance(variables, dict) and isinstance(joins, dict) and isinstance(undo, list)
    ):  # fmt: skip
        raise _unexpected("scope")
    _expect(not left or (len(left) == 1 and isinstance(left[0], dict)), "scope")
    return Scope(identity, node, owner, live, variables, joins, undo, *left)


def _tokens(rows: Any) -> dict[int, Token]:
    awake = {item[0]: _token(item) for item in rows if len(item) != _PACKED}
    asleep = {item[0]: item[1] for item in rows if len(item) == _PACKED}
    if not asleep:
        return awake
    _expect(all(type(key) is int and isinstance(row, bytes) for key, row in asleep.items()), "item")
    return Table(awake, asleep, _wake)


def _wake(row: bytes | Token) -> Token:
    if isinstance(row, Token):
        return copy_token(row)
    try:
        return _token(unpack(row))
    except (ValueError, TypeError, OverflowError, RecursionError, ArithmeticError) as error:
        raise StateError() from error


def _token(item: Any) -> Token:
    identity, node, scope, wait, parent, variables, data, undo_of = item
    _expect(type(identity) is int and isinstance(node, str) and type(scope) is int and type(parent) is int, "token")
    _expect(isinstance(wait, str) and (variables is None or isinstance(variables, dict)), "token")
    _expect(data is None or isinstance(data, dict), "token")
    return Token(identity, node, scope, wait, parent, variables, data, undo_of)


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
