"""Where the time comes from. Nothing below asks the operating system for it directly."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Gives the present moment."""

    def now(self) -> datetime:
        """Aware, in UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Aware, in UTC."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is moved: for tests and for replays."""

    def __init__(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError("expected an aware datetime")
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        """Aware, in UTC."""
        return self._at

    def advance(self, by: timedelta) -> None:
        """Moves the clock forward (or back)."""
        self._at += by

    def set(self, at: datetime) -> None:
        """Puts the clock to a moment."""
        self._at = at.astimezone(UTC)
