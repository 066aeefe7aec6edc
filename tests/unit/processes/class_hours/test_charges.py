from decimal import Decimal
from uuid import UUID

from processes.class_hours.charges import Charge, Revision, Terms, plan_revision
from processes.class_hours.ledger import EntryKind

TWO_HOURS = Terms(Decimal(2), Decimal(1))
ABSENT = Terms(Decimal(2), Decimal(1), EntryKind.ABSENT_CONSUME)
FIRST = Charge(UUID(int=1), 1, TWO_HOURS)


def test_first_charge_opens_revision_one() -> None:
    assert plan_revision(None, 0, TWO_HOURS) == Revision(None, TWO_HOURS, 1)


def test_exact_repeat_does_nothing() -> None:
    assert plan_revision(FIRST, 1, TWO_HOURS) == Revision(None, None, 1)


def test_changed_terms_reverse_and_open_the_next_revision() -> None:
    assert plan_revision(FIRST, 1, ABSENT) == Revision(UUID(int=1), ABSENT, 2)


def test_nothing_wanted_only_reverses() -> None:
    assert plan_revision(FIRST, 1, None) == Revision(UUID(int=1), None, 1)


def test_zero_hours_count_as_nothing_wanted() -> None:
    assert plan_revision(FIRST, 1, Terms(Decimal(0), Decimal(0))).reverse == UUID(int=1)


def test_charge_after_a_reversal_takes_the_next_revision() -> None:
    assert plan_revision(None, 1, TWO_HOURS) == Revision(None, TWO_HOURS, 2)
