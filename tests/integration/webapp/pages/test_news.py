"""The counts of open pages: one small answer, the same tag until something changes."""

from collections.abc import Callable

from engine.kernel.actor import SYSTEM
from tests.integration.webapp.api.school import School
from tests.integration.webapp.pages.test_cases import case_of
from tests.integration.webapp.pages.visitor import Visitor

Visit = Callable[[str], Visitor]


def test_news_is_not_sent_again_until_a_task_comes(school: School, visit: Visit) -> None:
    finance, academic = visit("east_finance"), visit("east_academic")
    _, task = case_of(school, "class_transfer", "approve_academic")
    first = finance.client.get("/inbox/news")
    assert first.headers["Cache-Control"] == "private, no-cache"
    same = finance.client.get("/inbox/news", headers={"If-None-Match": first.headers["ETag"]})
    assert (same.status_code, same.data) == (304, b"")
    user = school.platform.boundary.run(
        SYSTEM, lambda tx: tx.query("select id from app_user where username = 'east_finance'", {})[0][0]
    )
    academic.post(f"/inbox/{task}/transfer", to=str(user))
    told = finance.client.get("/inbox/news", headers={"If-None-Match": first.headers["ETag"]})
    assert told.status_code == 200
    news, before = told.get_json(), first.get_json()
    assert news["todo"] == before["todo"] + 1
    assert news["newest"] >= str(task)
    assert news["title"]
    assert f'data-waiting="todo">{news["todo"]}</span>' in finance.get("/")


def test_news_is_refused_to_who_is_signed_out(school: School) -> None:
    answer = school.app.test_client().get("/inbox/news", headers={"Accept": "application/json"})
    assert answer.status_code == 401


def test_models_are_read_in_english(school: School, visit: Visit) -> None:
    case, task = case_of(school, "refund", "approve_principal")
    principal = visit("east_principal")
    principal.post("/language", locale="en")
    shown = principal.get(f"/inbox/{task}")
    assert "Approve the refund: " in shown
    assert "Refund · Principal approves" in shown
    picture = principal.client.get(f"/instances/{case}/diagram").get_json()
    assert 'name="Finance pays back"' in picture["xml"]
    principal.post("/language", locale="zh")
    assert 'name="财务退款"' in principal.client.get(f"/instances/{case}/diagram").get_json()["xml"]
