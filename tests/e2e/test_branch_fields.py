"""Whose field it is: a branch's own field, and a field that a role may no longer read."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import openpyxl
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.school import School
from tests.e2e.watching import SignIn

pytestmark = pytest.mark.e2e
PHONE = re.compile("13800002")


def offered(page: Page, url: str, selector: str) -> list[str]:
    """Texts of the page's elements."""
    page.goto(url)
    return [text.strip() for text in page.locator(selector).all_inner_texts()]


def mapped(page: Page, url: str) -> list[str]:
    """What the columns of a sheet are taken for."""
    book, sink = openpyxl.Workbook(), io.BytesIO()
    assert book.active is not None
    book.active.append(["姓名", "手机号", "就读学校"])
    book.active.append(["导入学员", "13600009999", "实验小学"])
    book.save(sink)
    page.goto(url)
    sheet = {"name": "线索.xlsx", "mimeType": "application/xlsx", "buffer": sink.getvalue()}
    page.set_input_files("input[name=sheet]", sheet)
    page.get_by_role("button", name="下一步").click()
    expect(page.locator("select[name=field]")).to_have_count(3)
    return [select.input_value() for select in page.locator("select[name=field]").all()]


def exported(page: Page, query: str) -> list[list[str]]:
    """The rows of the exported sheet, its headings first."""
    page.goto(f"/records/lead/export?{query}")
    page.get_by_role("button", name="开始导出").click()
    link = page.locator("#job a.btn-primary")
    expect(link).to_be_visible(timeout=15_000)
    with page.expect_download() as started:
        link.click()
    book = openpyxl.load_workbook(io.BytesIO(started.value.path().read_bytes()))
    assert book.active is not None
    return [[str(value or "") for value in row] for row in book.active.iter_rows(values_only=True)]


def test_branch_adds_a_field_that_its_sister_never_sees(sign_in: SignIn, school: School) -> None:
    principal = sign_in("east_principal")
    principal.goto(f"/admin/fields?branch={school.branches['east']}&object=lead")
    principal.get_by_role("link", name="添加字段").click()
    principal.fill("#label_zh", "就读学校")
    principal.fill("#key", "school_attended")
    principal.get_by_role("button", name="添加").click()
    expect(principal.locator("tr", has_text="就读学校")).to_be_visible()

    east = sign_in("east_sales1")
    east.goto("/records/lead/new")
    expect(east.locator("#f-school_attended")).to_be_visible()
    principal.goto("/records/lead/new")
    principal.fill("#f-name", "字段学员")
    principal.fill("#f-phone", "13600008888")
    principal.fill("#f-school_attended", "史家小学")
    principal.get_by_role("button", name="保存").click()
    expect(principal.locator("main")).to_contain_text("史家小学")
    assert "就读学校" in offered(principal, "/records/lead/filter", "#filter-field option")
    principal.goto("/records/lead?f=school_attended~%3D~史家小学&col=name&col=school_attended")
    expect(principal.locator("tbody tr")).to_have_count(1)
    expect(principal.locator("main")).to_contain_text("就读学校")
    assert mapped(east, "/imports/lead") == ["name", "phone", "school_attended"]
    assert exported(principal, "q=字段学员&col=name&col=school_attended") == [
        ["学员姓名", "就读学校"],
        ["字段学员", "史家小学"],
    ]

    west = sign_in("west_sales1")
    west.goto("/records/lead/new")
    expect(west.locator("#f-name")).to_be_visible()
    expect(west.locator("#f-school_attended")).to_have_count(0)
    assert "就读学校" not in offered(west, "/records/lead/filter", "#filter-field option")
    assert mapped(west, "/imports/lead") == ["name", "phone", ""]
    sister = sign_in("west_principal")
    assert exported(sister, "col=name&col=school_attended")[0] == ["学员姓名"]
    west.goto("/records/lead?f=school_attended~%3D~史家小学")
    expect(west.locator("main")).not_to_contain_text("字段学员")

    manager = sign_in("hq_manager")
    manager.goto("/records/lead?q=字段学员&col=name&col=school_attended&col=branch_id")
    expect(manager.locator("tbody tr")).to_contain_text(["史家小学"])


@contextmanager
def phone_hidden(page: Page, *roles: str) -> Iterator[None]:
    """The roles may not read the phone of leads; afterwards they may again."""

    def put(role: str, level: str) -> None:
        page.goto(f"/admin/roles/{role}?object=lead")
        page.locator(f'input[name="level-phone"][value="{level}"]').check()
        page.get_by_role("button", name="保存权限").click()
        expect(page.locator(".toast-line")).to_be_visible()

    for role in roles:
        put(role, "none")
    yield
    for role in roles:
        put(role, "")


def test_role_that_may_not_read_the_phone_meets_it_nowhere(sign_in: SignIn, school: School) -> None:
    lead = next(iter(school.leads.values()))
    east = sign_in("east_sales1")
    east.goto(f"/records/lead/{lead}")
    expect(east.locator("main")).to_contain_text(PHONE)
    with phone_hidden(sign_in("admin"), "sales", "principal"):
        _meets_no_phone(east, lead)
        rows = exported(sign_in("east_principal"), "col=name&col=phone")
        assert rows[0] == ["学员姓名"]
        assert not PHONE.search(str(rows))
    east.goto(f"/records/lead/{lead}")
    expect(east.locator("main")).to_contain_text(PHONE)


def _meets_no_phone(page: Page, lead: UUID) -> None:
    for url in (
        "/records/lead",
        "/records/lead?sort=phone",
        f"/records/lead/{lead}",
        f"/records/lead/{lead}?tab=history",
    ):
        page.goto(url)
        expect(page.locator("main")).to_be_visible()
        assert not PHONE.search(page.content()), url
    page.goto(f"/records/lead/{lead}/edit")
    expect(page.locator("#f-name")).to_be_visible()
    expect(page.locator("#f-phone")).to_have_count(0)
    assert "联系电话" not in offered(page, "/records/lead/filter", "#filter-field option")
    page.goto("/records/lead?q=13800002200")
    expect(page.locator("tbody tr")).to_have_count(0)
    page.goto("/inbox")
    page.locator(".task-row").first.click()
    expect(page.locator(".task h1")).to_be_visible()
    assert not PHONE.search(page.content())
