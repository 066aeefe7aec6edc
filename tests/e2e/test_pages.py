"""Every page: answers, fits a phone, has no serious accessibility fault, asks no other host, breaks no CSP."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.school import School
from tests.e2e.watching import SignIn

EVERYBODY = ("/", "/inbox", "/inbox/started", "/start", "/records", "/timetable", "/search?q=李", "/account", "/jobs")
PAGES = {
    "east_sales1": (
        *EVERYBODY,
        "/records/lead",
        "/records/lead?board=1",
        "/views/lead?f=stage~in~new",
        "/records/lead?f=stage~in~new|assigned",
        "/records/lead?q=查无此人",
        "/records/lead/new",
        "/records/lead/{lead}",
        "/records/lead/{lead}?tab=history",
        "/records/lead/{lead}?tab=processes",
        "/records/lead/{lead}/edit",
        "/records/contract",
        "/records/student",
        "/imports/lead",
    ),
    "admin": (
        "/processes",
        "/processes/lead_assignment",
        "/processes/lead_assignment/versions/1",
        "/processes/contract_approval/branches/{east}",
        "/cases",
        "/stores",
        "/admin",
        "/admin/users",
        "/admin/users/new",
        "/admin/users/{user}",
        "/admin/roles",
        "/admin/roles/sales?object=lead",
        "/admin/branches",
        "/admin/fields",
        "/admin/overlay?branch={east}&object=lead",
        "/admin/positions",
        "/admin/groups",
        "/admin/rules",
        "/admin/users/{user}/explain",
        "/admin/calendar",
        "/absences",
        "/connectors/new",
        "/connectors/new/zk_push",
        "/connectors/attention",
        "/connectors",
        "/connectors/sent",
        "/history",
    ),
}
CASES = [(who, path) for who, paths in PAGES.items() for path in paths]

_FAULTS = """async () => {
  const found = await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']});
  return found.violations.filter(one => ['serious', 'critical'].includes(one.impact))
    .map(one => `${one.id}: ${one.help}: ${one.nodes.slice(0, 3).map(node => node.html.slice(0, 160)).join(' | ')}`);
}"""


@pytest.fixture(scope="module")
def paths(school: School) -> dict[str, str]:
    """Ids that stand in the addresses."""
    return {
        "lead": str(min(school.leads.values())),
        "user": str(school.users["east_sales1"]),
        "east": str(school.branches["east"]),
    }


@pytest.mark.e2e
@pytest.mark.parametrize(("who", "path"), CASES)
def test_page_is_sound(sign_in: SignIn, axe_source: str, paths: dict[str, str], who: str, path: str) -> None:
    page = sign_in(who)
    _open(page, path.format(**paths))
    page.evaluate(axe_source)
    assert page.evaluate(_FAULTS) == []


@pytest.mark.e2e
@pytest.mark.parametrize("who", PAGES)
def test_pages_fit_a_phone(sign_in: SignIn, paths: dict[str, str], who: str) -> None:
    page = sign_in(who, phone=True)
    too_wide = []
    for path in PAGES[who]:
        _open(page, path.format(**paths))
        width = page.evaluate("() => document.documentElement.scrollWidth")
        if width > 390:
            too_wide.append((path, width))
    assert too_wide == []


@pytest.mark.e2e
def test_sign_in_page_is_sound(visitor: Page, axe_source: str) -> None:
    visitor.goto("/sign-in")
    visitor.evaluate(axe_source)
    assert visitor.evaluate(_FAULTS) == []


@pytest.mark.e2e
def test_dark_theme_has_no_contrast_fault(sign_in: SignIn, axe_source: str) -> None:
    page = sign_in("east_sales1")
    page.evaluate("() => localStorage.setItem('theme', 'dark')")
    for path in ("/", "/inbox", "/records/lead", "/records/lead/new"):
        _open(page, path)
        assert page.locator("html").get_attribute("data-bs-theme") == "dark"
        page.evaluate(axe_source)
        assert page.evaluate(_FAULTS) == [], path


@pytest.mark.e2e
def test_pages_are_english_when_asked(sign_in: SignIn) -> None:
    page = sign_in("east_sales1", locale="en-US")
    page.locator(".side-user").click()
    page.get_by_role("button", name="English").click()
    assert page.locator("h1").first.inner_text() == "Hello, 刘芳"
    assert page.locator(".side-link", has_text="Inbox").is_visible()


def _open(page: Page, path: str) -> None:
    response = page.goto(path)
    assert response is not None
    assert response.status == 200, f"{path}: {response.status}"
    page.wait_for_selector("html[data-ready=yes]")
    for place in page.locator("[data-diagram]").all():
        expect(place).to_have_attribute("data-ready", "true")
