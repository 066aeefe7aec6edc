"""The history page: no way around record scopes and field rights, and readable by people."""

from collections.abc import Callable

from engine.kernel.actor import Actor, ActorKind
from engine.metadata import records
from tests.integration.webapp.api.school import School
from tests.integration.webapp.pages.visitor import Visitor

Visit = Callable[[str], Visitor]


def a_lead(school: School) -> str:
    """A lead of the east campus, entered by its consultant."""
    actor = Actor(ActorKind.USER, str(school.actor("east_sales1")), "李顾问")
    values = {"name": "孔小鲤", "phone": "13977778888", "source": "web"}
    lead = school.platform.boundary.run(actor, lambda tx: records.create(tx, "lead", values))
    return str(lead.id)


def test_rows_of_records_out_of_reach_are_hidden_and_auditors_see_them(school: School, visit: Visit) -> None:
    path = f"/history?kind=lead&id={a_lead(school)}"
    assert "孔小鲤" in visit("hq_manager").get(path)
    assert "孔小鲤" in visit("auditor").get(path)
    assert "孔小鲤" not in visit("west_principal").get(path)
    visit("east_sales1").get(path, status=403)


def test_masked_fields_stay_masked_on_the_page_and_in_the_sheet(school: School, visit: Visit) -> None:
    path = f"?kind=lead&id={a_lead(school)}"
    for page in ("/history", "/history/export"):
        text = visit("auditor").get(page + path)
        assert "13977778888" not in text
        assert "139****8888" in text
        assert "13977778888" in visit("hq_manager").get("/history" + path)


def test_people_and_branches_are_named(school: School, visit: Visit) -> None:
    text = visit("hq_manager").get(f"/history?kind=lead&id={a_lead(school)}")
    assert "东城校区" in text
    assert school.branch("east") not in text


def test_api_keeps_within_the_same_rights(school: School) -> None:
    lead = a_lead(school)
    found = school.person("auditor").get("/history", object="lead", id=lead)["items"]
    phones = [change["new"] for row in found for change in row["changes"] if change["field"] == "phone"]
    assert phones == ["139****8888"]


def test_tasks_cases_and_people_stand_by_name(school: School, visit: Visit) -> None:
    text = visit("auditor").get("/history?action=task:completed")
    assert '<option value="task:completed" selected>处理任务</option>' in text
    assert "任务 签约：" in text
    page = visit("auditor").get("/history?kind=user")
    assert "用户 严审计" in page


def test_last_verification_stays_in_sight(school: School, visit: Visit) -> None:
    auditor = visit("auditor")
    auditor.post("/history/verify")
    text = auditor.get("/history")
    assert "上次核对：" in text
    assert "链条完整" in text
    assert "上次核对：" not in visit("west_principal").get("/history")
