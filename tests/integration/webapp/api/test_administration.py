"""The rest of the contract: views, paper, the trail as a sheet, administration, migration, masked fields."""

import csv
import io

import pytest

from engine.kernel.actor import SYSTEM
from engine.metadata import organisation
from tests.integration.webapp.api.school import School
from tests.integration.webapp.api.test_contracts import draft


def test_views_are_kept_shared_and_only_changed_by_their_owner(school: School) -> None:
    mine, colleague = school.person("east_sales1"), school.person("east_sales2")
    body = {"object": "lead", "name": "我的待跟进", "parameters": [["sort", "-created_at"]]}
    view = mine.post("/views", body, status=201)["id"]
    assert [one["name"] for one in mine.get("/views", object="lead")["items"]] == ["我的待跟进"]
    assert colleague.get("/views", object="lead")["items"] == []
    mine.patch(f"/views/{view}", {"shared": True, "name": "东城待跟进"}, status=204)
    (seen,) = colleague.get("/views", object="lead")["items"]
    assert (seen["name"], seen["parameters"]) == ("东城待跟进", [["sort", "-created_at"]])
    assert school.person("west_sales1").get("/views", object="lead")["items"] == []
    assert colleague.patch(f"/views/{view}", {"name": "x"}, status=404)["code"]
    assert colleague.call("DELETE", f"/views/{view}").status_code == 404
    assert mine.call("DELETE", f"/views/{view}").status_code == 204


def test_receipt_is_told_to_those_who_may_read_it(school: School) -> None:
    receipt = school.rows(
        "SELECT r.id, r.number FROM receipt r WHERE r.branch_id = :east ORDER BY r.id LIMIT 1",
        east=school.branch("east"),
    )[0]
    finance = school.person("east_finance")
    assert {one["template"] for one in finance.get("/documents")["items"]} == {"receipt", "refund", "hours"}
    paper = finance.get("/documents/receipt", id=str(receipt["id"]))
    assert paper["receipt"]["values"]["number"] == receipt["number"]
    assert len(paper["copies"]) == 2
    other = school.person("west_finance").call("GET", "/documents/receipt", query_string={"id": str(receipt["id"])})
    assert other.status_code == 404
    assert finance.get("/documents/love-letter", id=str(receipt["id"]), status=404)["code"] == "not_found"


def test_hours_statement_ends_with_the_balance(school: School) -> None:
    student = school.rows("SELECT student_id AS id FROM hour_lot ORDER BY id LIMIT 1")[0]["id"]
    paper = school.person("admin").get("/documents/hours", id=str(student))
    assert paper["movements"][-1]["balance"] == paper["balance"]


def test_auditor_takes_the_trail_as_a_sheet_and_that_is_in_the_trail(school: School) -> None:
    auditor = school.person("auditor")
    answer = auditor.call("POST", "/history/export", json={"object": "contract"})
    assert (answer.status_code, answer.headers["Content-Disposition"]) == (
        200,
        "attachment; filename*=UTF-8''history.csv",
    )
    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert rows[0][:4] == ["at", "actor", "on behalf of", "action"]
    assert len(rows) > 2
    (taken,) = auditor.get("/history", action="history:exported")["items"]
    assert (taken["actor_name"], taken["data"]["rows"]) == ("严审计", len(rows) - 1)
    assert school.person("east_principal").call("POST", "/history/export", json={}).status_code == 403


def test_personal_values_leave_the_trail(school: School) -> None:
    admin = school.person("admin")
    (row,) = school.rows("SELECT id, version FROM guardian ORDER BY id LIMIT 1")
    admin.patch(f"/records/guardian/{row['id']}", {"phone": "13955559999"}, version=row["version"])
    assert "13955559999" in str(admin.get(f"/records/guardian/{row['id']}/history"))
    body = {"object": "guardian", "id": str(row["id"]), "reason": "家长书面要求"}
    assert school.person("auditor").post("/history/erase", body, status=403)["code"] == "forbidden"
    assert admin.post("/history/erase", body)["erased"] >= 1
    assert "13955559999" not in str(admin.get(f"/records/guardian/{row['id']}/history"))
    school.drain()
    assert school.person("auditor").post("/history/verify")["intact"] is True


