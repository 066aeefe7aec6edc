"""The auditor follows one refund from the message to the family back to the ledger, and checks the trail itself."""

import io
import re
from uuid import UUID

import pytest
from playwright.sync_api import expect

from engine.metadata import exporting
from engine.metadata.query import Query
from processes.refund import actions as refunds
from tests.e2e.term import Term
from tests.e2e.watching import SignIn

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def refunded(term: Term) -> tuple[UUID, str]:
    """A refund that went all the way: the contract and the student's name."""
    contract_id, name = term.family()
    values = {"reason": "全家搬往外地", "way": "original", "materials_kept": "120.00"}
    term.run(lambda tx: refunds.start(tx, contract_id, values), "east_finance")
    term.complete("east_principal", "approve_principal", contract_id, "approve", comment="情况属实")
    term.complete("hq_finance", "approve_finance", contract_id, "approve", comment="金额无误")
    paid = {"way": "original", "payment_reference": "T20261122"}
    term.complete("east_finance", "pay_back", contract_id, "paid", paid)
    return contract_id, name


def test_refund_is_followed_from_the_message_to_the_ledger(
    sign_in: SignIn, term: Term, refunded: tuple[UUID, str]
) -> None:
    contract_id, name = refunded
    page = sign_in("auditor")
    page.goto("/cases?process=refund")
    page.locator("a.title-link", has_text=name).click()
    message = page.locator(".timeline-list li", has_text="短信通知").last
    expect(message).to_contain_text(name)
    expect(message).to_contain_text("5880.00")
    assert re.search(r"\d{3}\*{4}\d{4}", message.inner_text())
    story = page.locator(".timeline-list").first
    expect(story).to_contain_text("east_principal 办理“校长审批”：同意")
    expect(story).to_contain_text("情况属实")
    expect(story).to_contain_text("hq_finance 办理“总部财务审批”：同意")
    expect(story).to_contain_text("金额无误")
    page.wait_for_selector(".diagram[data-ready=true]")
    assert page.locator(".is-taken").count() >= 10
    assert page.locator(".djs-element.is-done[data-element-id=approve_finance]").count() == 1
    page.get_by_role("slider", name="流程走到第几步").fill("1")
    expect(page.locator(".replay-said")).to_contain_text("到：校长审批")
    assert page.locator(".djs-element.is-active[data-element-id=approve_principal]").count() == 1
    assert page.locator(".djs-element.is-done[data-element-id=approve_finance]").count() == 0
    page.get_by_role("button", name="下一步").click()
    expect(page.locator(".replay-said")).to_contain_text("完成：校长审批")
    page.locator(".timeline-list a", has_text="校长审批").first.click()
    expect(page.locator(".task")).to_contain_text("情况属实")
    expect(page.locator(".task-buttons .btn")).to_have_count(0)
    page.goto(f"/records/contract/{contract_id}?tab=refund_order.contract_id")
    page.locator("tbody a.title-link").first.click()
    expect(page.locator("#main")).to_contain_text("教材")
    expect(page.locator("#main")).to_contain_text("5,880.00")
    page.goto(f"/records/contract/{contract_id}?tab=hour_entry.contract_id")
    entries = page.locator("tbody")
    expect(entries).to_contain_text("退费")
    expect(entries).to_contain_text("5,880.00")


def test_auditor_sees_who_exported_what_and_checks_the_chain(sign_in: SignIn, term: Term) -> None:
    term.run(lambda tx: exporting.export(tx, Query("lead", fields=("name",)), "xlsx", io.BytesIO()), "east_principal")
    page = sign_in("auditor")
    page.goto("/history")
    page.get_by_role("link", name="谁导出了数据").click()
    row = page.locator("tbody tr").first
    expect(row).to_contain_text("east_principal")
    expect(row).to_contain_text("对象 线索")
    expect(row).to_contain_text("行 · xlsx")
    page.get_by_role("button", name="核对链条").click()
    told = page.locator(".notice.is-success")
    expect(told).to_contain_text("上次核对")
    expect(told).to_contain_text("审计员")
    expect(told).to_contain_text("链条完整")
    page.get_by_role("link", name="核对记录").click()
    expect(page.locator("tbody tr").first).to_contain_text("审计员")
