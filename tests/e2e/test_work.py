"""People at work: the inbox on a phone, records, import, the palette."""

import io
import re

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from engine.kernel.actor import SYSTEM
from engine.workflow import deployments, instances
from tests.e2e.school import School
from tests.e2e.watching import SignIn
from webapp.composition import Platform
from webapp.screens.studio import blank_process

pytestmark = pytest.mark.e2e


def test_task_is_accepted_on_a_phone(sign_in: SignIn) -> None:
    page = sign_in("east_sales1", phone=True)
    page.locator(".bottom-nav a", has_text="待办").click()
    row = page.locator(".task-row", has_text="接收线索").first
    title = row.locator(".task-row-title").inner_text()
    row.click()
    expect(page.locator(".task h1")).to_have_text(title)
    expect(page.locator(".inbox-list")).to_be_hidden()
    button = page.locator(".task-buttons .btn-primary")
    box = button.bounding_box()
    assert box is not None
    assert box["height"] >= 44
    assert box["y"] > 844 / 2
    page.get_by_role("button", name="已电话确认").click()
    expect(page.locator("#task-comment")).to_have_value("已电话确认")
    button.click()
    expect(page.locator(".toast-line")).to_contain_text("已提交")
    page.goto("/inbox?box=done")
    expect(page.locator(".task-row-title").first).to_have_text(title)


def test_task_is_copied_to_a_colleague_in_a_dialog(sign_in: SignIn) -> None:
    page = sign_in("east_sales1")
    page.goto("/inbox")
    page.locator(".task-row").last.click()
    title = page.locator(".task h1").inner_text()
    page.locator(".task-buttons summary").click()
    page.locator(".task-menu .menu-item", has_text="抄送").click()
    sheet = page.locator("#sheet")
    expect(sheet).to_be_visible()
    sheet.locator(".ts-control input").fill("王校长")
    page.locator(".ts-dropdown .option", has_text="王校长").click()
    sheet.locator(".ts-control input").fill("何老师")
    page.locator(".ts-dropdown .option", has_text="何老师").click()
    sheet.locator("button", has_text="抄送").click()
    expect(page.locator(".toast-line")).to_contain_text("已抄送")
    principal = sign_in("east_principal")
    principal.goto("/inbox?box=cc")
    expect(principal.locator(".task-row-title").first).to_have_text(title)
    principal.locator(".task-row").first.click()
    expect(principal.locator(".receipts li")).to_contain_text(["王校长", "何老师未读"])


def test_new_task_is_told_on_a_page_that_is_open(sign_in: SignIn, school: School, platform: Platform) -> None:
    run, academic = platform.boundary.run, school.actor("west_academic")
    source = blank_process.source("报修", "repair_call")
    run(SYSTEM, lambda tx: deployments.deploy(tx, {"repair_call.bpmn": source}))
    page = sign_in("west_academic", phone=True)
    page.goto("/account")
    run(academic, lambda tx: instances.start(tx, "repair_call", branch_id=school.branches["west"]))
    page.evaluate("() => window.dispatchEvent(new Event('focus'))")
    expect(page.locator(".toast-line")).to_contain_text("有新的待办")
    expect(page).to_have_title(re.compile(r"^\(\d+\) 账号"))
    expect(page.locator(".bottom-nav [data-waiting=todo]")).to_be_visible()


def test_record_is_created_changed_in_place_deleted_and_restored(sign_in: SignIn) -> None:
    page = sign_in("east_principal")
    page.goto("/records/lead/new")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#f-name-error")).to_be_visible()
    page.fill("#f-name", "欧阳思雨")
    page.fill("#f-phone", "13911112222")
    page.get_by_role("button", name="保存").click()
    expect(page.locator(".record-head h1")).to_have_text("欧阳思雨")
    page.locator("#fact-region").hover()
    page.locator("#fact-region .edit-mark").click()
    page.fill("#inline-region", "朝阳")
    page.keyboard.press("Enter")
    expect(page.locator("#fact-region dd")).to_have_text("朝阳")
    page.goto(page.url.split("?")[0] + "?tab=history")
    expect(page.locator(".timeline-list")).to_contain_text("朝阳")