def test_rights_are_listed_in_words_and_given_to_a_role(school: School) -> None:
    admin = school.person("admin")
    known = {one["key"]: one["label"] for one in admin.get("/rights")["items"]}
    assert (known["manage_connectors"], known["pass_approvals"]) == ("管理连接器", "越过审批")
    body = {"key": "integrator", "label_zh": "对接程序", "label_en": "Integration"}
    admin.post("/roles", body, status=201)
    admin.patch("/roles/integrator", {"rights": ["send_message:lead.received"]}, status=204)
    found = {one["key"]: one["rights"] for one in admin.get("/roles")["items"]}
    assert found["integrator"] == ["send_message:lead.received"]
    assert admin.patch("/roles/integrator", {"rights": ["fly"]}, status=422)["code"] == "unknown_right"
    assert school.person("east_principal").patch("/roles/integrator", {"rights": []}, status=403)["code"]


def test_message_needs_a_grant_of_its_name(school: School) -> None:
    sales, admin = school.person("west_sales1"), school.person("admin")
    body = {"name": "lead.received", "id": "m-1", "payload": {"name": "消息来客", "phone": "13977770001"}}
    assert "send_message:lead.received" in sales.post("/messages", body, status=403)["hint"]
    assignment = {"role": "integrator", "branch_id": school.branch("west"), "user_id": sales.id}
    admin.post("/role-assignments", assignment, status=204)
    assert sales.post("/messages", {**body, "branch_id": school.branch("west")}, status=202)
    assert (
        "send_message:contract.signed"
        in sales.post("/messages", {**body, "name": "contract.signed"}, status=403)["hint"]
    )


def test_positions_groups_and_sharing_rules_are_changed_and_removed(school: School) -> None:
    admin = school.person("admin")
    east = school.branch("east")
    group = admin.post("/groups", {"key": "helpers", "name": "助教", "branch_id": east}, status=201)["id"]
    admin.patch(f"/groups/{group}", {"name": "东城助教"}, status=204)
    assert [one["name"] for one in admin.get("/groups")["items"] if one["id"] == group] == ["东城助教"]
    position = admin.post("/positions", {"key": "desk", "name": "前台", "branch_id": east}, status=201)["id"]
    admin.patch(f"/positions/{position}", {"name": "前台主管"}, status=204)
    assert admin.patch(f"/positions/{position}", {"name": "x", "superior_id": position}, status=422)["fields"]
    rule = {"object": "student", "name": "助教可看", "where": 'name != ""', "group_id": group, "branch_id": east}
    rule_id = admin.post("/sharing-rules", rule, status=201)["id"]
    change = {"name": "助教可看在读", "where": 'number != ""'}
    admin.patch(f"/sharing-rules/{rule_id}", change, status=204)
    found = {one["id"]: one for one in admin.get("/sharing-rules")["items"]}[rule_id]
    assert (found["name"], found["where"]) == ("助教可看在读", 'number != ""')
    assert admin.call("DELETE", f"/groups/{group}").get_json()["code"] == "group_used"
    assert admin.call("DELETE", f"/sharing-rules/{rule_id}").status_code == 204
    for address in (f"/groups/{group}", f"/positions/{position}"):
        assert admin.call("DELETE", address).status_code == 204
    assert school.person("east_sales1").patch(f"/sharing-rules/{rule_id}", change, status=404)["code"]


