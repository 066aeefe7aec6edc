"""A class transfer as the office does it: asked with a preview, approved, paid or credited, lessons moved."""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from processes.finance import api as finance
from processes.timetable import api as timetable
from tests.e2e.forms import choose, fact, finish, open_task
from tests.e2e.term import Term
from tests.e2e.watching import SignIn

pytestmark = pytest.mark.e2e


def ask(page: Page, contract_id: UUID, to_class: str, hours: str = "") -> None:
    """Fill the request as fast as somebody who knows it by heart; what is typed while the form is drawn stays."""
    page.goto(f"/records/contract/{contract_id}")
    page.get_by_role("link", name="申请转班").click()
    choose(page, "act-to_class_id", to_class)
    page.fill("#act-requested_hours", hours)
    page.fill("#act-reason", "希望进入小班")
    page.get_by_role("button", name="预览影响").click()
    expect(page.locator(".preview-lines")).to_be_visible()


def test_transfer_to_a_dearer_class_is_previewed_approved_and_paid(sign_in: SignIn, term: Term) -> None:
    contract_id, name = term.family()  # 40 h for 6000.00
    term.consume(contract_id, 10)
    lesson_id = term.lesson_in("east_english_2", timedelta(days=3))
    academic = sign_in("east_academic")
    ask(academic, contract_id, "英语精英班", "30")
    assert fact(academic, "原班级") == "英语启蒙一班"
    assert fact(academic, "剩余金额") == "4,500.00"
    assert fact(academic, "新班价格") == "5,100.00"
    assert fact(academic, "应补") == "600.00"
    assert fact(academic, "剩余名额") == "7"
    academic.get_by_role("button", name="确认提交").click()
    expect(academic.locator(".toast-line")).to_contain_text("转班申请已提交")
    assert term.left(contract_id) == (Decimal(30), Decimal("4500.00"), Decimal(30))
    open_task(academic, name)
    finish(academic, "同意")
    money = sign_in("east_finance")
    open_task(money, name)
    expect(money.locator(".task")).to_contain_text("600.00")
    finish(money, "已收款")
    expect(money.locator(".task")).to_contain_text("请选择收款方式")
    expect(money.locator(".task")).to_contain_text("600.00")
    money.get_by_label("微信").check()
    money.fill("#task-payment_reference", "WX20261122")
    finish(money, "已收款")
    expect(money.locator(".toast-line")).to_contain_text("已提交")
    assert term.left(contract_id) == (Decimal(30), Decimal("5100.00"), Decimal(0))
    academic.goto(f"/timetable/lessons/{lesson_id}")
    expect(academic.locator(".roll-row", has_text=name)).to_be_visible()
    term.assert_books_are_sound()


def test_transfer_to_a_cheaper_class_fills_the_wallet(sign_in: SignIn, term: Term) -> None:
    contract_id, name = term.family()
    student_id = term.student_of(contract_id)
    academic = sign_in("east_academic")
    ask(academic, contract_id, "创意美术班", "30")
    assert fact(academic, "应退") == "2,400.00"  # 6000.00 - 30 h at 120.00
    academic.get_by_role("button", name="确认提交").click()
    open_task(academic, name)
    finish(academic, "同意")
    money = sign_in("east_finance")
    open_task(money, name)
    finish(money, "转入钱包")
    expect(money.locator(".toast-line")).to_contain_text("已提交")
    assert term.run(lambda tx: finance.wallet_balance(tx, student_id).real) == Decimal("2400.00")
    assert term.ids["class:east_art_1"] in term.run(lambda tx: timetable.classes_of(tx, student_id))
    term.assert_books_are_sound()


def test_transfer_across_branches_books_a_settlement(sign_in: SignIn, term: Term) -> None:
    contract_id, name = term.family(paid=20)
    manager = sign_in("hq_manager")
    ask(manager, contract_id, "英语一班（西城）")
    expect(manager.get_by_text("跨校区转班，将生成校区间结算")).to_be_visible()
    manager.get_by_role("button", name="确认提交").click()
    academic = sign_in("east_academic")
    open_task(academic, name)
    finish(academic, "同意")
    expect(academic.locator(".toast-line")).to_contain_text("已提交")
    page = sign_in("hq_finance")
    page.goto("/records/settlement_entry")
    expect(page.locator("tbody tr").filter(has_text="3,000.00").first).to_be_visible()
    west = sign_in("west_academic")
    west.goto(f"/records/class_group/{term.ids['class:west_english_1']}?tab=roster.class_group_id")
    expect(west.locator("tbody tr", has_text=name)).to_be_visible()
    term.assert_books_are_sound()
