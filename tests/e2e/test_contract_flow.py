"""A contract as the school makes it: drafted from a lead, refused and mended, approved on the phone, signed, paid."""

from decimal import Decimal
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from engine.kernel.uow import Tx
from engine.metadata import records
from processes.record_values import read
from tests.e2e.forms import choose, fact, finish, open_task
from tests.e2e.term import Term
from tests.e2e.watching import SignIn
from webapp.demo import students
from webapp.demo.students import Enrolment

pytestmark = pytest.mark.e2e


def accepted_lead(term: Term) -> tuple[UUID, str, str]:
    """A lead with a consultant: its id, name, and his username."""
    sales = students.accept_new_lead(term, "east")
    lead_id = term.ids["lead:last"]
    return lead_id, str(term.run(lambda tx: read(tx, "lead", lead_id)["name"])), sales


def draft(page: Page, lead_id: UUID, discount: str) -> None:
    """Two lines and a discount, as far as the preview."""
    page.goto(f"/records/lead/{lead_id}")
    page.get_by_role("link", name="起草合同").click()
    choose(page, "act-lines-0-0", "少儿英语")
    choose(page, "act-lines-0-1", "英语启蒙一班")
    page.fill("#act-lines-0-2", "40")
    page.get_by_role("button", name="添加一行").click()
    choose(page, "act-lines-1-0", "数学思维")
    choose(page, "act-lines-1-1", "数学思维一班")
    page.fill("#act-lines-1-2", "20")
    page.fill("#act-discount_amount", discount)
    page.fill("#act-discount_reason", "老带新")
    page.fill("#act-instalments_wanted", "2")
    page.check("#act-is_identity_checked")
    page.check("#act-is_cost_approved")
    page.get_by_role("button", name="预览影响").click()
    expect(page.locator(".preview-lines")).to_be_visible()


def test_contract_is_refused_mended_approved_signed_and_paid(sign_in: SignIn, term: Term) -> None:
    lead_id, name, sales = accepted_lead(term)
    page = sign_in(sales)
    draft(page, lead_id, "1300")
    assert fact(page, "原价合计") == "9,200.00"  # 40 h at 150.00 and 20 h at 160.00
    assert fact(page, "应收金额") == "7,900.00"
    expect(page.get_by_label("新报")).to_be_checked()
    page.get_by_role("button", name="确认提交").click()
    expect(page.locator(".toast-line")).to_contain_text("合同已提交审批")
    expect(page.locator(".standing")).to_contain_text("等 王校长 办理")
    case_url = page.url
    phone = sign_in("east_principal", phone=True)
    refuse_with_a_reason(phone, name)
    term.run(lambda tx: note_mail_address(tx, lead_id))
    open_task(page, "合同被驳回")
    expect(page.locator(".task")).to_contain_text("优惠过高，请改为 600 元")
    page.fill("#task-discount_amount", "600")
    finish(page, "重新提交")
    expect(page.locator(".toast-line")).to_contain_text("已提交")
    approve_in_one_of_two_windows(phone, sign_in("east_principal"), name)
    contract_id = sign_and_pay(page, sign_in("east_finance"), term, name)
    page.goto(case_url)
    story = page.locator(".timeline-list").first
    expect(story).to_contain_text("办理“校长审批”：驳回")
    expect(story).to_contain_text("优惠过高，请改为 600 元")
    expect(story).to_contain_text("办理“收取首期款”：已收款")
    assert term.left(contract_id)[:2] == (Decimal(60), Decimal("8600.00"))
    assert_everything_is_there(sign_in, term, contract_id, name)


def note_mail_address(tx: Tx, lead_id: UUID) -> None:
    """The family says where it reads its mail."""
    sql = "select g.id, g.version from guardian g join lead l on l.student_id = g.student_id where l.id = :id"
    row = tx.execute(text(sql), {"id": lead_id}).one()
    records.update(tx, "guardian", row.id, row.version, {"email": "family@example.com"})