def test_what_was_typed_survives_a_lost_session(sign_in: SignIn) -> None:
    page = sign_in("east_sales1")
    page.goto("/records/lead/new")
    page.fill("[name=name]", "夏会话")
    page.locator("[name=source]").select_option("event")
    cookies = page.context.cookies()
    page.context.clear_cookies()
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#username")).to_be_visible()
    page.context.add_cookies(cookies)  # type: ignore[arg-type]  # as the browser gave them
    page.goto("/records/lead/new")
    expect(page.locator("[name=name]")).to_have_value("夏会话")
    expect(page.locator("[name=source]")).to_have_value("event")
    expect(page.locator("[data-draft-note]")).to_be_visible()
    page.fill("[name=phone]", "13955550177")
    page.get_by_role("button", name="保存").click()
    expect(page).not_to_have_url(re.compile("/new"))
    page.goto("/records/lead/new")
    expect(page.locator("[name=name]")).to_have_value("")
    expect(page.locator("[data-draft-note]")).to_be_hidden()


def test_list_is_filtered_sorted_and_searched(sign_in: SignIn, school: School) -> None:
    page = sign_in("east_sales1")
    page.goto("/records/lead")
    name = min(school.leads)
    page.fill("#list-search-input", name)
    page.wait_for_url(re.compile(r"q="))
    expect(page.locator("tbody tr")).to_have_count(1)
    page.goto("/records/lead")
    page.get_by_role("link", name="筛选").click()
    page.locator("#filter-field").select_option("source")
    expect(page.locator("#filter-value .ts-control")).to_be_visible()
    page.locator("#filter-value .ts-control input").click()
    page.locator(".ts-dropdown .option", has_text="官网").click()
    page.get_by_role("button", name="应用筛选").click()
    expect(page.locator(".chip")).to_contain_text("来源渠道 是其中之一 官网")
    page.locator("th a", has_text="学员姓名").click()
    expect(page.locator("th[aria-sort=ascending]")).to_contain_text("学员姓名")


def test_sheet_is_imported_after_a_dry_run(sign_in: SignIn) -> None:
    page = sign_in("east_principal")
    page.goto("/imports/lead")
    page.set_input_files("input[name=sheet]", {"name": "线索.xlsx", "mimeType": "application/xlsx", "buffer": _sheet()})
    page.get_by_role("button", name="下一步").click()
    expect(page.locator("select[name=field]").first).to_have_value("name")
    expect(page.locator("select[name=field]").nth(1)).to_have_value("phone")
    page.get_by_role("button", name="试运行").click()
    expect(page.locator(".import-errors")).to_be_visible(timeout=20_000)
    expect(_figure(page, "将新建")).to_have_text("2")
    expect(_figure(page, "有问题的行")).to_have_text("1")
    page.get_by_role("button", name="确认导入").click()
    expect(_figure(page, "已新建")).to_have_text("2", timeout=20_000)


def test_palette_finds_a_page_by_keyboard(sign_in: SignIn) -> None:
    page = sign_in("east_sales1")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.type("课表")
    expect(page.locator("#palette-list [role=option]").first).to_contain_text("课表")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/timetable"))


def test_public_form_brings_a_lead(visitor: Page, sign_in: SignIn) -> None:
    visitor.goto("/apply/public_lead")
    visitor.fill("#public-name", "网页学员")
    visitor.fill("#public-phone", "13700001111")
    visitor.get_by_role("button", name="提交").click()
    expect(visitor.locator("h1")).to_have_text("已收到，谢谢！")
    page = sign_in("admin")
    page.goto("/records/lead?q=网页学员")
    for _ in range(20):
        if page.locator("tbody tr").count():
            break
        page.reload()
    expect(page.locator("tbody tr").first).to_contain_text("网页学员")


def test_administrator_adds_a_field_of_a_branch(sign_in: SignIn, school: School) -> None:
    page = sign_in("admin")
    page.goto(f"/admin/fields?branch={school.branches['west']}&object=lead")
    page.get_by_role("link", name="添加字段").click()
    page.fill("#label_zh", "校车线路")
    page.fill("#key", "bus_line")
    page.get_by_role("button", name="添加").click()
    expect(page.locator("tr", has_text="校车线路")).to_be_visible()
    west = sign_in("west_sales1")
    west.goto("/records/lead/new")
    expect(west.locator("#f-bus_line")).to_be_visible()
    east = sign_in("east_sales1")
    east.goto("/records/lead/new")
    expect(east.locator("#f-bus_line")).to_have_count(0)


def _figure(page: Page, label: str) -> object:
    return page.locator(".figure-card", has_text=label).locator(".figure-value")


def _sheet() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["姓名", "手机号", "来源"])
    sheet.append(["导入甲", "13500000001", "官网"])
    sheet.append(["导入乙", "13500000002", "转介绍"])
    sheet.append(["导入丙", "不是号码", "官网"])
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()
