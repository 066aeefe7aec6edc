"""Values as bytes: msgpack, with temporal values, Decimal and other kinds of FEEL exact."""

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

MAX_BYTES = 64 * 1024 * 1024
_DECIMAL, _DATE, _TIME, _DATETIME, LARGE_CODE, APART_CODE, _OTHER = 1, 2, 3, 4, 5, 6, 9
"""Codes of extension types; a large value is bytes of its own, or a digest under which they are kept apart."""
DAMAGED = (ValueError, TypeError, KeyError, IndexError, OverflowError, RecursionError, ArithmeticError)
"""What damaged bytes lead to."""


class StateError(SchoolflowError):
    """A saved state cannot be read, or does not fit its program."""

    default_code = "state.unreadable"
    default_message = Text("流程实例的保存数据无法读取", "The saved state of the instance cannot be read")


def pack(value: Any) -> bytes:
    """One value as msgpack, temporal values and Decimal exact."""
    return bytes(msgpack.packb(value, default=_to_ext))


def unpack(blob: bytes, read: Callable[[int, bytes], Any] | None = None) -> Any:
    """The value of `pack`; `read` is called for what msgpack has no type for. Raises: ValueError."""
    try:
        return msgpack.unpackb(blob, ext_hook=read or from_ext, strict_map_key=False)
    except (msgpack.exceptions.UnpackException, FeelError, OSError) as error:
        raise ValueError(str(error)) from error


def unpack_all(blob: bytes) -> list[Any]:
    """The values of several `pack` results joined. Raises: ValueError."""
    reader = msgpack.Unpacker(ext_hook=from_ext, strict_map_key=False, max_buffer_size=MAX_BYTES)
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


def from_ext(code: int, data: bytes) -> Any:
    """The value of an extension type. Raises: ValueError for an unknown one, or what cannot be read."""
    if code == _DECIMAL:
        return Decimal(data.decode())
    if code == _DATE:
        return dt.date.fromisoformat(data.decode())
    if code == _DATETIME:
        return _unzoned(data.decode(), dt.datetime)
    if code == _TIME:
        return _unzoned(data.decode(), dt.time)
    if code == LARGE_CODE:
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
