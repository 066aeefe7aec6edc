"""Administrators in the browser: dialogs with a title, layouts arranged by keyboard, people and their places."""

import pytest
from playwright.sync_api import expect

from tests.e2e.school import School
from tests.e2e.watching import SignIn

pytestmark = pytest.mark.e2e


def test_dialog_has_its_title_and_says_what_is_wrong(sign_in: SignIn) -> None:
    page = sign_in("admin")
    page.goto("/admin/fields")
    page.get_by_role("link", name="添加字段").click()
    sheet = page.locator("#sheet")
    expect(sheet.locator("#sheet-title")).to_have_text("添加字段")
    sheet.locator("#label_zh").fill("！！！")
    sheet.get_by_role("button", name="添加").click()
    expect(sheet.get_by_role("alert")).to_contain_text("标识只能用小写字母、数字和下划线")
    expect(sheet.locator("#sheet-title")).to_have_text("添加字段")


def test_layout_is_arranged_by_keyboard_and_stays(sign_in: SignIn, school: School) -> None:
    page = sign_in("admin")
    page.goto(f"/admin/overlay?branch={school.branches['east']}&object=student")
    rows = page.locator(".arrange-list").first.locator("li")
    expect(rows.nth(1)).to_be_visible()
    before = rows.all_inner_texts()
    grip = rows.nth(1).locator("[data-grip]")
    grip.press("ArrowUp")
    wanted = [before[1], before[0], *before[2:]]
    assert rows.all_inner_texts() == wanted
    page.get_by_role("button", name="保存布局").click()
    expect(page.locator(".toast-line")).to_contain_text("布局已保存")
    expect(rows.nth(1)).to_be_visible()
    assert rows.all_inner_texts() == wanted


def test_position_takes_a_person_and_gives_it_back(sign_in: SignIn) -> None:
    page = sign_in("admin")
    page.goto("/admin/positions")
    new = page.locator("#new")
    new.locator("[name=name]").fill("教研组长")
    new.get_by_role("button", name="新建").click()
    card = page.locator("section", has=page.get_by_role("heading", name="教研组长"))
    card.locator("summary").click()
    card.locator(".ts-control input").fill("王校长")
    page.locator(".ts-dropdown .option", has_text="王校长").click()
    card.get_by_role("button", name="加入").click()
    expect(card.locator(".chip")).to_contain_text("王校长")
    card.get_by_role("button", name="移出 王校长").click()
    expect(card.locator(".chip")).to_have_count(0)
    card.locator("summary").click()
    page.on("dialog", lambda dialog: dialog.accept())
    card.get_by_role("button", name="删除岗位").click()
    expect(page.get_by_role("heading", name="教研组长")).to_have_count(0)
