"""The administrator changes a process: checked, deployed as version 2, running cases finish on version 1."""

import pytest

from tests.integration.webapp.api.school import Json, School
from tests.integration.webapp.api.test_contracts import draft, stage


@pytest.fixture(scope="module")
def sources(school: School) -> dict[str, str]:
    """The shipped files of contract approval."""
    folder = school.platform.processes.process("contract_approval")
    assert folder is not None
    return dict(folder.sources)


def deploy(school: School, sources: dict[str, str]) -> Json:
    return school.person("admin").post("/processes", {"sources": sources, "name": "合同审批 2"}, status=201)


def test_gate_names_the_element_that_is_wrong(school: School, sources: dict[str, str]) -> None:
    wrong = {name: text.replace('targetRef="sign_contract"', 'targetRef="nowhere"') for name, text in sources.items()}
    found = school.person("admin").post("/processes/contract_approval/check", {"sources": wrong})["findings"]
    errors = [one for one in found if one["severity"] == "error"]
    assert errors
    assert all(one["text"] for one in errors)
    refused = school.person("admin").post("/processes", {"sources": wrong}, status=422)
    assert refused["code"]


def test_check_of_the_shipped_files_finds_no_error(school: School, sources: dict[str, str]) -> None:
    found = school.person("admin").post("/processes/contract_approval/check", {"sources": sources})["findings"]
    assert [one for one in found if one["severity"] == "error"] == []


def test_changed_limit_holds_for_new_cases_only(school: School, sources: dict[str, str]) -> None:
    _, old = draft(school, "500.00")  # 5.95 %: the principal alone
    changed = {name: text.replace("&gt; 10<", "&gt; 5<") for name, text in sources.items()}
    assert changed != sources
    assert deploy(school, changed)["status"] == "active"
    _, new = draft(school, "500.00")
    principal = school.person("east_principal")
    for contract in (old, new):
        principal.complete("approve_principal", "approve", record=contract)
    assert (stage(school, old), stage(school, new)) == ("approved", "approving")
    school.person("hq_finance").complete("approve_finance", "approve", record=new)
    assert stage(school, new) == "approved"
    cases = school.person("admin").get("/processes/contract_approval/versions")["items"]
    assert [one["number"] for one in cases] == [2, 1]


def test_people_without_the_right_deploy_nothing(school: School, sources: dict[str, str]) -> None:
    assert school.person("east_principal").post("/processes", {"sources": sources}, status=403)["code"]


def test_money_process_waits_for_a_second_person(school: School) -> None:
    folder = school.platform.processes.process("refund")
    assert folder is not None
    changed = {name: text.replace("&lt;= 5000", "&lt;= 3000").replace("&gt; 5000", "&gt; 3000")
               for name, text in folder.sources.items()}  # fmt: skip
    admin = school.person("admin")
    waiting = admin.post("/processes", {"sources": changed, "name": "退费 2"}, status=201)
    assert waiting["status"] == "waiting"
    assert admin.call("POST", f"/deployments/{waiting['id']}/approve").status_code == 403
    live = next(one for one in admin.get("/processes")["items"] if one["key"] == "refund")
    assert live["number"] == 1
    school.person("hq_manager").post(f"/deployments/{waiting['id']}/approve", status=204)
    live = next(one for one in admin.get("/processes")["items"] if one["key"] == "refund")
    assert live["number"] == 2


def test_hostile_models_are_refused(school: School) -> None:
    bomb = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><definitions>&a;</definitions>'
    admin = school.person("admin")
    found = admin.post("/processes/x/check", {"sources": {"x.bpmn": bomb}})["findings"]
    assert found[0]["severity"] == "error"
    assert admin.post("/processes", {"sources": {"x.bpmn": bomb}}, status=422)["code"]
    assert admin.post("/processes", {"sources": {"../x.bpmn": "<a/>"}}, status=422)["code"] == "invalid"


def test_operator_fills_reads_and_corrects_a_data_store(school: School) -> None:
    admin, east, west = school.person("admin"), school.branch("east"), school.branch("west")
    path = f"/stores/{east}/体验课名额"
    body = {"value": {"周六": 12}, "reason": "新学期"}
    admin.patch(path, body, status=428)
    first = admin.patch(path, body, version=0)
    assert (first["version"], first["branch_id"]) == (1, east)
    shown = admin.call("GET", path)
    assert (shown.get_json()["value"], shown.headers["ETag"]) == ({"周六": "12"}, '"1"')
    assert [one["name"] for one in admin.get("/stores")["items"] if one["branch_id"] == east] == ["体验课名额"]
    admin.patch(path, body, version=0, status=412)
    assert admin.get(f"/stores/{west}/体验课名额", status=404)["code"] == "store_not_found"
    assert school.person("east_teacher1").get(path, status=403)["code"] == "not_operator"
