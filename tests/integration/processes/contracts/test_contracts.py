from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from sqlalchemy import select

from engine.kernel.errors import Conflict
from processes.class_hours import api as class_hours
from processes.class_hours.tables import hour_lot
from processes.contracts import api as contracts
from processes.contracts.tables import contract_line
from processes.finance import api as finance


def draft(school, student, discount: str = "100.00", **more) -> contracts.Draft:
    lines = tuple(contracts.DraftLine(school.course, Decimal(hours)) for hours in ("10", "20", "30"))
    return contracts.Draft(student, school.east, lines,
                           discount_amount=Decimal(discount), discount_reason="老生", **more)  # fmt: skip


def test_draft_splits_the_discount_over_its_lines(school) -> None:
    student = school.student()
    one = school.run(lambda tx: contracts.draft_contract(tx, draft(school, student), key="d"))
    facts = school.run(lambda tx: contracts.facts(tx, one))
    assert facts.number == "EAST2026-00001"
    assert [line.net_amount for line in facts.lines] == [Decimal("1483.33"), Decimal("2966.67"), Decimal("4450.00")]
    assert facts.net_amount == Decimal("8900.00")
    found = school.run(lambda tx: contracts.authority(tx, one))
    assert (found.discount_rate, found.below_floor) == (Decimal("0.0111"), False)


def test_draft_with_the_same_key_is_written_once(school) -> None:
    student = school.student()
    made = {school.run(lambda tx: contracts.draft_contract(tx, draft(school, student), key="d")) for _ in range(2)}
    assert len(made) == 1


def test_completeness_names_every_missing_check(school) -> None:
    student = school.student()
    one = school.run(lambda tx: contracts.draft_contract(tx, draft(school, student), key="d"))
    missing = school.run(lambda tx: contracts.completeness(tx, one))
    assert [text.zh for text in missing] == ["成本未核定", "身份未核验"]


def test_a_revised_contract_goes_back_to_the_draft_stage(school) -> None:
    student = school.student()
    one = school.run(lambda tx: contracts.draft_contract(tx, draft(school, student), key="d"))

    def approve_and_revise(tx) -> None:
        contracts.submit(tx, one)
        contracts.approve(tx, one)
        contracts.revise(tx, one, draft(school, student, "200.00"))

    school.run(approve_and_revise)
    facts = school.run(lambda tx: contracts.facts(tx, one))
    assert (facts.stage, facts.net_amount, len(facts.lines)) == ("draft", Decimal("8800.00"), 3)


def test_a_draft_cannot_be_signed(school) -> None:
    one = school.run(lambda tx: contracts.draft_contract(tx, draft(school, school.student()), key="d"))
    with pytest.raises(Conflict) as caught:
        school.run(lambda tx: contracts.sign(tx, one, date(2026, 9, 1)))
    assert caught.value.code == "contract.stage"


def test_a_price_below_the_floor_is_marked(school) -> None:
    student = school.student()
    one = school.run(lambda tx: contracts.draft_contract(tx, draft(school, student, "2000.00"), key="d"))
    assert school.run(lambda tx: contracts.authority(tx, one)).below_floor


def test_activation_opens_the_lots_once(school) -> None:
    student = school.student()
    one = school.contract(student, gift="4")
    school.run(lambda tx: contracts.activate(tx, one))
    rows = school.run(lambda tx: tx.execute(select(hour_lot.c.kind, hour_lot.c.quantity, hour_lot.c.amount)).all())
    assert sorted(map(tuple, rows)) == [
        ("GIFT", Decimal("4.00"), Decimal("0.00")),
        ("PAID", Decimal("40.00"), Decimal("6000.00")),
    ]
    school.assert_books_are_sound()


def test_transfer_upwards_leaves_600_receivable(school) -> None:
    student = school.student()
    one = school.contract(student)
    school.consume(student, "10")
    (line,) = school.run(lambda tx: contracts.facts(tx, one)).lines

    def transfer(tx):
        preview = contracts.transfer_preview(
            tx, line.id, course_id=school.course, quantity=Decimal(30), unit_price=Decimal("170.00")
        )
        new = contracts.apply_transfer(tx, line.id, course_id=school.course, class_group_id=school.group,
                                       branch_id=school.west, preview=preview, key="t1")  # fmt: skip
        if preview.receivable:
            finance.add_instalment(tx, one, preview.receivable, due_on=date(2026, 9, 8), key="t1")
        return preview, new

    preview, new = school.run(transfer)
    assert (preview.remaining_value, preview.new_price) == (Decimal("4500.00"), Decimal("5100.00"))
    assert (preview.receivable, preview.credit) == (Decimal("600.00"), Decimal("0.00"))
    lots = {lot.contract_line_id: lot for lot in school.run(lambda tx: class_hours.contract_balances(tx, one))}
    assert (lots[line.id].quantity, lots[line.id].amount) == (0, 0)
    assert (lots[new].quantity, lots[new].amount) == (Decimal(30), Decimal("5100.00"))
    school.assert_books_are_sound()


def test_refund_after_a_transfer_counts_what_stayed_with_the_old_line(school) -> None:
    student = school.student()
    one = school.contract(student)
    school.consume(student, "10")
    (line,) = school.run(lambda tx: contracts.facts(tx, one)).lines

    def transfer(tx) -> None:
        preview = contracts.transfer_preview(tx, line.id, course_id=school.course, unit_price=Decimal("100.00"))
        contracts.apply_transfer(tx, line.id, course_id=school.course, class_group_id=None, branch_id=school.east,
                                 preview=preview, key="t1")  # fmt: skip
        finance.wallet_credit(tx, student, branch_id=school.east, real=preview.credit, reason="转班", key="t1")

    school.run(transfer)
    school.consume(student, "10")
    asked = finance.RefundRequest(date(2026, 10, 20))
    proof = school.run(lambda tx: finance.refund_preview(tx, one, asked))
    assert (proof.received, proof.refundable) == (Decimal("3000.00"), Decimal("2000.00"))
    assert school.run(lambda tx: finance.wallet_balance(tx, student)).real == Decimal("1500.00")
    school.assert_books_are_sound()


def transferred(tx, school, line_id, preview):
    return contracts.apply_transfer(
        tx,
        line_id,
        course_id=school.course,
        class_group_id=None,
        branch_id=school.east,
        preview=preview,
        key="t1",
    )


def test_a_transfer_after_hours_were_used_asks_for_a_new_preview(school) -> None:
    student = school.student()
    one = school.contract(student)
    (line,) = school.run(lambda tx: contracts.facts(tx, one)).lines
    preview = school.run(lambda tx: contracts.transfer_preview(tx, line.id, course_id=school.course))
    school.consume(student, "2", uuid4())
    with pytest.raises(Conflict) as caught:
        school.run(lambda tx: transferred(tx, school, line.id, preview))
    assert caught.value.code == "transfer.changed"
    assert school.run(lambda tx: tx.execute(select(contract_line.c.stage)).scalars().all()) == ["open"]
    school.assert_books_are_sound()
