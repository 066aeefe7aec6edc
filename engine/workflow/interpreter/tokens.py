"""The tokens of an instance; items of a large multi-instance activity sleep packed until somebody looks at them.

A step that completes one of 2,000 items reads that one; reading, copying and writing the others would cost more than
the step. Looking at all of them wakes all of them, in the order of their ids.
"""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, KeysView, ValuesView
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from engine.workflow.interpreter.state import Token

Wake = Callable[[bytes], "Token"]


class Tokens(dict[int, "Token"]):
    """A dict by activation id. `asleep`: packed rows by id; `wake` reads one."""

    __slots__ = ("asleep", "wake")

    def __init__(self, awake: dict[int, Token], asleep: dict[int, bytes], wake: Wake) -> None:
        super().__init__(awake)
        self.asleep = asleep
        self.wake = wake

    def awake(self) -> list[Token]:
        """The tokens somebody has looked at."""
        return list(dict.values(self))

    def wake_all(self) -> None:
        """Read what still sleeps."""
        if not self.asleep:
            return
        found = dict(dict.items(self)) | {key: self.wake(row) for key, row in self.asleep.items()}
        self.asleep = {}
        dict.clear(self)
        dict.update(self, sorted(found.items()))

    def __missing__(self, key: int) -> Token:
        row = self.asleep.pop(key)
        token = self.wake(row)
        dict.__setitem__(self, key, token)
        return token

    def __setitem__(self, key: int, token: Token) -> None:
        self.asleep.pop(key, None)
        dict.__setitem__(self, key, token)

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
        if isinstance(other, Tokens):
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

    def values(self) -> ValuesView[Token]:  # type: ignore[override]
        """As of a dict."""
        self.wake_all()
        return dict.values(self)

    def items(self) -> ItemsView[int, Token]:  # type: ignore[override]
        """As of a dict."""
        self.wake_all()
        return dict.items(self)
