"""The class transfer process on a real database."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from engine.kernel.uow import Tx
from engine.workflow import instances
from processes.class_hours import api as class_hours
from processes.class_transfer import actions
from processes.contracts import api as contracts
from processes.finance import api as finance
from processes.timetable import api as timetable
from tests.integration.processes.flows.conftest import School

MOVED_ON = date(2026, 9, 7)


def wish(school: School, to_class: str, hours: str | None) -> dict[str, object]:
    return {
        "from_class_id": str(school.ids["class:east_english_1"]),
        "to_class_id": str(school.ids[f"class:{to_class}"]),
        "effective_on": MOVED_ON,
        "requested_hours": hours,
        "reason": "希望进入小班",
    }


def start(school: School, contract_id: UUID, values: dict[str, object]) -> UUID:
    done = school.run(lambda tx: actions.start(tx, contract_id, values), "east_academic")
    assert done.instance_id is not None
    return done.instance_id


def open_lines(tx: Tx, contract_id: UUID) -> list[tuple[Decimal, Decimal]]:
    lines = contracts.facts(tx, contract_id).lines
    return [(line.paid_quantity, line.net_amount) for line in lines if line.stage == "open"]


def test_transfer_to_a_dearer_class_collects_the_difference(school: School) -> None:
    contract_id = school.family()  # 40 h for 6000.00
    school.consume(contract_id, 10)
    values = wish(school, "east_english_2", "30")
    shown = school.run(lambda tx: actions.preview(tx, contract_id, values), "east_academic")
    figures = {line.label.zh: line.value for line in shown.lines}
    assert figures["剩余金额"] == Decimal("4500.00")
    assert figures["新班价格"] == Decimal("5100.00")
    assert figures["应补"] == Decimal("600.00")
    instance_id = start(school, contract_id, values)
    school.complete("east_academic", "approve_academic", contract_id, "approve")
    school.complete(
        "east_finance", "collect_difference", contract_id, "received",
        {"payment_method": "wechat", "payment_reference": "W1"},
    )  # fmt: skip
    assert school.status(instance_id) == "completed"
    assert school.left(contract_id) == (Decimal(30), Decimal("5100.00"), Decimal(0))
    assert school.run(lambda tx: open_lines(tx, contract_id)) == [(Decimal(30), Decimal("5100.00"))]
    assert school.run(lambda tx: finance.received(tx, contract_id)) == Decimal("6600.00")
    student_id = school.student_of(contract_id)
    classes = school.run(lambda tx: timetable.classes_of(tx, student_id))
    assert school.ids["class:east_english_2"] in classes
    assert any("英语精英班" in text for text in school.texts("转入"))
    school.assert_books_are_sound()


def test_transfer_to_a_cheaper_class_fills_the_wallet(school: School) -> None:
    contract_id = school.family()
    school.consume(contract_id, 10)
    start(school, contract_id, wish(school, "east_art_1", "30"))  # 30 h at 120.00 = 3600.00
    school.complete("east_academic", "approve_academic", contract_id, "approve")
    school.complete("east_finance", "return_difference", contract_id, "wallet")
    student_id = school.student_of(contract_id)
    assert school.run(lambda tx: finance.wallet_balance(tx, student_id).real) == Decimal("900.00")
    assert school.left(contract_id) == (Decimal(30), Decimal("3600.00"), Decimal(0))
    school.assert_books_are_sound()


def test_transfer_across_branches_books_a_settlement(school: School) -> None:
    contract_id = school.family()
    school.consume(contract_id, 10)
    start(school, contract_id, wish(school, "west_english_1", None))
    school.complete("east_academic", "approve_academic", contract_id, "approve")
    assert school.left(contract_id) == (Decimal(30), Decimal("4500.00"), Decimal(0))
    entries = school.run(lambda tx: _settlements(tx, contract_id))
    assert sum(abs(amount) for amount in entries) >= Decimal("4500.00")
    school.assert_books_are_sound()


def _settlements(tx: Tx, contract_id: UUID) -> list[Decimal]:
    from sqlalchemy import select

    from processes.finance.tables import settlement_entry

    rows = tx.execute(select(settlement_entry.c.amount).where(settlement_entry.c.contract_id == contract_id))
    return list(rows.scalars())


def test_rejected_transfer_leaves_the_hours(school: School) -> None:
    contract_id = school.family()
    instance_id = start(school, contract_id, wish(school, "east_english_2", "30"))
    school.complete("east_academic", "approve_academic", contract_id, "reject", comment="小班已满")
    assert school.status(instance_id) == "completed"
    assert school.left(contract_id) == (Decimal(40), Decimal("6000.00"), Decimal(0))


def test_withdrawing_a_transfer_releases_the_hours(school: School) -> None:
    contract_id = school.family()
    instance_id = start(school, contract_id, wish(school, "east_english_2", "40"))
    assert school.left(contract_id)[2] == Decimal(40)
    school.run(lambda tx: actions.cancel(tx, contract_id, {}), "east_academic")
    assert school.status(instance_id) == "completed"
    assert school.left(contract_id)[2] == Decimal(0)
    school.assert_books_are_sound()


def test_cancelling_the_case_releases_the_hours(school: School) -> None:
    contract_id = school.family()
    instance_id = start(school, contract_id, wish(school, "east_english_2", "40"))
    school.complete("east_academic", "approve_academic", contract_id, "approve")
    school.run(lambda tx: instances.cancel(tx, instance_id, "家长改主意"), "admin")
    assert school.status(instance_id) == "cancelled"
    assert school.left(contract_id) == (Decimal(40), Decimal("6000.00"), Decimal(0))
    school.assert_books_are_sound()


def test_release_for_one_case_leaves_the_hold_of_another(school: School) -> None:
    contract_id = school.family()
    start(school, contract_id, wish(school, "east_english_2", "40"))
    is_released = school.run(lambda tx: class_hours.release_hold(tx, contract_id, instance_id=UUID(int=7)))
    assert (is_released, school.left(contract_id)[2]) == (False, Decimal(40))