def refuse_with_a_reason(phone: Page, name: str) -> None:
    """The comment is asked for where the eye is, and nothing is lost."""
    open_task(phone, f"合同审批：{name} 7900.00 元")
    finish(phone, "驳回")
    comment = phone.locator("#task-comment")
    expect(comment).to_be_focused()
    expect(comment).to_be_in_viewport()
    expect(phone.locator("#task-comment-error")).to_contain_text("请填写意见")
    comment.fill("优惠过高，请改为 600 元")
    finish(phone, "驳回")
    expect(phone.locator(".toast-line")).to_contain_text("已提交")


def approve_in_one_of_two_windows(phone: Page, desk: Page, name: str) -> None:
    """Whoever comes second reads who was first."""
    for page in (desk, phone):
        open_task(page, f"合同审批：{name} 8600.00 元")
    expect(phone.locator(".task")).to_contain_text("优惠过高，请改为 600 元")
    phone.get_by_role("button", name="已核实，同意").click()
    finish(phone, "同意")
    expect(phone.locator(".toast-line")).to_contain_text("已提交")
    finish(desk, "同意")
    expect(desk.locator(".notice.is-danger")).to_contain_text("该任务已由 王校长 办理")


def sign_and_pay(page: Page, money: Page, term: Term, name: str) -> UUID:
    """Signature by the consultant, first instalment at the desk; the contract's id."""
    open_task(page, f"签约：{name}")
    page.fill("#task-signed_on", f"{term.now:%Y-%m-%d}")
    finish(page, "已签约")
    expect(page.locator(".toast-line")).to_contain_text("已提交")
    open_task(money, f"收款：{name} 4300.00 元")
    expect(money.locator("#task-payment_amount")).to_have_value("4300.00")
    money.get_by_label("微信").check()
    money.fill("#task-received_on", f"{term.now:%Y-%m-%d}")
    money.fill("#task-payment_reference", "WX-CONTRACT-1")
    finish(money, "已收款")
    expect(money.locator(".toast-line")).to_contain_text("已提交")
    sql = "select id from contract order by id desc limit 1"
    return UUID(str(term.run(lambda tx: tx.execute(text(sql)).scalar_one())))


def assert_everything_is_there(sign_in: SignIn, term: Term, contract_id: UUID, name: str) -> None:
    """Instalments, receipt, hours, classes, and the words the family got."""
    money = sign_in("east_finance")
    money.goto(f"/records/contract/{contract_id}?tab=instalment.contract_id")
    expect(money.locator("tbody tr")).to_have_count(2)
    expect(money.locator("tbody")).to_contain_text("4,300.00")
    money.goto(f"/records/contract/{contract_id}?tab=hour_lot.contract_id")
    expect(money.locator("tbody tr")).to_have_count(2)
    academic = sign_in("east_academic")
    academic.goto(f"/records/class_group/{term.ids['class:east_math_1']}?tab=roster.class_group_id")
    expect(academic.locator("tbody tr", has_text=name)).to_be_visible()
    admin = sign_in("admin")
    admin.goto("/connectors/sent")
    told = admin.locator(".sent-message", has_text=name)
    expect(told.filter(has_text="family@example.com")).to_have_count(1)
    expect(told.filter(has_text="60")).to_have_count(2)
    term.assert_books_are_sound()


def test_high_discount_is_countersigned_by_three_on_their_phones(sign_in: SignIn, term: Term) -> None:
    sales = students.accept_new_lead(term, "east")
    lead_id = term.ids["lead:last"]
    name = str(term.run(lambda tx: read(tx, "lead", lead_id)["name"]))
    students.draft(term, sales, lead_id, Enrolment("east_english_1", 40, discount="1300.00"))
    for username in ("east_principal", "hq_manager", "hq_finance"):
        phone = sign_in(username, phone=True)
        open_task(phone, f"合同审批：{name} 4700.00 元")
        phone.get_by_role("button", name="已核实，同意").click()
        finish(phone, "同意")
        expect(phone.locator(".toast-line")).to_contain_text("已提交")
    page = sign_in(sales)
    open_task(page, f"签约：{name}")
    expect(page.locator(".task .timeline-list li")).to_have_count(4)
    page.locator(".record-meta a", has_text="流程图").click()
    expect(page.locator(".timeline-list").first).to_contain_text("办理“会签”：同意")
    expect(page.locator(".standing")).to_contain_text("与家长签约")
