from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.kernel.errors import UserError
from processes.timetable.attendance_rules import (
    EntryType,
    Facts,
    Status,
    decide_default,
    earliest,
    facts_of_arrival,
    facts_of_leave,
    is_stale,
)
from processes.timetable.conflicts import (
    Booking,
    Resource,
    ResourceKind,
    Slot,
    find_conflicts,
    overlap,
    seats_left,
    split_by_overlap,
)
from processes.timetable.lesson_match import Candidate, match
from processes.timetable.recurrence import Recurrence, candidates, expand, free_slots

SHANGHAI = ZoneInfo("Asia/Shanghai")
TEACHER = Resource(ResourceKind.TEACHER, UUID(int=1))


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 2, hour, minute, tzinfo=UTC)


def slot(start: int, end: int) -> Slot:
    return Slot(at(start), at(end))


def booking(lesson: int, start: int, end: int, *, exclusive: bool = True) -> Booking:
    return Booking(UUID(int=lesson), TEACHER, slot(start, end), exclusive)


def test_touching_slots_do_not_overlap() -> None:
    assert not overlap(slot(9, 10), slot(10, 11))


def test_a_lesson_starting_together_with_a_longer_one_overlaps() -> None:
    assert overlap(slot(9, 10), slot(9, 12))
    assert overlap(slot(9, 12), slot(9, 10))


def test_conflicts_are_found_with_existing_ones_and_among_the_wanted() -> None:
    pairs = find_conflicts([booking(1, 9, 11), booking(2, 10, 12)], [booking(3, 8, 10)])
    assert [(pair.wanted.lesson_id.int, pair.existing.lesson_id.int) for pair in pairs] == [(1, 3), (2, 1)]


def test_shared_rooms_never_conflict() -> None:
    assert find_conflicts([booking(1, 9, 11, exclusive=False)], [booking(2, 9, 11)]) == ()


hours = st.integers(0, 46).flatmap(lambda start: st.tuples(st.just(start), st.integers(start + 1, 47)))


@given(hours, st.lists(hours, max_size=6))
def test_split_pieces_cover_the_slot_and_free_ones_touch_nobody(
    whole: tuple[int, int], others: list[tuple[int, int]]
) -> None:
    base = datetime(2026, 3, 2, tzinfo=UTC)

    def make(pair: tuple[int, int]) -> Slot:
        return Slot(base + timedelta(minutes=30 * pair[0]), base + timedelta(minutes=30 * pair[1]))

    mine, taken = make(whole), [make(pair) for pair in others]
    pieces = split_by_overlap(mine, taken)
    assert (pieces[0][0].start, pieces[-1][0].end) == (mine.start, mine.end)
    assert all(one[0].end == following[0].start for one, following in pairwise(pieces))
    for piece, is_taken in pieces:
        assert is_taken == any(overlap(piece, other) for other in taken)


def test_pattern_expands_in_local_time_and_skips_holidays() -> None:
    pattern = Recurrence(date(2026, 3, 2), frozenset({0, 2}), time(18), time(20), count=3)
    found = expand(pattern, SHANGHAI, {date(2026, 3, 4)})
    assert [one.start.astimezone(UTC).isoformat() for one in found] == [
        "2026-03-02T10:00:00+00:00",
        "2026-03-09T10:00:00+00:00",
        "2026-03-11T10:00:00+00:00",
    ]


def test_every_second_week_until_a_day() -> None:
    pattern = Recurrence(date(2026, 3, 3), frozenset({1}), time(9), time(10), until=date(2026, 4, 1), every_weeks=2)
    assert [one.start.day for one in expand(pattern, SHANGHAI)] == [3, 17, 31]


@pytest.mark.parametrize(
    "pattern",
    [
        Recurrence(date(2026, 3, 2), frozenset({0}), time(9), time(10)),
        Recurrence(date(2026, 3, 2), frozenset(), time(9), time(10), count=1),
        Recurrence(date(2026, 3, 2), frozenset({7}), time(9), time(10), count=1),
        Recurrence(date(2026, 3, 2), frozenset({0}), time(10), time(10), count=1),
        Recurrence(date(2026, 3, 2), frozenset(range(7)), time(9), time(10), until=date(2030, 1, 1)),
    ],
)
def test_a_pattern_that_is_empty_endless_or_huge_is_refused(pattern: Recurrence) -> None:
    with pytest.raises(UserError):
        expand(pattern, SHANGHAI)


def test_free_slots_avoid_what_is_busy_and_each_other() -> None:
    possible = candidates([date(2026, 3, 2)], time(8), time(12), length=timedelta(hours=1), zone=ZoneInfo("UTC"))
    found = free_slots(possible, [Slot(at(8, 30), at(9, 30))], 2)
    assert [one.start for one in found] == [at(9, 30), at(10, 30)]


def test_seats_left_fall_below_zero_in_a_full_class() -> None:
    assert seats_left(12, 12, 1) == -1


def test_a_swipe_belongs_to_the_running_lesson_or_the_next_one() -> None:
    first, second = Candidate(UUID(int=1), slot(9, 10)), Candidate(UUID(int=2), slot(10, 11))
    found = [match(moment, [first, second]) for moment in (at(7, 59), at(8), at(9, 59), at(10), at(11))]
    assert [one.int if one else None for one in found] == [None, 1, 1, 2, None]


def test_arrival_becomes_facts() -> None:
    assert facts_of_arrival(slot(9, 10), at(9, 5)) == Facts(Status.PRESENT)
    assert facts_of_arrival(slot(9, 10), at(9, 6)) == Facts(Status.LATE, late_minutes=6)
    assert facts_of_leave(slot(9, 10), at(6, 30), sick=False, has_proof=False).leave_hours_before == 2


@pytest.mark.parametrize(
    ("facts", "factor", "entry", "make_up"),
    [
        (Facts(Status.PRESENT), "1", EntryType.CONSUME, False),
        (Facts(Status.LATE, late_minutes=40), "1", EntryType.CONSUME, False),
        (Facts(Status.TRIAL), "0", EntryType.NONE, False),
        (Facts(Status.LEAVE, leave_hours_before=24), "0", EntryType.NONE, True),
        (Facts(Status.LEAVE, leave_hours_before=23), "0.5", EntryType.ABSENT_CONSUME, False),
        (Facts(Status.LEAVE, leave_hours_before=1), "1", EntryType.ABSENT_CONSUME, False),
        (Facts(Status.SICK, leave_hours_before=0, has_proof=True), "0", EntryType.NONE, True),
        (Facts(Status.SICK, leave_hours_before=0), "1", EntryType.ABSENT_CONSUME, False),
        (Facts(Status.ABSENT), "1", EntryType.ABSENT_CONSUME, False),
    ],
)
def test_shipped_rules(facts: Facts, factor: str, entry: EntryType, make_up: bool) -> None:
    outcome = decide_default(facts)
    assert (outcome.hours_factor, outcome.entry, outcome.make_up) == (Decimal(factor), entry, make_up)


def test_events_come_in_any_order_and_may_be_stale() -> None:
    assert earliest(at(10), at(9)) == earliest(None, at(9)) == at(9)
    assert not is_stale(at(9), at(9, 30))
    assert is_stale(at(9), at(9, 31))
