"""Attendance as people see it: a card at the front desk, the roll, the hours, the message, the card nobody knows."""

import re
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from processes.people import api as people
from tests.e2e.forms import choose, open_task
from tests.e2e.term import Term, front_desk
from tests.e2e.watching import SignIn
from webapp.composition import Platform

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def desk(platform: Platform, term: Term) -> Iterator[Path]:
    """The simulated reader and modem, and the lesson that begins soon."""
    with front_desk(platform, term) as folder:
        yield folder


@pytest.fixture(scope="module")
def lesson(term: Term) -> UUID:
    return term.lesson_in("east_english_1", timedelta(minutes=20))


def swipe(page: Page, number: str) -> None:
    """The administrator presses the demo's button."""
    page.goto("/connectors")
    page.get_by_label("卡号").fill(number)
    page.get_by_role("button", name="刷卡").click()
    expect(page.locator(".toast-line")).to_contain_text("已刷卡")


def until(page: Page, url: str, selector: str, text: str) -> None:
    """Loads the page until the text is there; what the worker does meanwhile takes a moment."""
    for _ in range(40):
        page.goto(url)
        if page.locator(selector, has_text=text).count():
            return
        page.wait_for_timeout(100)
    expect(page.locator(selector).first).to_contain_text(text)


def test_card_at_the_desk_marks_the_roll_charges_once_and_tells_the_guardian(
    sign_in: SignIn, term: Term, desk: Path, lesson: UUID
) -> None:
    contract_id, name = term.family()
    student_id = term.student_of(contract_id)
    term.run(lambda tx: people.bind_card(tx, "0008075634", student_id))
    admin = sign_in("admin")
    swipe(admin, "0008075634")
    until(admin, "/connectors/sent", "main", f"{name}")
    expect(admin.locator("main")).to_contain_text("剩余 38 课时")
    swipe(admin, "0008075634")
    academic = sign_in("east_academic")
    academic.goto(f"/timetable?day={term.day_of(lesson)}")
    academic.locator(".ec-event", has_text="英语启蒙一班").first.click()
    expect(academic.locator(".record-head h1")).to_have_text("英语启蒙一班")
    row = academic.locator(".roll-row", has_text=name)
    expect(row.locator("input:checked + span, label:has(input:checked)")).to_contain_text("出勤")
    academic.goto(f"/print/students/{student_id}/hours")
    expect(academic.locator("main")).to_contain_text("38")
    assert term.left(contract_id) == (Decimal(38), Decimal("5700.00"), Decimal(0))
    term.assert_books_are_sound()


def test_unknown_card_is_bound_in_the_browser_and_its_swipe_counts(
    sign_in: SignIn, term: Term, desk: Path, lesson: UUID
) -> None:
    contract_id, name = term.family()
    swipe(sign_in("admin"), "0008075699")
    page = sign_in("east_academic")
    open_task(page, "未识别的卡 0008075699")
    choose(page, "task-student_id", name)
    page.locator(".task-buttons .btn-primary").click()
    expect(page.locator(".toast-line")).to_contain_text("已提交")
    page.goto(f"/timetable/lessons/{lesson}")
    expect(page.locator(".roll-row", has_text=name).locator("label:has(input:checked)")).to_have_text("出勤")
    assert term.left(contract_id)[0] == Decimal(38)
    page.goto("/records/card?q=0008075699")
    expect(page.locator("tbody tr").first).to_contain_text(name)
    page.goto("/inbox?box=done")
    expect(page.locator(".task-row-title").first).to_have_text(re.compile("未识别的卡"))
