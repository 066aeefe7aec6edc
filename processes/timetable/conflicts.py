"""Who and what is booked twice: half-open time ranges over teachers, rooms and students."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from uuid import UUID


class ResourceKind(StrEnum):
    """What a lesson books."""

    TEACHER = "teacher"
    ROOM = "room"
    CLASS = "class"
    STUDENT = "student"


@dataclass(frozen=True, slots=True, order=True)
class Resource:
    """One teacher, room, class or student."""

    kind: ResourceKind
    id: UUID


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A half-open time range [start, end); both ends aware."""

    start: datetime
    end: datetime

    def widened(self, before: timedelta, after: timedelta) -> "Slot":
        """The slot with buffers for preparation and tidying."""
        return Slot(self.start - before, self.end + after)


@dataclass(frozen=True, slots=True)
class Booking:
    """A lesson's claim on a resource; shared rooms are booked non-exclusively."""

    lesson_id: UUID
    resource: Resource
    slot: Slot
    exclusive: bool = True


@dataclass(frozen=True, slots=True)
class ConflictPair:
    """Two bookings of one resource that overlap."""

    wanted: Booking
    existing: Booking


def overlap(one: Slot, other: Slot) -> bool:
    """Whether two half-open ranges share a moment; touching ends do not."""
    return one.start < other.end and other.start < one.end


def find_conflicts(wanted: Iterable[Booking], existing: Iterable[Booking]) -> tuple[ConflictPair, ...]:
    """Every clash of the wanted bookings with existing ones and among themselves, by start of the wanted one."""
    by_resource: dict[Resource, list[Booking]] = defaultdict(list)
    for booking in existing:
        by_resource[booking.resource].append(booking)
    pairs: list[ConflictPair] = []
    for booking in sorted(wanted, key=lambda one: (one.slot, one.resource)):
        pairs.extend(ConflictPair(booking, other) for other in by_resource[booking.resource] if _clash(booking, other))
        by_resource[booking.resource].append(booking)
    return tuple(pairs)


def _clash(one: Booking, other: Booking) -> bool:
    both_exclusive = one.exclusive and other.exclusive
    return both_exclusive and one.lesson_id != other.lesson_id and overlap(one.slot, other.slot)


def seats_left(capacity: int, enrolled: int, joining: int = 0) -> int:
    """Seats of a class after `joining` more students; below zero when it is over its capacity."""
    return capacity - enrolled - joining


def split_by_overlap(slot: Slot, others: Iterable[Slot]) -> tuple[tuple[Slot, bool], ...]:
    """The slot cut into pieces (piece, is_taken): taken where one of the others already lies.

    An overridden booking keeps its free pieces for itself; in the taken pieces the other booking keeps third parties
    out, so an override exempts that pair only.
    """
    cuts = {slot.start, slot.end}
    inside = [other for other in others if overlap(slot, other)]
    for other in inside:
        cuts |= {max(other.start, slot.start), min(other.end, slot.end)}
    edges = sorted(cuts)
    pieces = (Slot(start, end) for start, end in pairwise(edges))
    return tuple((piece, any(overlap(piece, other) for other in inside)) for piece in pieces)