def test_overlay_is_changed_in_parts(school: School) -> None:
    admin, east = school.person("admin"), school.branch("east")
    field = {"key": "hobby", "type": "text", "label": {"zh": "爱好", "en": "Hobby"}}
    admin.post("/fields", {"branch_id": east, "object": "student", "field": field}, status=204)
    own = [
        one["field"]["key"] for one in admin.get("/fields", branch_id=east, object="student")["items"] if one["is_own"]
    ]
    assert own == ["hobby"]
    body = {"branch_id": east, "object": "student", "patch": {"label": {"zh": "孩子", "en": "Child"}}}
    admin.patch("/overlays", body, status=204)
    patch = admin.get("/overlays", branch_id=east, object="student")["patch"]
    assert ("hobby" in patch["fields"], patch["label"]["zh"]) == (True, "孩子")
    assert school.person("east_sales1").get("/fields", branch_id=east, object="student", status=403)["code"]


def test_one_case_goes_on_with_another_version(school: School) -> None:
    folder, admin = school.platform.processes.process("contract_approval"), school.person("admin")
    assert folder is not None
    _, contract = draft(school, "500.00")
    changed = {name: text.replace("&gt; 10<", "&gt; 9<") for name, text in folder.sources.items()}
    deployed = admin.post("/processes", {"sources": changed, "name": "合同审批 2"}, status=201)
    newest = deployed["versions"][0]["id"]
    (case,) = admin.get(f"/records/contract/{contract}/processes")["items"]
    present = admin.get(f"/instances/{case['id']}")["version_id"]
    plan = admin.post("/migrations", {"from_version": present, "to_version": newest}, dry_run="true")
    assert case["id"] in plan["ready"]
    refused = school.person("east_sales1").post(
        "/migrations", {"from_version": present, "to_version": newest}, status=403, dry_run="true"
    )
    assert refused["code"] == "not_operator"
    asked = admin.post(f"/instances/{case['id']}/migrate", {"to_version": newest}, dry_run="true")["result"]
    assert (asked["migrated"], asked["told"], asked["blocked"], asked["skipped"]) == ([case["id"]], [], "", [])
    assert [(one["title"], one["items"]) for one in asked["says"]] == [("从这里继续", ["校长审批"])]
    done = admin.post(f"/instances/{case['id']}/migrate", {"to_version": newest})["result"]
    assert done["migrated"] == [case["id"]]
    assert admin.get(f"/instances/{case['id']}")["version"] == 2
    school.person("east_principal").complete("approve_principal", "approve", record=contract)


@pytest.fixture
def masked_phone(school: School) -> dict[str, str]:
    """Finance sees guardians' phones masked; one guardian of the east campus."""
    school.platform.boundary.run(
        SYSTEM, lambda tx: organisation.set_field_level(tx, "finance", "guardian", "phone", "masked")
    )
    found = school.rows(
        "SELECT id, phone FROM guardian WHERE branch_id = :east ORDER BY id DESC LIMIT 1", east=school.branch("east")
    )[0]
    return {"id": str(found["id"]), "phone": found["phone"]}


def test_masked_field_shows_its_ends_and_can_not_be_asked_for(school: School, masked_phone: dict[str, str]) -> None:
    finance, phone = school.person("east_finance"), masked_phone["phone"]
    record = finance.get(f"/records/guardian/{masked_phone['id']}")
    assert record["access"]["phone"] == "masked"
    assert record["values"]["phone"] == f"{phone[:3]}****{phone[-4:]}"
    levels = {one["key"]: one["access"] for one in finance.get("/objects/guardian")["fields"]}
    assert levels["phone"] == "masked"
    for question in (
        {"filter": f'phone = "{phone}"'},
        {"sort": "phone"},
        {"filter": f'starts with(phone, "{phone[:3]}")'},
    ):
        assert finance.get("/records/guardian", status=403, **question)["message"]
    assert masked_phone["id"] not in [one["id"] for one in finance.get("/records/guardian", search=phone)["items"]]
    assert phone not in str(finance.get(f"/records/guardian/{masked_phone['id']}/history"))
    assert finance.post(f"/records/guardian/{masked_phone['id']}/reveal/phone", {"reason": "回访"}, status=403)["code"]
    body = {"phone": "13900000000"}
    refused = finance.patch(f"/records/guardian/{masked_phone['id']}", body, version=record["version"], status=403)
    assert refused["code"] == "forbidden"
