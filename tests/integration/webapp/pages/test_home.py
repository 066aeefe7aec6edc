"""The home page and the timetable of those who teach."""

from collections.abc import Callable

from tests.integration.webapp.pages.visitor import Visitor

Visit = Callable[[str], Visitor]


def test_teacher_finds_the_own_week_and_no_empty_offers(visit: Visit) -> None:
    teacher = visit("east_teacher1")
    home = teacher.get("/")
    assert "韩老师，您好" in home
    assert "常用申请" not in home
    assert "mine=1" in _calendar(teacher.get("/timetable"))
    assert "mine=1" not in _calendar(visit("east_academic").get("/timetable"))


def _calendar(page: str) -> str:
    return page.split('data-calendar="')[1].split('"', maxsplit=1)[0]
