"""Leads as a consultant lives with them: from the sheet to the task, from hand to hand, into the pool and out of it."""

import io
import re
from pathlib import Path
from uuid import UUID

import openpyxl
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from engine.kernel.actor import SYSTEM
from engine.kernel.uow import Tx
from engine.metadata import records
from tests.e2e.forms import finish, open_task
from tests.e2e.school import School
from tests.e2e.watching import SignIn
from webapp.composition import Platform

pytestmark = pytest.mark.e2e

HEADERS = ("学生姓名", "家长手机", "称呼", "渠道", "区", "备注")


def sheet(*rows: tuple[str, ...]) -> bytes:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in (HEADERS, *rows):
        page.append(row)
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def upload(page: Page, content: bytes) -> None:
    page.goto("/imports/lead")
    page.set_input_files(
        "input[name=sheet]", {"name": "秋季咨询.xlsx", "mimeType": "application/xlsx", "buffer": content}
    )
    page.get_by_role("button", name="下一步").click()
    expect(page.locator("select[name=field]")).to_have_count(len(HEADERS))


def figure(page: Page, label: str) -> object:
    return page.locator(".figure-card", has_text=label).locator(".figure-value")


def a_lead(platform: Platform, school: School, name: str, phone: str) -> UUID:
    """A lead of the east branch that waits to be accepted by somebody."""
    values = {"name": name, "phone": phone, "source": "web", "region": "东城区"}
    actor = school.actor("east_sales1")
    return platform.boundary.run(actor, lambda tx: records.create(tx, "lead", values)).id


def open_node(platform: Platform, lead_id: UUID, node: str) -> tuple[str, UUID]:
    """Who has the lead's open task of that node, and its case."""
    sql = "select assignee, instance_id from user_task where record_id = :id and node_id = :node and status = 'open'"

    def read(tx: Tx) -> tuple[str, UUID] | None:
        row = tx.execute(text(sql), {"id": lead_id, "node": node}).one_or_none()
        return (row.assignee, row.instance_id) if row else None

    for _ in range(100):
        if found := platform.boundary.run(SYSTEM, read):
            return found
        for drain in platform.drains.values():
            drain()
    raise LookupError(f"nobody has {node}")


def overdue(platform: Platform, case: UUID, deadline: str) -> None:
    """The deadline of the case has come."""
    sql = "update timer set due_at = now() where instance_id = :id and reference = :name"
    platform.boundary.run(SYSTEM, lambda tx: tx.execute(text(sql), {"id": case, "name": deadline}))


def other_than(platform: Platform, lead_id: UUID, first: str) -> str:
    """Who has the lead to accept after the first has lost it."""
    for _ in range(100):
        second, _ = open_node(platform, lead_id, "accept_lead")
        if second != first:
            return second
        for drain in platform.drains.values():
            drain()
    raise LookupError("the lead stayed where it was")


def test_sheet_is_mapped_tried_mended_and_each_lead_begins_a_case(
    sign_in: SignIn, platform: Platform, school: School, tmp_path: Path
) -> None:
    west = {"name": "西城学员", "phone": "13566660009", "source": "web", "region": "西城区"}
    platform.boundary.run(school.actor("west_sales1"), lambda tx: records.create(tx, "lead", west))
    page = sign_in("east_sales1")
    upload(
        page,
        sheet(
            ("测试甲", "13566660001", "甲妈妈", "官网", "东城区", "周末"),
            ("测试乙", "13566660002", "乙爸爸", "转介绍", "朝阳区", ""),
            ("测试丙", "1356666", "丙妈妈", "官网", "东城区", ""),
            ("测试丁", "13566660004", "丁妈妈", "火星", "东城区", ""),
            ("重名学员", "13566660009", "西妈妈", "官网", "东城区", ""),
        ),
    )
    chosen = page.locator("select[name=field]")
    assert [chosen.nth(place).input_value() for place in (0, 1, 3, 5)] == ["name", "phone", "source", "remark"]
    chosen.nth(2).select_option("guardian_name")
    chosen.nth(4).select_option("region")
    page.get_by_role("button", name="试运行").click()
    expect(figure(page, "将新建")).to_have_text("2", timeout=15_000)
    expect(figure(page, "有问题的行")).to_have_text("2")
    expect(figure(page, "重复跳过")).to_have_text("1")
    errors = page.locator(".import-errors")
    expect(errors).to_contain_text("联系电话")
    expect(errors).to_contain_text("没有选项“火星”")
    twin = page.locator(".import-duplicates")
    expect(twin).to_contain_text("西城校区已有")
    expect(twin).not_to_contain_text("西城学员")
    assert twin.locator("a").count() == 0
    with page.expect_download() as download:
        errors.get_by_role("link", name="下载这些行").click()
    download.value.save_as(tmp_path / "mend.xlsx")
    rows = list(openpyxl.load_workbook(tmp_path / "mend.xlsx").active.iter_rows(values_only=True))
    assert [row[0] for row in rows] == ["学生姓名", "测试丙", "测试丁"]
    assert rows[1][-1].startswith("联系电话：")
    page.get_by_role("button", name="确认导入").click()
    expect(figure(page, "已新建")).to_have_text("2", timeout=15_000)
    head = sign_in("east_principal")
    head.goto("/records/lead?q=测试甲")
    head.locator("a.title-link", has_text="测试甲").click()
    head.locator("aside a", has_text="线索 测试甲").click()
    expect(head.locator(".standing")).to_contain_text("限时接收")
    expect(head.locator(".standing")).to_contain_text("就转“超时未接收”")


