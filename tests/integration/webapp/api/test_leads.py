"""Leads over the API: import, public form, message; accepted, timed out, neglected, claimed."""

import io
import json
from pathlib import Path

import pytest

from tests.integration.webapp.api.school import School, checked
from webapp.demo.leads_sheet import HEADERS, write_leads_sheet

KNOWN = 3


@pytest.fixture(scope="module")
def sheet(school: School, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """500 rows: 10 with an error, 8 repeated, 3 of people that the west campus has already."""
    known = school.rows(
        "SELECT phone FROM lead WHERE branch_id = :west AND stage <> 'lost' ORDER BY id LIMIT 3",
        west=school.branch("west"),
    )
    path = Path(tmp_path_factory.mktemp("sheet")) / "leads.xlsx"
    facts = write_leads_sheet(path, rows=500, known_phones=[row["phone"] for row in known])
    assert (facts.rows, facts.bad, facts.repeated, facts.known) == (500, 10, 7, KNOWN)
    return path.read_bytes()


def upload(school: School, content: bytes, *, dry_run: bool, **options: str) -> dict[str, object]:
    sales = school.person("east_sales1")
    answer = sales.call(
        "POST",
        "/records/lead/import",
        query_string={"dry_run": str(dry_run).lower(), **options},
        data={"file": (io.BytesIO(content), "线索.xlsx")},
    )
    return checked(answer, 202)


def test_import_guesses_the_mapping_and_dry_runs_with_row_errors(school: School, sheet: bytes) -> None:
    sales = school.person("east_sales1")
    before = school.rows("SELECT count(*) AS n FROM lead")[0]["n"]
    started = upload(school, sheet, dry_run=True)
    assert started["mapping"] == dict(
        zip(
            HEADERS,
            ("name", "phone", "guardian_name", "grade", "region", "intended_course", "source", "intent", "remark"),
            strict=True,
        )
    )
    job = school.job(sales, started)
    assert (job["state"], job["result"]["dry_run"], job["done"]) == ("done", True, 500)
    errors = {error["row"]: (error["field"], error["zh"]) for error in job["result"]["errors"]}
    assert (job["result"]["failed"], len(errors)) == (10, 10)
    assert errors[51] == ("phone", "必填")
    assert errors[151][0] == "grade"
    assert school.rows("SELECT count(*) AS n FROM lead")[0]["n"] == before


def test_import_tells_of_a_duplicate_elsewhere_only_that_it_exists(school: School, sheet: bytes) -> None:
    job = school.job(school.person("east_sales1"), upload(school, sheet, dry_run=True))
    west = [one for one in job["result"]["duplicates"] if one["branch"] == "西城校区"]
    assert [(one["row"], one["rule"], one["id"], one["title"]) for one in west] == [
        (71, "phone", None, None),
        (141, "phone", None, None),
        (211, "phone", None, None),
    ]


def test_import_takes_a_corrected_mapping(school: School, sheet: bytes) -> None:
    mapping = {"学生姓名": "name", "手机号": "phone", "说明": None, "家长": "remark"}
    started = upload(school, sheet, dry_run=True, mapping=json.dumps(mapping))
    assert started["mapping"] == mapping
    job = school.job(school.person("east_sales1"), started)
    assert {error["field"] for error in job["result"]["errors"]} == {"phone"}


def test_import_starts_a_case_for_each_lead_and_spreads_them_by_load(school: School, sheet: bytes) -> None:
    sales = school.person("east_sales1")
    job = school.job(sales, upload(school, sheet, dry_run=False))
    assert job["error"] is None
    created = job["result"]["created"]
    assert created + job["result"]["skipped"] == 490
    imported = school.rows(
        "SELECT l.id, u.username, t.node_id FROM lead l JOIN branch b ON b.id = l.branch_id"
        " LEFT JOIN app_user u ON u.id = l.owner_id LEFT JOIN instance i ON i.record_id = l.id"
        " LEFT JOIN user_task t ON t.instance_id = i.id AND t.status = 'open' WHERE l.phone LIKE '15_6000%'"
    )
    assert len(imported) == created
    assert {row["node_id"] for row in imported} == {"accept_lead"}
    loads = {name: sum(1 for row in imported if row["username"] == name) for name in (
        "east_sales1", "east_sales2", "west_sales1", "west_sales2"
    )}  # fmt: skip
    assert sum(loads.values()) == created
    assert abs(loads["east_sales1"] - loads["east_sales2"]) <= 15
    assert abs(loads["west_sales1"] - loads["west_sales2"]) <= 15


def test_hostile_sheets_are_refused_with_a_sentence(school: School) -> None:
    sales = school.person("east_sales1")
    for content, filename in ((b"PK\x03\x04broken", "a.xlsx"), (b"", "b.xlsx"), (b"\x00\x01", "c.csv")):
        answer = sales.call("POST", "/records/lead/import", data={"file": (io.BytesIO(content), filename)})
        assert answer.status_code == 422, answer.text
        assert answer.get_json()["message"]


def test_public_form_starts_a_case(school: School) -> None:
    public = school.anybody
    page = public.get("/apply/public_lead").get_data(as_text=True)
    token = page.split('name="_csrf" value="')[1].split('"')[0]
    form = {"_csrf": token, "name": "网小明", "phone": "13911110001", "region": "东城区", "intended_course": "english"}
    assert public.post("/apply/public_lead", data=form).status_code == 303
    school.drain()
    (lead,) = school.rows("SELECT id, stage, source FROM lead WHERE phone = '13911110001'")
    assert (lead["stage"], lead["source"]) == ("assigned", "web")


def test_message_starts_a_case_exactly_once(school: School) -> None:
    manager = school.person("admin")
    payload = {"name": "信小红", "phone": "13911110002", "region": "西城区", "source": "ad"}
    body = {"name": "lead.received", "keys": {}, "payload": payload, "id": "ad-0001"}
    assert manager.post("/messages", body, status=202)["status"] == "started"
    assert manager.post("/messages", body, status=202)["status"] == "duplicate"
    school.drain()
    (lead,) = school.rows("SELECT stage, source FROM lead WHERE phone = '13911110002'")
    assert (lead["stage"], lead["source"]) == ("assigned", "ad")


def test_message_needs_a_grant(school: School) -> None:
    body = {"name": "lead.received", "keys": {}, "payload": {"name": "甲", "phone": "13911110003"}, "id": "x-1"}
    answer = school.person("east_teacher1").call("POST", "/messages", json=body)
    assert (answer.status_code, answer.get_json()["code"]) == (403, "may_not_send")
    assert answer.get_json()["hint"] == "请管理员授予权限 send_message:lead.received"


def new_lead(school: School, name: str, phone: str) -> tuple[str, str]:
    """A lead of the east campus; its id and the username of whoever it was given to."""
    values = {"name": name, "phone": phone, "region": "东城区", "branch_id": school.branch("east")}
    lead = school.person("east_principal").post("/records/lead", values, status=201)
    return lead["id"], owner(school, lead["id"])


def owner(school: School, lead_id: str) -> str:
    (row,) = school.rows(
        "SELECT u.username FROM lead l JOIN app_user u ON u.id = l.owner_id WHERE l.id = :id", id=lead_id
    )
    return str(row["username"])


def stage(school: School, lead_id: str) -> str:
    return str(school.rows("SELECT stage FROM lead WHERE id = :id", id=lead_id)[0]["stage"])


def test_lead_goes_to_another_person_when_time_runs_out(school: School) -> None:
    lead_id, first = new_lead(school, "超时一", "13911110010")
    school.later(hours=5)
    second = owner(school, lead_id)
    assert {first, second} == {"east_sales1", "east_sales2"}
    school.later(hours=5)
    assert school.person("east_principal").task("assign_by_head", record=lead_id)["title"] == "请指派线索：超时一"


def test_neglected_lead_lands_in_the_pool_and_is_claimed_by_a_daily_limit(school: School) -> None:
    leads = []
    for number in range(6):
        lead_id, who = new_lead(school, f"公海{number}", f"1391111002{number}")
        school.person(who).complete("accept_lead", "accept", record=lead_id)
        leads.append(lead_id)
    assert stage(school, leads[0]) == "following"
    school.later(days=4)
    school.later(days=4)
    assert {stage(school, lead_id) for lead_id in leads} == {"pool"}
    claimer = school.person("east_sales2")
    for lead_id in leads[:5]:
        assert claimer.act("lead", lead_id, "claim")["message"] == "已认领"
    school.drain()
    assert owner(school, leads[0]) == "east_sales2"
    assert claimer.task("follow_up", record=leads[0])
    refused = claimer.act("lead", leads[5], "claim", status=429)
    assert (refused["code"], refused["hint"]) == ("lead.claim_limit", "请明天再领取")
    late = school.person("east_sales1").act("lead", leads[0], "claim", status=409)
    assert (late["code"], late["hint"]) == ("lead.not_in_pool", "请在公海中选择其他线索")
    assert late["message"] == f"该线索已被 {claimer.get('/me')['name']} 领取"
    assert school.person("west_sales1").act("lead", leads[5], "claim", status=404)["code"] == "not_found"
