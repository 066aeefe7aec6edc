"""A refund as people do it: proof, two different approvers, paid back; withdrawn midway, all is as before."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from engine.workflow import substitutions
from tests.e2e.forms import fact, finish, open_task
from tests.e2e.school import School
from tests.e2e.term import Term
from tests.e2e.watching import SignIn

pytestmark = pytest.mark.e2e


def ask(page: Page, contract_id: UUID) -> None:
    """Fill the request and look at what it would do."""
    page.goto(f"/records/contract/{contract_id}")
    page.get_by_role("link", name="申请退费").click()
    page.fill("#act-materials_kept", "120.00")
    page.fill("#act-reason", "全家搬往外地")
    page.get_by_role("button", name="预览影响").click()
    expect(page.locator(".preview-lines")).to_be_visible()


def send(page: Page) -> None:
    """Hand the request in."""
    page.get_by_role("button", name="确认提交").click()
    expect(page.locator(".toast-line")).to_contain_text("退费申请已提交")


@contextmanager
def stand_in(term: Term, school: School, absent: str, substitute: str) -> Iterator[None]:
    """One person acts for another for a while."""
    absent_id, substitute_id = str(school.users[absent]), str(school.users[substitute])
    start, end = datetime.now(UTC) - timedelta(minutes=1), datetime.now(UTC) + timedelta(hours=1)
    made = term.run(lambda tx: substitutions.create(tx, absent_id, substitute_id, start, end), absent)
    yield
    term.run(lambda tx: substitutions.end(tx, made), absent)


def test_large_refund_needs_two_persons_and_closes_the_books(sign_in: SignIn, term: Term, school: School) -> None:
    contract_id, name = term.family()  # 40 h for 6000.00, nothing used: cooling-off
    money = sign_in("east_finance")
    ask(money, contract_id)
    assert fact(money, "应退金额") == "5,880.00"
    send(money)
    assert term.left(contract_id)[2] == Decimal(40)
    principal = sign_in("east_principal", phone=True)
    open_task(principal, name)
    expect(principal.locator(".task")).to_contain_text("5,880.00")
    finish(principal, "同意")
    expect(principal.locator(".toast-line")).to_contain_text("已提交")
    with stand_in(term, school, "hq_finance", "east_principal"):
        open_task(principal, name)
        finish(principal, "同意")
        expect(principal.locator("main")).to_contain_text("须由另一人办理")
    second = sign_in("hq_finance")
    open_task(second, name)
    finish(second, "同意")
    expect(second.locator(".toast-line")).to_contain_text("已提交")
    open_task(money, name)
    money.fill("#task-payment_reference", "T20261122")
    finish(money, "已退款")
    expect(money.locator(".toast-line")).to_contain_text("已提交")
    assert term.left(contract_id) == (Decimal(0), Decimal(0), Decimal(0))
    money.goto(f"/records/contract/{contract_id}")
    expect(money.locator(".record-head")).to_contain_text("已结清")
    money.goto(f"/records/contract/{contract_id}?tab=hour_entry.contract_id")
    expect(money.locator("tbody tr").first).to_contain_text("退费")
    expect(money.locator("tbody")).to_contain_text("教材留用")
    told = sign_in("admin")
    told.goto("/connectors/sent")
    expect(told.locator("main")).to_contain_text("5880.00")
    term.assert_books_are_sound()


def test_withdrawing_midway_leaves_the_books_as_they_were(sign_in: SignIn, term: Term) -> None:
    contract_id, name = term.family()
    term.consume(contract_id, 10)
    before = term.left(contract_id)
    money = sign_in("east_finance")
    ask(money, contract_id)
    assert fact(money, "应退金额") == "4,380.00"
    send(money)
    assert term.left(contract_id) == (Decimal(30), Decimal("4500.00"), Decimal(30))
    principal = sign_in("east_principal", phone=True)
    open_task(principal, name)
    finish(principal, "同意")
    expect(principal.locator(".toast-line")).to_contain_text("已提交")
    money.goto(f"/records/contract/{contract_id}")
    money.get_by_role("link", name="撤销退费").click()
    money.get_by_role("button", name="预览影响").click()
    expect(money.get_by_text("退费将撤销，课时解冻")).to_be_visible()
    money.get_by_role("button", name="确认提交").click()
    expect(money.locator(".toast-line")).to_contain_text("申请已撤销")
    assert term.left(contract_id) == before
    money.goto("/inbox")
    expect(money.locator(".task-row", has_text=name)).to_have_count(0)
    money.goto(f"/records/contract/{contract_id}")
    expect(money.locator(".record-head")).to_contain_text("执行中")
    term.assert_books_are_sound()
