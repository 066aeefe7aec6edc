"""Large values of process variables: read when somebody asks for them, and kept apart from the state if need be.

A list of 2,000 records that a form has filled stays what it is over many steps; reading and writing it in each of them
would cost more than the step. In `Variables` it sleeps as `Packed` until it is looked up; whatever copies or lists the
variables as a plain mapping gets the value itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from hashlib import sha256
from typing import Any

APART = 8 * 1024
"""From so many bytes on a value is kept apart, where there is a place for it."""
Fetch = Callable[[bytes], bytes]


class Packed:
    """A value as bytes, or as the digest under which those are kept apart. Read once, whoever asks."""

    __slots__ = ("_content", "_fetch", "_is_open", "_known", "_read", "_value", "digest")

    def __init__(
        self,
        content: bytes | None,
        read: Callable[[bytes], Any],
        known: dict[int, tuple[Any, Packed]],
        digest: bytes | None = None,
        fetch: Fetch | None = None,
    ) -> None:
        self._content = content
        self._read = read
        self._known = known
        self._fetch = fetch
        self._is_open = False
        self._value: Any = None
        self.digest = digest

    def content(self) -> bytes:
        """The bytes. Raises: LookupError where nobody keeps values apart."""
        if self._content is None:
            if self._fetch is None or self.digest is None:
                raise LookupError("Expected a place where large values are kept apart")
            self._content = self._fetch(self.digest)
        return self._content

    def open(self) -> Any:
        """The value; it is known from now on that it has these bytes."""
        if not self._is_open:
            self._value, self._is_open = self._read(self.content()), True
            self._known[id(self._value)] = (self._value, self)
        return self._value

    def put_apart(self, apart: dict[bytes, bytes | None], least: int = APART) -> bytes | None:
        """The digest of a value that is kept apart; None for one of fewer bytes than `least`.

        apart: gets bytes that are not there yet.
        """
        if self.digest is not None:
            apart.setdefault(self.digest, None)
        elif len(self.content()) >= least:
            self.digest = sha256(self.content()).digest()[:16]
            apart[self.digest] = self.content()
        return self.digest


class Variables(dict[str, Any]):
    """Variables of which some sleep; reading one wakes it."""

    __slots__ = ()

    def __getitem__(self, name: str) -> Any:
        value = dict.__getitem__(self, name)
        if value.__class__ is Packed:
            value = value.open()
            dict.__setitem__(self, name, value)
        return value

    def get(self, name: str, default: Any = None) -> Any:
        """The value, awake."""
        value = dict.get(self, name, default)
        return self[name] if value.__class__ is Packed else value

    def pop(self, name: str, *default: Any) -> Any:
        """The value, awake, taken out."""
        if name in self:
            value = self[name]
            del self[name]
            return value
        return dict.pop(self, name, *default)

    def setdefault(self, name: str, default: Any = None) -> Any:
        """The value, awake, or the default put in."""
        return self[name] if name in self else dict.setdefault(self, name, default)

    def __iter__(self) -> Iterator[str]:
        """Names; with this a plain copy asks for each value, which wakes it."""
        return dict.__iter__(self)

    def items(self) -> Any:
        """All of them, awake."""
        self._wake()
        return dict.items(self)

    def values(self) -> Any:
        """All of them, awake."""
        self._wake()
        return dict.values(self)

    def copy(self) -> Variables:
        """What sleeps goes on sleeping."""
        return Variables(self.parts())

    def parts(self) -> Any:
        """As they lie there: awake values, and `Packed` ones."""
        return dict.items(self)

    def __or__(self, other: Any) -> Any:
        return {**self, **other}

    def __eq__(self, other: object) -> bool:
        self._wake()
        if isinstance(other, Variables):
            other._wake()
        return dict.__eq__(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = None

    def _wake(self) -> None:
        for name in [name for name, value in dict.items(self) if value.__class__ is Packed]:
            self[name]


def parts_of(values: Mapping[str, Any]) -> Any:
    """Names and values; large ones as they lie there."""
    return values.parts() if isinstance(values, Variables) else values.items()


def merged(*outer_first: Mapping[str, Any]) -> dict[str, Any]:
    """One mapping of several, inner ones last; what sleeps goes on sleeping."""
    found: dict[str, Any] = {}
    for values in outer_first:
        if values.__class__ is Variables:
            return _merged_asleep(outer_first)
        found.update(values)
    return found


def _merged_asleep(outer_first: tuple[Mapping[str, Any], ...]) -> dict[str, Any]:
    found = Variables()
    for values in outer_first:
        found.update(parts_of(values))
    return found
