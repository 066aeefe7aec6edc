"""Tables in saved states: a list of rows, or of many entries their pages, each with what it tells without being read.

A page as it is saved: its number of entries, the spans of their marks, its size, the digests of large values they name,
and its content: ids, both marks, rows as bytes, digests by id. Large tables keep the content of their pages apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import msgpack  # type: ignore[import-untyped]

from engine.workflow.interpreter.large import Packed
from engine.workflow.interpreter.packing import APART_CODE, DAMAGED, StateError, pack, unpack
from engine.workflow.interpreter.pages import CONTENT, COUNT, NAMES, SHIFT, SIZE, Kind, Page, Reader, Rows, T, told
from engine.workflow.interpreter.table import MANY, Table, paged

APART = 32 * 1024
"""Pages of so many bytes in all are kept apart, where there is a place for them."""
Apart = dict[bytes, bytes | None]
Row = Callable[[T, list[bytes]], list[Any]]
"""The row of an entry; the list gets the digests of large values it names."""
_FIRST = -1


def write(
    table: dict[int, T], kind: Kind[T], row: Row[T], apart: Apart | None, *, is_apart: bool
) -> list[Any] | dict[int, Any]:
    """Rows of all entries, or pages of many. apart: as of `codec.encode`; is_apart: it may get pages, too."""
    if len(table) <= MANY:
        return [row(entry, []) for entry in table.values()]
    pages = paged(table, kind, lambda entry: pack(row(entry, [])))
    for number, page in pages.items():
        if page.head[CONTENT] is None:
            _fill(page, row, is_apart=apart is not None)
        elif apart is None and page.head[NAMES]:
            pages[number] = _inline(page, row)
    is_apart = is_apart and apart is not None and sum(page.head[SIZE] for page in pages.values()) >= APART
    found: dict[int, Any] = {number: _saved(pages[number].head, apart, is_apart=is_apart) for number in sorted(pages)}
    if 0 in table:
        found[_FIRST] = [row(table[0], [])]
    return found


def _saved(head: list[Any], apart: Apart | None, *, is_apart: bool) -> list[Any]:
    """The head as it is written; contents go to `apart` or come from there."""
    if apart is not None and head[NAMES]:
        apart |= {name: apart.get(name) for name in head[NAMES]}
    if is_apart and apart is not None:
        if head[CONTENT].__class__ is not Packed:
            head[CONTENT] = Packed(head[CONTENT], unpack, {})
        return [*head[:CONTENT], msgpack.ExtType(APART_CODE, head[CONTENT].put_apart(apart, 0))]
    return [*head[:CONTENT], head[CONTENT].content()] if head[CONTENT].__class__ is Packed else head


def _fill(page: Page[T], row: Row[T], *, is_apart: bool) -> None:
    """Give an opened page its content, and tell what that names."""
    written = page.written = page.written if page.written is not None else {}
    entries, first, second, names = page.rows
    named = names.copy()
    rows: list[bytes] = []
    ids = sorted(entries)
    for key in ids:
        entry, digests = entries[key], list[bytes]()
        if not isinstance(entry, bytes):
            entry = written.get(key) or pack(row(entry, digests))
        elif key in names and not is_apart:
            entry = pack(row(page.read(entry), []))
            del named[key]
        rows.append(entry)
        if digests:
            named[key] = digests
        elif entry is not entries[key]:
            written[key] = entry
    content = pack([ids, [first[key] for key in ids], [second[key] for key in ids], rows, named])
    names_told = dict.fromkeys(name for digests in named.values() for name in digests)
    page.head[SIZE:] = [len(content), list(names_told), content]


def _inline(page: Page[T], row: Row[T]) -> Page[T]:
    """The same page with the large values in it."""
    found = Page([*page.head], page.rows, page.reader)
    _fill(found, row, is_apart=False)
    return found


def read(saved: Any, kind: Kind[T], entry: Callable[[bytes], T], plain: Callable[[Any], T]) -> dict[int, T]:
    """The table; `plain` makes an entry of its row, `entry` of its bytes. Raises: ValueError, TypeError, StateError."""
    if not isinstance(saved, dict):
        return {item[0]: plain(item) for item in saved}
    first = {item[0]: plain(item) for item in saved.pop(_FIRST, ())}
    if not set(first) <= {0} or not all(map(_is_head, saved.values())):
        raise ValueError("Expected pages, and one entry beside them")
    pages = {number: Page(head, None, Reader(partial(_rows, number), entry)) for number, head in saved.items()}
    table = Table(kind, pages, first)
    if len(table) <= MANY:
        raise ValueError("Expected pages of many entries")
    return table


def _is_head(head: Any) -> bool:
    """Whether all of it may be asked for without opening the page."""
    return (
        isinstance(head, list)
        and len(head) == CONTENT + 1
        and all(type(number) is int for number in head[:NAMES])
        and 0 < head[COUNT] <= 1 << SHIFT
        and isinstance(head[NAMES], list)
        and isinstance(head[CONTENT], bytes | Packed)
    )


def _rows(number: int, head: list[Any]) -> Rows[Any]:
    """The content of a page, which must be what its head tells. Raises: StateError."""
    content = head[CONTENT]
    try:
        rows = _opened(content.content() if content.__class__ is Packed else content)
        named = dict.fromkeys(name for digests in rows.names.values() for name in digests)
        is_as_told = told(rows) == head[:SIZE] and list(named) == head[NAMES]
        if is_as_told and all(key >> SHIFT == number for key in rows.entries):
            return rows
    except (*DAMAGED, AttributeError) as error:
        raise StateError() from error
    raise StateError()


def _opened(content: bytes) -> Rows[Any]:
    """Raises: ValueError, TypeError, AttributeError."""
    ids, first, second, rows, names = unpack(content)
    if not (set(map(type, ids)) <= {int} and set(map(type, rows)) <= {bytes}):
        raise TypeError("Expected ids and bytes")
    marks = [dict(zip(ids, part, strict=True)) for part in (first, second)]
    named = {key: list(found) for key, found in names.items()}
    return Rows(dict(zip(ids, rows, strict=True)), marks[0], marks[1], named)


def digests_of(table: dict[int, Any]) -> Iterator[bytes]:
    """Of the pages kept apart, and of what their entries name."""
    for page in table.pages.values() if isinstance(table, Table) else ():
        yield from page.head[NAMES]
        if isinstance(page.head[CONTENT], Packed) and page.head[CONTENT].digest is not None:
            yield page.head[CONTENT].digest
