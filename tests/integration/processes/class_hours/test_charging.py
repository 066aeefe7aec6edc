import random
import threading
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from engine.kernel.errors import Conflict
from engine.kernel.uow import Tx
from processes.class_hours import api as class_hours
from processes.class_hours.tables import hour_entry, hour_lot

DAY = date(2026, 9, 1)


def in_threads(work: Callable[[int], object], count: int) -> None:
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def balance(school, lot_id: UUID) -> tuple[Decimal, Decimal]:
    row = school.run(lambda tx: tx.execute(select(hour_lot).where(hour_lot.c.id == lot_id)).mappings().one())
    return row["quantity"], row["amount"]


def test_thirty_charges_use_up_2000_yuan_exactly(school) -> None:
    student = school.student()
    lot = school.lots(student, "30", "2000.00")
    total = sum((school.consume(student, "1").amount for _ in range(30)), Decimal(0))
    assert total == Decimal("2000.00")
    assert balance(school, lot) == (Decimal(0), Decimal(0))
    school.assert_books_are_sound()


def test_the_same_lesson_is_charged_once(school) -> None:
    student, lesson = school.student(), uuid4()
    lot = school.lots(student, "10", "1000.00")
    first = school.consume(student, "2", lesson)
    second = school.consume(student, "2", lesson)
    assert (first.state, second.state) == ("charged", "unchanged")
    assert second.revision == 1
    assert balance(school, lot) == (Decimal(8), Decimal("800.00"))


def test_two_swipes_at_once_charge_once(school) -> None:
    student, lesson = school.student(), uuid4()
    lot = school.lots(student, "10", "1000.00")
    states: list[str] = []
    in_threads(lambda _: states.append(school.consume(student, "2", lesson).state), 2)
    assert sorted(states) == ["charged", "unchanged"]
    assert balance(school, lot) == (Decimal(8), Decimal("800.00"))


def test_eight_threads_consume_one_lot_without_losing_a_fen(school) -> None:
    student = school.student()
    lot = school.lots(student, "48", "999.99")

    def work(_: int) -> None:
        for _ in range(6):
            school.consume(student, "1")

    in_threads(work, 8)
    assert balance(school, lot) == (Decimal(0), Decimal(0))
    school.assert_books_are_sound()


def test_changed_terms_reverse_and_charge_again(school) -> None:
    student, lesson = school.student(), uuid4()
    lot = school.lots(student, "10", "1000.00")
    school.consume(student, "2", lesson)
    again = school.consume(student, "1", lesson)
    assert (again.revision, again.amount) == (2, Decimal("100.00"))
    assert balance(school, lot) == (Decimal(9), Decimal("900.00"))
    school.assert_books_are_sound()


def test_reversal_gives_everything_back_once(school) -> None:
    student, lesson = school.student(), uuid4()
    lot = school.lots(student, "3", "100.00")
    school.consume(student, "2", lesson)
    ref = class_hours.LessonRef(lesson, school.course, school.east, DAY)
    undone = [school.run(lambda tx: class_hours.reverse_charge(tx, student, ref, reason="错扣")) for _ in range(2)]
    assert undone == [True, False]
    assert balance(school, lot) == (Decimal(3), Decimal("100.00"))
    school.assert_books_are_sound()


def test_one_lesson_over_two_lots_and_into_debt(school) -> None:
    student = school.student()
    school.lots(student, "1", "100.00", key="a")
    school.lots(student, "1", "150.00", key="b")
    result = school.consume(student, "3")
    assert (result.quantity, result.amount, result.debt) == (Decimal(3), Decimal("250.00"), Decimal(1))
    assert result.remaining == Decimal(-1)
    school.assert_books_are_sound()


def test_debt_is_refused_when_the_rule_says_so(school) -> None:
    student = school.student()
    school.lots(student, "1", "100.00")
    ref = class_hours.LessonRef(uuid4(), school.course, school.east, DAY)
    terms = class_hours.Terms(Decimal(2), Decimal(1))
    result = school.run(lambda tx: class_hours.charge_lesson(tx, student, ref, terms, allow_debt=False))
    assert (result.state, result.charge_id, result.remaining) == ("short", None, Decimal(1))


def test_debt_is_settled_by_the_next_purchase(school) -> None:
    student = school.student()
    school.consume(student, "3")
    lot = school.lots(student, "10", "1000.00")
    settled = school.run(lambda tx: class_hours.settle_debts(tx, student, school.course, on=DAY, key="renewal"))
    assert settled == Decimal(3)
    assert balance(school, lot) == (Decimal(7), Decimal("700.00"))
    school.assert_books_are_sound()


