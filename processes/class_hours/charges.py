"""Attendance charges: at most one unreversed charge per student and lesson, each correction a new revision."""

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from processes.class_hours.ledger import EntryKind


@dataclass(frozen=True, slots=True)
class Terms:
    """What a lesson costs a student: hours and lessons to take, and the kind of the entries."""

    hours: Decimal
    lessons: Decimal
    kind: EntryKind = EntryKind.CONSUME


@dataclass(frozen=True, slots=True)
class Charge:
    """The unreversed charge of a student for a lesson."""

    id: UUID
    revision: int
    terms: Terms


@dataclass(frozen=True, slots=True)
class Revision:
    """What to do: reverse a charge, open the next one, both, or nothing (an exact repeat)."""

    reverse: UUID | None
    open: Terms | None
    number: int


def plan_revision(current: Charge | None, last_revision: int, wanted: Terms | None) -> Revision:
    """Move from the current charge to the wanted one; `last_revision` counts reversed charges too (0 = none yet).

    >>> plan_revision(None, 0, None)
    Revision(reverse=None, open=None, number=0)
    """
    if wanted is not None and wanted.hours == 0 and wanted.lessons == 0:
        wanted = None
    if current is not None and wanted == current.terms:
        return Revision(None, None, current.revision)
    return Revision(
        reverse=current.id if current else None,
        open=wanted,
        number=last_revision + 1 if wanted else last_revision,
    )
