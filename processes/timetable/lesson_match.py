"""Which lesson a swipe belongs to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from processes.timetable.conflicts import Slot

EARLY = timedelta(minutes=60)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A lesson the student is on the roster of."""

    lesson_id: UUID
    slot: Slot


def match(at: datetime, lessons: Iterable[Candidate], *, early: timedelta = EARLY) -> UUID | None:
    """The lesson running or about to start at that moment; between two, the one whose start is nearest.

    A swipe from `early` before the start until the end (half-open) counts. Going out of one lesson and into the next
    within that window belongs to the next one once the first has ended.
    """
    open_now = [one for one in lessons if one.slot.start - early <= at < one.slot.end]
    if not open_now:
        return None
    running = [one for one in open_now if one.slot.start <= at]
    best = min(running or open_now, key=lambda one: (abs(one.slot.start - at), one.slot.start, one.lesson_id))
    return best.lesson_id
