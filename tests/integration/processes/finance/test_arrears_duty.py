"""Reminders of arrears: once on the first day and once a week after it, to every guardian who can be told."""

from datetime import date
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text

from engine.kernel.duties import Occasion
from processes.finance import api as finance
from processes.finance.duties import prove, remind


def on(school, day: date) -> int:
    occasion = Occasion(day.isoformat(), day, ZoneInfo("Asia/Shanghai"), school.east)
    return school.run(lambda tx: remind(tx, occasion))["messages"]


def texts(school) -> list[str]:
    rows = text("SELECT payload->>'text' FROM outbox ORDER BY id")
    return list(school.run(lambda tx: tx.execute(rows).scalars().all()))


def test_guardians_are_reminded_weekly_until_it_is_paid(school) -> None:
    student = school.student()
    contract: UUID = school.contract(student, paid="10", paid_in="0")
    (owed,) = school.run(lambda tx: finance.arrears(tx, on=date(2099, 1, 1)))
    due = owed.due_on
    days = [due.fromordinal(due.toordinal() + n) for n in (0, 1, 2, 7, 8, 14)]
    before = len(texts(school))
    assert [on(school, day) for day in days] == [0, 1, 1, 1, 1, 1]
    sent = texts(school)[before:]
    assert len(sent) == 3
    assert sent[0] == (
        f"家长您好，王小明 有一期学费 1500.00 元已于 {due} 到期，请方便时到 东城校区 缴纳；如已缴请忽略。"
    )
    order = finance.PaymentOrder(student, school.east, Decimal(1500), "cash", (contract,))
    school.run(lambda tx: finance.record_payment(tx, order, key="pay"))
    assert on(school, due.fromordinal(due.toordinal() + 21)) == 0


def test_proof_finds_a_changed_figure_and_tells_the_history(school, owner_url: str) -> None:
    student = school.student()
    contract = school.contract(student, paid="10", paid_in="1500")
    occasion = Occasion("2026-09-01", date(2026, 9, 1), ZoneInfo("Asia/Shanghai"))
    assert school.run(lambda tx: prove(tx, occasion))["violations"] == 0
    tamper = text("UPDATE instalment SET received = received - 1, stage = 'partly_paid' WHERE contract_id = :id")
    school.run(lambda tx: tx.execute(tamper, {"id": contract}))
    found = school.run(lambda tx: prove(tx, occasion))
    assert (found["violations"], found["shown"][0].split(" ")[0]) == (1, "instalment_received")
    events = text("SELECT count(*) FROM history WHERE action = 'books:violated'")
    assert school.run(lambda tx: tx.execute(events).scalar_one()) == 1
