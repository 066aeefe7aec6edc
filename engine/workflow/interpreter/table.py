"""Tokens and scopes of an instance; of many, those nobody looks at sleep: packed, or as an earlier state has them.

A step that completes one of 2,000 items reads or copies that one; doing so with the others would cost more than the
step. Looking at all of them wakes all of them, in the order of their ids.
"""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, KeysView, ValuesView
from typing import Any, TypeVar

MANY = 64
"""Fewer entries do not sleep."""
T = TypeVar("T")


class Table(dict[int, T]):
    """A dict by id. `asleep`: bytes, or entries of an earlier state; `wake` reads or copies one."""

    __slots__ = ("asleep", "wake")

    def __init__(self, awake: dict[int, T], asleep: dict[int, bytes | T], wake: Callable[[Any], T]) -> None:
        super().__init__(awake)
        self.asleep = asleep
        self.wake = wake

    def awake(self) -> list[T]:
        """The entries somebody has looked at."""
        return list(dict.values(self))

    def lying(self) -> dict[int, bytes | T]:
        """All of them as they lie there, in any order."""
        found, awake = self.asleep.copy(), dict.items(self)
        found.update(awake)
        return found

    def wake_all(self) -> None:
        """Read what still sleeps."""
        if not self.asleep:
            return
        found = dict(dict.items(self)) | {key: self.wake(row) for key, row in self.asleep.items()}
        self.asleep = {}
        dict.clear(self)
        dict.update(self, sorted(found.items()))

    def __missing__(self, key: int) -> T:
        row = self.asleep.pop(key)
        entry = self.wake(row)
        dict.__setitem__(self, key, entry)
        return entry

    def __setitem__(self, key: int, entry: T) -> None:
        self.asleep.pop(key, None)
        dict.__setitem__(self, key, entry)

    def __delitem__(self, key: int) -> None:
        if self.asleep.pop(key, None) is None:
            dict.__delitem__(self, key)

    def __contains__(self, key: object) -> bool:
        return dict.__contains__(self, key) or key in self.asleep

    def __len__(self) -> int:
        return dict.__len__(self) + len(self.asleep)

    def __bool__(self) -> bool:
        return len(self) > 0

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
        if key in self.asleep:
            return self.wake(self.asleep.pop(key))
        return dict.pop(self, key, *default)

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


def working(given: dict[int, T], copy: Callable[[T], T]) -> dict[int, T]:
    """A table of its own whose entries may be changed: copies, of many each when somebody looks at it."""
    if len(given) < MANY:
        return {key: copy(entry) for key, entry in given.items()}
    return Table({}, given.lying(), given.wake) if isinstance(given, Table) else Table({}, dict(given), copy)
