"""From what happened to what it costs: the inputs and outputs of the attendance decision table.

The shipped rules are data (`DEFAULT_RULES`); a decision table deployed for an organisation, branch, course or class
replaces them by passing another `Decide` to `timetable.api.mark_attendance`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from processes.timetable.conflicts import Slot

ONE = Decimal(1)
ZERO = Decimal(0)


class Status(StrEnum):
    """How a student attended."""

    PRESENT = "present"
    LATE = "late"
    LEFT_EARLY = "left_early"
    LEAVE = "leave"
    SICK = "sick"
    ABSENT = "absent"
    MAKE_UP = "make_up"
    TRIAL = "trial"


class EntryType(StrEnum):
    """What is booked: a consumption, an absence that counts, or nothing."""

    CONSUME = "CONSUME"
    ABSENT_CONSUME = "ABSENT_CONSUME"
    NONE = "NONE"


class Notice(StrEnum):
    """What the guardian is told."""

    ARRIVED = "arrived"
    ABSENT = "absent"
    HOURS_LOW = "hours_low"


@dataclass(frozen=True, slots=True)
class Facts:
    """Inputs of the table. Minutes are whole and zero or more; leave_hours_before is None without a request."""

    status: Status
    late_minutes: int = 0
    left_early_minutes: int = 0
    leave_hours_before: int | None = None
    has_proof: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """Outputs of the table. Factors multiply the lesson's hours and the teacher's pay."""

    hours_factor: Decimal
    entry: EntryType
    make_up: bool = False
    make_up_days: int = 0
    pay_factor: Decimal = ONE
    notices: tuple[Notice, ...] = ()


Decide = Callable[[Facts], Outcome]


@dataclass(frozen=True, slots=True)
class AttendanceRule:
    """One row: the first whose conditions hold decides."""

    statuses: frozenset[Status]
    outcome: Outcome
    min_leave_hours: int | None = None
    needs_proof: bool = False
    max_late_minutes: int | None = None


DEFAULT_RULES: tuple[AttendanceRule, ...] = (
    AttendanceRule(frozenset({Status.TRIAL}), Outcome(ZERO, EntryType.NONE, notices=(Notice.ARRIVED,))),
    AttendanceRule(
        frozenset({Status.PRESENT, Status.LATE, Status.LEFT_EARLY, Status.MAKE_UP}),
        Outcome(ONE, EntryType.CONSUME, notices=(Notice.ARRIVED,)),
    ),
    AttendanceRule(
        frozenset({Status.SICK}),
        Outcome(ZERO, EntryType.NONE, make_up=True, make_up_days=90, pay_factor=ZERO),
        needs_proof=True,
    ),
    AttendanceRule(
        frozenset({Status.LEAVE, Status.SICK}),
        Outcome(ZERO, EntryType.NONE, make_up=True, make_up_days=60, pay_factor=ZERO),
        min_leave_hours=24,
    ),
    AttendanceRule(
        frozenset({Status.LEAVE, Status.SICK}),
        Outcome(Decimal("0.5"), EntryType.ABSENT_CONSUME, pay_factor=Decimal("0.5"), notices=(Notice.ABSENT,)),
        min_leave_hours=2,
    ),
    AttendanceRule(frozenset(Status), Outcome(ONE, EntryType.ABSENT_CONSUME, notices=(Notice.ABSENT,))),
)


def decide_by(rules: Sequence[AttendanceRule]) -> Decide:
    """A decision over ordered rules (hit policy first); the last rule should match everything."""
    return lambda facts: next(rule.outcome for rule in rules if _holds(rule, facts))


decide_default: Decide = decide_by(DEFAULT_RULES)


def _holds(rule: AttendanceRule, facts: Facts) -> bool:
    return (
        facts.status in rule.statuses
        and (rule.min_leave_hours is None or (facts.leave_hours_before or 0) >= rule.min_leave_hours)
        and (not rule.needs_proof or facts.has_proof)
        and (rule.max_late_minutes is None or facts.late_minutes <= rule.max_late_minutes)
    )


def facts_of_arrival(lesson: Slot, arrived: datetime, *, grace: timedelta = timedelta(minutes=5)) -> Facts:
    """A swipe or roll-call mark as facts: late when it came later than the grace after the start.

    >>> from datetime import UTC
    >>> lesson = Slot(datetime(2026, 3, 2, 9, tzinfo=UTC), datetime(2026, 3, 2, 10, tzinfo=UTC))
    >>> facts_of_arrival(lesson, datetime(2026, 3, 2, 9, 12, tzinfo=UTC)).late_minutes
    12
    """
    if arrived <= lesson.start + grace:
        return Facts(Status.PRESENT)
    return Facts(Status.LATE, late_minutes=int((arrived - lesson.start) / timedelta(minutes=1)))


def facts_of_leave(lesson: Slot, asked: datetime, *, sick: bool, has_proof: bool) -> Facts:
    """A leave request as facts: whole hours between the request and the start."""
    hours = max(0, int((lesson.start - asked) / timedelta(hours=1)))
    return Facts(Status.SICK if sick else Status.LEAVE, leave_hours_before=hours, has_proof=has_proof)


def is_stale(occurred: datetime, now: datetime, *, limit: timedelta = timedelta(minutes=30)) -> bool:
    """Whether an event is too old for a notice: an offline terminal may deliver it days later."""
    return now - occurred > limit


def earliest(known: datetime | None, occurred: datetime) -> datetime:
    """Arrival is the earliest event, in whichever order the events come in."""
    return occurred if known is None else min(known, occurred)
