"""Entries of a table in pages, a page for each 128 ids: of 8,000 tokens a step reads and writes those it looks at.

A page is never changed once it is made: states of one instance share those that no step has touched. It tells which
entries it may hold and which large values it names without being opened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar

SHIFT = 7
"""A page holds the entries whose ids are alike but for so many bits."""
NONE = -1
"""In place of a number an entry does not have."""
T = TypeVar("T")
Write = Callable[[T], bytes]
Marks = tuple[int, int]
"""Two numbers by which entries are looked for."""
Span = tuple[int, int]
"""The least and the greatest of such a number among the entries of a page; the greater first where none has it."""
_NOBODY: Span = (0, NONE)


class Kind(NamedTuple, Generic[T]):
    """What a table holds: how to copy an entry, and by which numbers entries are looked for."""

    copy: Callable[[T], T]
    marks: Callable[[T], Marks]


class Rows(NamedTuple, Generic[T]):
    """An opened page: entries or their bytes, both marks, the digests of large values that those bytes name."""

    entries: dict[int, bytes | T]
    first: dict[int, int]
    second: dict[int, int]
    names: dict[int, list[bytes]]


class Reader(NamedTuple, Generic[T]):
    """How a page, by its head, and the bytes of an entry are read. Raises: StateError."""

    page: Callable[[list[Any]], Rows[T]]
    entry: Callable[[bytes], T]


class Page(Generic[T]):
    """Entries of neighbouring ids; `reader`: of what is bytes in it.

    `head`: what is told without opening it: the number of entries, the spans of both marks, and, once it has content,
    its size in bytes, digests of large values its entries name, and the content as bytes or `Packed`. `written`: bytes
    of entries.
    """

    __slots__ = ("_rows", "head", "reader", "written")

    def __init__(self, head: list[Any], rows: Rows[T] | None = None, reader: Reader[T] | None = None) -> None:
        self.head = head
        self.reader = reader
        self.written: dict[int, bytes] | None = None
        self._rows = rows

    @property
    def rows(self) -> Rows[T]:
        """The entries; read when somebody looks for the first time. Raises: StateError."""
        if self._rows is None:
            if self.reader is None:
                raise LookupError("Expected a reader of saved pages")
            self._rows = self.reader.page(self.head)
        return self._rows

    def entry(self, kind: Kind[T], key: int) -> T | None:
        """A copy of the entry, or None. Raises: StateError."""
        row = self.rows.entries.get(key)
        if row is None:
            return None
        if isinstance(row, bytes):
            return self.read(row)
        return kind.copy(row)

    def read(self, row: bytes) -> T:
        """The entry in these bytes. Raises: StateError."""
        if self.reader is None:
            raise LookupError("Expected a reader of saved entries")
        return self.reader.entry(row)

    def changed(self, kind: Kind[T], changes: Mapping[int, T | None]) -> Page[T] | None:
        """A page with these entries instead, None for those that are gone; None when it holds nothing any more."""
        entries, first, second, names = self.rows
        rows = Rows(entries.copy(), first.copy(), second.copy(), names.copy())
        for key, entry in changes.items():
            rows.names.pop(key, None)
            if entry is None:
                rows.entries.pop(key, None)
                rows.first.pop(key, None)
                rows.second.pop(key, None)
            else:
                rows.entries[key] = entry
                rows.first[key], rows.second[key] = kind.marks(entry)
        if not rows.entries:
            return None
        found = Page([*told(rows), 0, [], None], rows, self.reader)
        if self.written is not None:
            found.written = {key: row for key, row in self.written.items() if key not in changes}
        return found

    def having(self, place: int, number: int) -> list[int]:
        """Ids of entries with this mark."""
        marks = self.rows.second if place else self.rows.first
        return [key for key, mark in marks.items() if mark == number]


COUNT, SIZE, NAMES, CONTENT = 0, 5, 6, 7
"""Places in the head of a page."""


def told(rows: Rows[Any]) -> list[int]:
    """The number of entries and the spans of both marks, as the head of a page has them."""
    return [len(rows.entries), *_span(rows.first), *_span(rows.second)]


def _span(marks: Mapping[int, int]) -> Span:
    numbers = marks.values()
    least = min(numbers)
    if least != NONE:
        return least, max(numbers)
    known = [number for number in numbers if number != NONE]
    return (min(known), max(known)) if known else _NOBODY


NOTHING: Page[Any] = Page([], Rows({}, {}, {}, {}))
"""The page that others are made of."""


def by_page(entries: Iterable[tuple[int, Any]]) -> dict[int, dict[int, Any]]:
    """Entries by the page they belong to; entry 0 belongs to none."""
    found: dict[int, dict[int, Any]] = {}
    for key, entry in entries:
        if key:
            found.setdefault(key >> SHIFT, {})[key] = entry
    return found