def test_lead_not_accepted_in_time_goes_to_the_next_consultant(
    sign_in: SignIn, platform: Platform, school: School
) -> None:
    lead_id = a_lead(platform, school, "超时学员", "13566661001")
    first, case = open_node(platform, lead_id, "accept_lead")
    names = {str(user_id): name for name, user_id in school.users.items()}
    late = sign_in(names[first], phone=True)
    open_task(late, "超时学员")
    task_url = late.url
    overdue(platform, case, "accept_timed_out")
    second = other_than(platform, lead_id, first)
    late.get_by_role("button", name="接收", exact=True).click()
    expect(late.locator(".notice, .form-summary").first).to_contain_text("已取消")
    quick = sign_in(names[second], phone=True)
    open_task(quick, "超时学员")
    quick.get_by_role("button", name="已电话确认").click()
    finish(quick, "接收")
    expect(quick.locator(".toast-line")).to_contain_text("已提交")
    assert open_node(platform, lead_id, "follow_up")[0] == second
    late.goto(task_url)
    expect(late.locator(".task")).to_contain_text("已撤销")
    head = sign_in("east_principal")
    head.goto(f"/instances/{case}")
    expect(head.locator(".timeline-list").first).to_contain_text("超时未接收")


def test_what_was_typed_into_a_task_is_there_on_another_device(
    sign_in: SignIn, platform: Platform, school: School
) -> None:
    lead_id = a_lead(platform, school, "草稿学员", "13566661077")
    names = {str(user_id): name for name, user_id in school.users.items()}
    page = sign_in(names[open_node(platform, lead_id, "accept_lead")[0]])
    open_task(page, "接收线索：草稿学员")
    page.get_by_role("button", name="已电话确认").click()
    finish(page, "接收")
    expect(page.locator(".toast-line")).to_contain_text("已提交")
    open_task(page, "跟进：草稿学员")
    expect(page.locator("html[data-ready=yes] #task-comment")).to_be_visible()
    with page.expect_response(re.compile("/draft$")) as kept:
        page.fill("#task-comment", "先问一下校长")
    assert kept.value.status == 204
    phone = sign_in(names[open_node(platform, lead_id, "follow_up")[0]], phone=True)
    phone.goto(page.url)
    expect(phone.locator("#task-comment")).to_have_value("先问一下校长")
    expect(phone.locator("html[data-ready=yes] [data-drop-draft]")).to_be_visible()
    phone.locator("[data-drop-draft]").click()
    expect(phone.locator("#task-comment")).to_have_value("")
    expect(phone.locator("[data-draft-note]")).to_be_hidden()


def test_released_lead_is_claimed_by_one_of_two_and_the_other_is_told_by_whom(
    sign_in: SignIn, platform: Platform, school: School
) -> None:
    lead_id = a_lead(platform, school, "公海学员", "13566662001")
    owner, _ = open_node(platform, lead_id, "accept_lead")
    names = {str(user_id): name for name, user_id in school.users.items()}
    page = sign_in(names[owner])
    open_task(page, "公海学员")
    finish(page, "接收")
    open_task(page, "跟进：公海学员")
    finish(page, "退回公海")
    expect(page.locator(".form-error")).to_contain_text("请填写意见")
    page.fill("#task-comment", "家长暂无计划")
    finish(page, "退回公海")
    expect(page.locator(".toast-line")).to_contain_text("已提交")
    pages = [sign_in("east_sales1"), sign_in("east_sales2")]
    for one in pages:
        one.goto("/records/lead?f=stage~=~pool")
        one.locator("a.title-link", has_text="公海学员").click()
        one.get_by_role("link", name="认领线索").click()
        one.get_by_role("button", name="预览影响").click()
        expect(one.get_by_text("认领后由您负责跟进")).to_be_visible()
    pages[1].get_by_role("button", name="确认提交").click()
    expect(pages[1].locator(".toast-line")).to_contain_text("已认领")
    pages[0].get_by_role("button", name="确认提交").click()
    expect(pages[0].locator("#sheet")).to_contain_text("已被 陈晨 领取")
    open_task(pages[1], "跟进：公海学员")


def test_lead_of_the_public_form_waits_for_a_consultant_too(
    visitor: Page, sign_in: SignIn, platform: Platform, school: School
) -> None:
    visitor.set_viewport_size({"width": 390, "height": 844})
    visitor.goto("/apply/public_lead")
    visitor.fill("#public-name", "官网来访")
    visitor.fill("#public-phone", "13566663001")
    visitor.fill("#public-region", "东城区")
    visitor.get_by_role("button", name="提交").click()
    expect(visitor.locator("h1")).to_have_text("已收到，谢谢！")
    sql = "select id from lead where phone = '13566663001'"
    lead_id = UUID(str(platform.boundary.run(SYSTEM, lambda tx: tx.execute(text(sql)).scalar_one())))
    owner, _ = open_node(platform, lead_id, "accept_lead")
    page = sign_in(next(name for name, user_id in school.users.items() if str(user_id) == owner), phone=True)
    open_task(page, "官网来访")
    expect(page.locator(".task")).to_contain_text("官网")
    finish(page, "接收")
    expect(page.locator(".toast-line")).to_contain_text("已提交")
