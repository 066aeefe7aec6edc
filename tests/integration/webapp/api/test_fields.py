"""A branch's own field, and a role that loses a field: everywhere at once."""

import io
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.integration.webapp.api.school import Person, School


@pytest.fixture(scope="module")
def school_field(school: School) -> None:
    """The east campus adds 就读学校 to leads."""
    field = {
        "key": "attended_school",
        "type": "text",
        "label": {"zh": "就读学校", "en": "School attended"},
        "searchable": True,
    }
    body = {"branch_id": school.branch("east"), "object": "lead", "field": field}
    school.person("admin").post("/fields", body, status=204)


def field_keys(who: Person) -> set[str]:
    return {one["key"] for one in who.get("/objects/lead")["fields"]}


@pytest.mark.usefixtures("school_field")
def test_own_field_is_in_the_schema_of_its_branch_only(school: School) -> None:
    assert "attended_school" in field_keys(school.person("east_principal"))
    assert "attended_school" not in field_keys(school.person("west_principal"))
    assert "attended_school" in field_keys(school.person("hq_manager"))


def export(school: School, who: Person, **wanted: Any) -> list[list[Any]]:
    job = school.job(who, who.post("/records/lead/export", wanted, status=202))
    assert job["error"] is None
    content = who.get(f"/jobs/{job['id']}/file")
    return [list(row) for row in load_workbook(io.BytesIO(content)).active.values]


@pytest.mark.usefixtures("school_field")
def test_own_field_is_written_filtered_and_exported_in_its_branch(school: School) -> None:
    principal = school.person("east_principal")
    body = {"name": "有学校", "phone": "13944440001", "branch_id": school.branch("east"), "attended_school": "史家小学"}
    lead = principal.post("/records/lead", body, status=201)
    assert lead["values"]["attended_school"] == "史家小学"
    found = principal.get("/records/lead", filter='attended_school = "史家小学"')["items"]
    assert [one["id"] for one in found] == [lead["id"]]
    rows = export(school, principal, fields=["name", "attended_school"], filter="attended_school != null")
    assert rows == [["学员姓名", "就读学校"], ["有学校", "史家小学"]]


@pytest.mark.usefixtures("school_field")
def test_own_field_does_not_exist_in_the_other_branch(school: School) -> None:
    principal = school.person("west_principal")
    body = {"name": "西城", "phone": "13944440002", "branch_id": school.branch("west"), "attended_school": "x"}
    assert "attended_school" in principal.post("/records/lead", body, status=403)["fields"]
    assert principal.get("/records/lead", filter='attended_school = "x"', status=422)["message"]
    refused = principal.post("/records/lead/export", {"fields": ["name", "attended_school"]}, status=202)
    assert school.job(principal, refused)["state"] == "failed"


@pytest.fixture(scope="module")
def hidden_phone(school: School) -> str:
    """Finance loses the guardian's phone; a guardian whose phone was changed before."""
    admin = school.person("admin")
    (row,) = school.rows(
        "SELECT id, version FROM guardian WHERE branch_id = :east ORDER BY id LIMIT 1", east=school.branch("east")
    )
    admin.patch(f"/records/guardian/{row['id']}", {"phone": "13955550001"}, version=row["version"])
    admin.patch(
        "/grants",
        {"role": "finance", "object": "guardian", "scopes": {"read": "branch", "export": "branch"},
         "fields": {"*": "read", "phone": "none"}},
        status=204,
    )  # fmt: skip
    return str(row["id"])


def test_lost_field_is_gone_from_every_reader(school: School, hidden_phone: str) -> None:
    finance = school.person("east_finance")
    record = finance.get(f"/records/guardian/{hidden_phone}")
    assert "phone" not in record["values"]
    assert "13955550001" not in str(finance.get("/records/guardian", limit=200))
    assert finance.get("/records/guardian", filter='phone = "13955550001"', status=403)["message"]
    assert finance.get("/records/guardian", sort="phone", status=403)["message"]
    assert finance.get("/records/guardian", fields="name,phone", status=403)["message"]
    assert finance.get("/records/guardian", search="13955550001")["items"] == []
    assert "13955550001" not in str(finance.get(f"/records/guardian/{hidden_phone}/history"))
    assert "phone" not in {one["key"] for one in finance.get("/objects/guardian")["fields"]}
    started = finance.post("/records/guardian/export", {}, status=202)
    content = finance.get(f"/jobs/{school.job(finance, started)['id']}/file")
    cells = [cell for row in load_workbook(io.BytesIO(content)).active.values for cell in row]
    assert "13955550001" not in cells


def test_lost_field_is_explained(school: School, hidden_phone: str) -> None:
    answer = school.person("admin").get(
        "/explain", actor=str(school.actor("east_finance")), object="guardian", id=hidden_phone, field="phone"
    )
    assert answer["allowed"] is False
    assert answer["reasons"]


def test_lost_field_is_gone_from_task_forms(school: School, hidden_phone: str) -> None:
    finance = school.person("east_finance")
    phones = {row["phone"] for row in school.rows("SELECT phone FROM guardian")}
    for box in ("todo", "candidate", "done"):
        for task in finance.get("/tasks", box=box, limit=200)["items"]:
            shown = str(finance.get(f"/tasks/{task['id']}"))
            assert not any(phone in shown for phone in phones), task["node_id"]