def test_a_settled_debt_returns_to_its_lot_when_the_lesson_is_taken_back(school) -> None:
    student, lesson = school.student(), uuid4()
    school.consume(student, "3", lesson)
    lot = school.lots(student, "10", "1000.00")
    school.run(lambda tx: class_hours.settle_debts(tx, student, school.course, on=DAY, key="renewal"))
    ref = class_hours.LessonRef(lesson, school.course, school.east, DAY)
    assert school.run(lambda tx: class_hours.reverse_charge(tx, student, ref, reason="错扣"))
    assert balance(school, lot) == (Decimal(10), Decimal("1000.00"))
    school.assert_books_are_sound()


def test_a_held_contract_is_not_charged(school) -> None:
    student = school.student()
    contract = school.contract(student)
    school.run(lambda tx: class_hours.hold_contract(tx, contract, branch_id=school.east, purpose="refund"))
    assert school.consume(student, "2").state == "held"
    school.run(lambda tx: class_hours.release_hold(tx, contract))
    assert school.consume(student, "2").state == "charged"
    school.assert_books_are_sound()


def test_one_settling_process_per_contract(school) -> None:
    contract = school.contract(school.student())
    school.run(lambda tx: class_hours.hold_contract(tx, contract, branch_id=school.east, purpose="refund"))
    with pytest.raises(Conflict) as caught:
        school.run(lambda tx: class_hours.hold_contract(tx, contract, branch_id=school.east, purpose="transfer"))
    assert caught.value.code == "contract.held"


def test_entries_can_be_neither_changed_nor_deleted(school) -> None:
    school.lots(school.student(), "1", "1.00")
    with pytest.raises(DBAPIError):
        school.run(lambda tx: tx.execute(update(hour_entry).values(amount=0)))
    with pytest.raises(DBAPIError):
        school.run(lambda tx: tx.execute(hour_entry.delete()))


def test_the_database_refuses_a_negative_lot(school) -> None:
    school.lots(school.student(), "1", "1.00")
    with pytest.raises(DBAPIError):
        school.run(lambda tx: tx.execute(update(hour_lot).values(quantity=-1)))


def test_a_closed_period_takes_entries_in_the_next_open_one(school) -> None:
    student = school.student()
    school.lots(student, "10", "1000.00")
    school.run(lambda tx: class_hours.close_period(tx, "2026-09"))
    school.consume(student, "1")
    periods = school.run(
        lambda tx: tx.execute(select(hour_entry.c.period).where(hour_entry.c.kind == "CONSUME")).scalars().all()
    )
    assert periods == ["2026-10"]


def test_expiry_takes_what_is_left_once(school) -> None:
    student = school.student()
    lot = school.lots(student, "10", "1000.00")
    school.run(lambda tx: tx.execute(update(hour_lot).values(expires_on=date(2026, 9, 30))))
    counts = [school.run(lambda tx: class_hours.expire_lots(tx, date(2026, 10, 1))) for _ in range(2)]
    assert counts == [1, 0]
    assert balance(school, lot) == (Decimal(0), Decimal(0))
    school.assert_books_are_sound()


def test_the_nightly_proof_finds_a_changed_balance(school, owner_url: str) -> None:
    lot = school.lots(school.student(), "10", "1000.00")
    school.run(lambda tx: tx.execute(update(hour_lot).values(amount=Decimal("999.99"))))
    (found,) = school.run(class_hours.nightly_proof)
    assert (found.check, found.subject_id) == ("lot_balance", str(lot))


def test_thousands_of_random_operations_keep_the_books_sound(school) -> None:
    rng = random.Random(20260901)
    students = [school.student(f"学员{n}", phone=f"1380000{n:04d}") for n in range(5)]
    lessons = [uuid4() for _ in range(40)]
    for number, student in enumerate(students):
        school.lots(student, "60", str(Decimal(rng.randrange(100_000, 900_000)) / 100), key=f"start{number}")

    def batch(tx: Tx) -> None:
        for _ in range(200):
            step(tx, rng.choice(students), rng.choice(lessons), rng.randrange(10))

    def step(tx: Tx, student: UUID, lesson: UUID, dice: int) -> None:
        ref = class_hours.LessonRef(lesson, school.course, school.east, DAY)
        if dice < 7:
            terms = class_hours.Terms(Decimal(rng.randrange(1, 7)) / 2, Decimal(1))
            class_hours.charge_lesson(tx, student, ref, terms, allow_debt=dice < 5)
        elif dice < 9:
            class_hours.reverse_charge(tx, student, ref, reason="随机")
        else:
            class_hours.settle_debts(tx, student, school.course, on=DAY, key=str(uuid4()))

    for _ in range(10):
        school.run(batch)
    school.assert_books_are_sound()
    assert school.run(lambda tx: tx.execute(text("SELECT count(*) FROM hour_entry")).scalar_one()) > 2000
