"""Duplicates told before saving, and two records merged side by side."""

from collections.abc import Callable

from tests.integration.webapp.api.school import School
from tests.integration.webapp.pages.visitor import Visitor

Visit = Callable[[str], Visitor]
LEAD = {"name": "谢安安", "phone": "13912340001", "source": "web"}


def create(visit: Visit, username: str, **values: str) -> str:
    answer = visit(username).post("/records/lead/new", even_if_known="1", **{**LEAD, **values})
    return answer.headers["Location"].rsplit("/", 1)[1]


def test_known_lead_is_told_with_branch_only_before_saving(visit: Visit, school: School) -> None:
    create(visit, "west_principal", phone="13912340002")
    answer = visit("east_sales1").post("/records/lead/new", 409, **{**LEAD, "phone": "13912340002", "name": "别名"})
    assert "已存在，您无权查看" in answer.text
    assert "西城校区" in answer.text
    assert "谢安安" not in answer.text
    assert school.rows("SELECT id FROM lead WHERE name = '别名'") == []


def test_same_values_are_saved_when_the_person_says_so(visit: Visit, school: School) -> None:
    create(visit, "east_principal", phone="13912340003")
    second = create(visit, "east_principal", phone="13912340003", name="谢平平")
    assert school.rows("SELECT name FROM lead WHERE id = :id", id=second) == [{"name": "谢平平"}]


def test_merge_takes_the_picked_value_and_bins_the_other(visit: Visit, school: School) -> None:
    first = create(visit, "east_principal", phone="13912340004")
    second = create(visit, "east_principal", phone="13912340004", name="谢安")
    principal = visit("east_principal")
    assert f"/records/lead/{first}/merge/{second}" in principal.get(f"/records/lead/{first}/duplicates")
    page = principal.get(f"/records/lead/{first}/merge/{second}")
    assert 'name="pick-name"' in page
    principal.post(f"/records/lead/{first}/merge/{second}", **{"pick-name": second})
    rows = school.rows("SELECT name, deleted_at IS NULL AS lives FROM lead WHERE phone = '13912340004' ORDER BY id")
    assert rows == [{"name": "谢安", "lives": True}, {"name": "谢安", "lives": False}]
    visit("west_principal").get(f"/records/lead/{first}/merge/{second}", status=404)
