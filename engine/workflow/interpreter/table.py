"""Tokens, scopes and armed events of an instance; of many, those nobody looks at sleep in `pages`.

A step that completes one of 2,000 items reads or copies that one; doing so with the others would cost more than the
step. Looking at all of them wakes all of them, in the order of their ids. Entry 0, the process scope, is always awake.
"""

from __future__ import annotations

from collections.abc import Collection, ItemsView, Iterator, KeysView, Mapping, ValuesView
from typing import Any

from engine.workflow.interpreter.pages import COUNT, NOTHING, SHIFT, Kind, Page, T, Write, by_page

MANY = 64
"""So many entries do not sleep."""


class Table(dict[int, T]):
    """A dict by id that holds what is awake. `pages`: all others; what is awake or `gone` counts there no more."""

    __slots__ = ("_size", "gone", "kind", "pages")

    def __init__(self, kind: Kind[T], pages: dict[int, Page[T]], awake: Mapping[int, T]) -> None:
        super().__init__(awake)
        self.kind = kind
        self.pages = pages
        self.gone: set[int] = set()
        self._size: int = len(awake) + sum(page.head[COUNT] for page in pages.values())

    def awake(self) -> list[T]:
        """The entries somebody has looked at."""
        return list(dict.values(self))

    def having(self, place: int, number: int) -> list[T]:
        """Entries with this mark, in the order of their ids."""
        marks = self.kind.marks
        found = [key for key, entry in dict.items(self) if marks(entry)[place] == number]
        least = 1 + 2 * place
        for page in self.pages.values():
            if page.head[least] <= number <= page.head[least + 1]:
                found += [key for key in page.having(place, number) if key not in self.gone]
        return [self[key] for key in sorted(found)]

    def folded(self, write: Write[T] | None = None) -> dict[int, Page[T]]:
        """All entries but entry 0 in pages; pages with nothing awake or gone are the same ones.

        write: the bytes of an entry; those that have become no others are not changed.
        """
        found: dict[int, T | None] = {**dict.fromkeys(self.gone)}
        for key, entry in dict.items(self):
            found[key] = entry
            if (
                write is not None
                and key in self.gone
                and write(entry) == self.pages[key >> SHIFT].rows.entries.get(key)
            ):
                del found[key]
        pages = self.pages.copy()
        for number, changed in by_page(found.items()).items():
            before = pages.pop(number, None) or NOTHING
            if (fresh := before.changed(self.kind, changed)) is not None:
                pages[number] = fresh
        return pages

    def wake_all(self) -> None:
        """Read what still sleeps."""
        if not self.pages:
            return
        for page in self.pages.values():
            for key in page.rows.entries.keys() - self.gone:
                self._wake(page, key)
        found = sorted(dict.items(self))
        self.pages = {}
        self.gone = set()
        dict.clear(self)
        dict.update(self, found)

    def _wake(self, page: Page[T], key: int) -> T:
        entry = page.entry(self.kind, key)
        if entry is None:
            raise KeyError(key)
        self.gone.add(key)
        dict.__setitem__(self, key, entry)
        return entry

    def _sleeping(self, key: int) -> Page[T] | None:
        """The page where it sleeps."""
        page = self.pages.get(key >> SHIFT) if key and key not in self.gone else None
        return page if page is not None and key in page.rows.entries else None

    def __missing__(self, key: int) -> T:
        page = self._sleeping(key)
        if page is None:
            raise KeyError(key)
        return self._wake(page, key)

    def __setitem__(self, key: int, entry: T) -> None:
        if not dict.__contains__(self, key):
            if self._sleeping(key) is None:
                self._size += 1
            else:
                self.gone.add(key)
        dict.__setitem__(self, key, entry)

    def __delitem__(self, key: int) -> None:
        if dict.__contains__(self, key):
            dict.__delitem__(self, key)
        elif self._sleeping(key) is None:
            raise KeyError(key)
        else:
            self.gone.add(key)
        self._size -= 1

    def __contains__(self, key: object) -> bool:
        return dict.__contains__(self, key) or (isinstance(key, int) and self._sleeping(key) is not None)

    def __len__(self) -> int:
        return self._size

    def __bool__(self) -> bool:
        return self._size > 0

    def __iter__(self) -> Iterator[int]:
        self.wake_all()
        return dict.__iter__(self)

    def __eq__(self, other: object) -> bool:
        self.wake_all()
        if isinstance(other, Table):
            other.wake_all()
        return dict.__eq__(self, other)

    __hash__ = None

    def get(self, key: int, default: Any = None) -> Any:
        """As of a dict."""
        try:
            return self[key]
        except KeyError:
            return default

    def pop(self, key: int, *default: Any) -> Any:
        """As of a dict."""
        entry = self.get(key, self)
        if entry is not self:
            del self[key]
            return entry
        if default:
            return default[0]
        raise KeyError(key)

    def update(self, other: Mapping[int, T]) -> None:  # type: ignore[override]
        """As of a dict."""
        for key, entry in other.items():
            self[key] = entry

    def clear(self) -> None:
        """As of a dict."""
        self.pages, self.gone, self._size = {}, set(), 0
        dict.clear(self)

    def keys(self) -> KeysView[int]:  # type: ignore[override]
        """As of a dict."""
        self.wake_all()
        return dict.keys(self)

    def values(self) -> ValuesView[T]:  # type: ignore[override]
        """As of a dict."""
        self.wake_all()
        return dict.values(self)

    def items(self) -> ItemsView[int, T]:  # type: ignore[override]
        """As of a dict."""
        self.wake_all()
        return dict.items(self)


def working(given: dict[int, T], kind: Kind[T]) -> dict[int, T]:
    """A table of its own whose entries may be changed: copies, of many each when somebody looks at it."""
    if len(given) <= MANY:
        return {key: kind.copy(entry) for key, entry in given.items()}
    first = {0: kind.copy(given[0])} if 0 in given else {}
    return Table(kind, paged(given, kind), first)


def paged(given: dict[int, T], kind: Kind[T], write: Write[T] | None = None) -> dict[int, Page[T]]:
    """All entries but entry 0 in pages. write: as of `Table.folded`."""
    if isinstance(given, Table):
        return given.folded(write)
    pages = ((number, NOTHING.changed(kind, entries)) for number, entries in by_page(given.items()).items())
    return {number: page for number, page in pages if page is not None}


def awake(given: dict[int, T]) -> Collection[T]:
    """The entries somebody has looked at; of few, all."""
    return given.awake() if isinstance(given, Table) else given.values()


def having(given: dict[int, T], kind: Kind[T], place: int, number: int) -> list[T]:
    """Entries with this mark."""
    if isinstance(given, Table):
        return given.having(place, number)
    marks = kind.marks
    return [entry for entry in given.values() if marks(entry)[place] == number]
