"""A reader repeats a card every 60 ms while it is in the field: what is one swipe, and what is a hasty second one."""

from __future__ import annotations

from enum import StrEnum

FIELD_GAP_S = 1.0
CARDS_REMEMBERED = 2000


class Reading(StrEnum):
    """`repeat`: the card has not left the field. `duplicate`: presented again too soon. `fresh`: a swipe."""

    FRESH = "fresh"
    REPEAT = "repeat"
    DUPLICATE = "duplicate"


class Presence:
    """Remembers when each card was last read, and last counted, at one device."""

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s
        self._seen: dict[str, tuple[float, float]] = {}

    def read(self, key: str, at_s: float) -> Reading:
        """Judge one reading of a card at `at_s` (monotonic seconds)."""
        seen_s, counted_s = self._seen.pop(key, (float("-inf"), float("-inf")))
        if at_s - seen_s < FIELD_GAP_S:
            reading = Reading.REPEAT
        elif at_s - counted_s < self._window_s:
            reading = Reading.DUPLICATE
        else:
            reading, counted_s = Reading.FRESH, at_s
        self._seen[key] = (at_s, counted_s)
        if len(self._seen) > CARDS_REMEMBERED:
            self._seen.pop(next(iter(self._seen)))
        return reading
