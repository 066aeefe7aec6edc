"""What approvers do with tasks besides deciding, each as another person with a token of their own."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.integration.webapp.api.optional_steps import case_with_steps
from tests.integration.webapp.api.school import Json, School
from tests.integration.webapp.api.test_contracts import draft, stage
from tests.integration.webapp.pages.visitor import Visitor
from webapp.screens.studio import blank_process


def offer_to_sales(school: School) -> str:
    """A task of a process of its own, offered to both consultants of the east campus."""
    text = blank_process.source("抢单", "first_come").replace('rule="starter"', 'rule="role:sales"')
    admin = school.person("admin")
    admin.post("/processes", {"sources": {"first_come.bpmn": text}, "name": "抢单"}, status=201)
    started = admin.post("/processes/first_come/start", {"branch_id": school.branch("east")}, status=201)
    (task,) = school.rows("SELECT id FROM user_task WHERE instance_id = :id", id=started["id"])
    return str(task["id"])


@pytest.fixture
def waiting(school: School) -> tuple[str, Json]:
    """A contract before the principal, and the principal's task."""
    _, contract = draft(school, "500.00")
    return contract, school.person("east_principal").task("approve_principal", record=contract)


def test_task_is_transferred_and_decided_by_the_other(school: School, waiting: tuple[str, Json]) -> None:
    contract, task = waiting
    principal, manager = school.person("east_principal"), school.person("hq_manager")
    body = {"to": manager.id, "comment": "我出差，请代办"}
    principal.post(f"/tasks/{task['id']}/transfer", body)
    refused = principal.post(f"/tasks/{task['id']}/complete", {"outcome": "approve"}, status=403)
    assert refused["code"] == "task_of_other"
    manager.complete("approve_principal", "approve", record=contract)
    assert stage(school, contract) == "approved"


def test_task_is_returned_to_its_starter_after_a_preview(school: School, waiting: tuple[str, Json]) -> None:
    contract, task = waiting
    principal = school.person("east_principal")
    body = {"target": "starter", "comment": "请补充材料"}
    preview = principal.post(f"/tasks/{task['id']}/return", body, dry_run="true")["result"]
    assert [(one["why"], one["task"]) for one in preview["told"]] == [("opened", task["name"])]
    assert [one["kind"] for one in preview["says"]] == ["goes_on", "told"]
    assert principal.task("approve_principal", record=contract)["id"] == task["id"]
    principal.post(f"/tasks/{task['id']}/return", body)
    with pytest.raises(LookupError):
        principal.task("approve_principal", record=contract)


def test_direct_return_waits_for_the_starter_and_comes_straight_back(school: School, waiting: tuple[str, Json]) -> None:
    contract, task = waiting
    principal = school.person("east_principal")
    page = Visitor(school.app, "east_principal", school.password).get(f"/inbox/{task['id']}/return")
    assert 'name="direct" value="1"' in page
    body = {"target": "starter", "comment": "请补充材料", "direct": True}
    shown = principal.post(f"/tasks/{task['id']}/return", body, dry_run="true")["result"]
    assert (shown["cancels"], shown["already_done"]) == ([], [])
    principal.post(f"/tasks/{task['id']}/return", body)
    (asked,) = school.rows("SELECT id, assignee FROM user_task WHERE parent_id = :id", id=task["id"])
    starter = next(name for name in ("east_sales1", "east_sales2") if school.person(name).id == str(asked["assignee"]))
    school.person(starter).post(f"/tasks/{asked['id']}/complete", {"outcome": "approve", "comment": "已补充"})
    assert principal.task("approve_principal", record=contract)["id"] == task["id"]


def test_vote_of_a_countersign_is_withdrawn_and_cast_again(school: School) -> None:
    _, contract = draft(school, "1800.00")
    principal = school.person("east_principal")
    vote = principal.task("countersign", record=contract)
    principal.post(f"/tasks/{vote['id']}/complete", {"outcome": "approve"})
    assert "withdraw" in principal.get(f"/tasks/{vote['id']}")["operations"]
    principal.post(f"/tasks/{vote['id']}/withdraw", {"comment": "看错了"})
    again = principal.task("countersign", record=contract)
    assert again["id"] != vote["id"]
    principal.post(f"/tasks/{again['id']}/complete", {"outcome": "reject", "comment": "折扣过高"})
    assert stage(school, contract) == "rejected"


def test_cancelling_is_previewed_first(school: School, waiting: tuple[str, Json]) -> None:
    contract, task = waiting
    admin = school.person("admin")
    (case,) = school.rows("SELECT instance_id AS id FROM user_task WHERE id = :id", id=task["id"])
    shown = admin.post(f"/instances/{case['id']}/cancel", {"reason": "重复"}, dry_run="true")["result"]
    assert ([one["id"] for one in shown["cancels"]], shown["ends"]) == ([task["id"]], True)
    assert [one["why"] for one in shown["told"]] == ["closed", "ended"]
    assert "王校长" in "".join(one["items"][0] for one in shown["says"] if one["kind"] == "cancels")
    assert stage(school, contract) == "approving"
    admin.post(f"/instances/{case['id']}/cancel", {"reason": "重复"})
    assert stage(school, contract) == "void"


def test_copied_person_may_look_and_not_decide(school: School, waiting: tuple[str, Json]) -> None:
    _, task = waiting
    finance = school.person("east_finance")
    assert finance.get(f"/tasks/{task['id']}", status=404)["code"]
    body = {"users": [finance.id], "comment": "请知悉"}
    school.person("east_principal").post(f"/tasks/{task['id']}/cc", body)
    assert task["id"] in [one["id"] for one in finance.get("/tasks", box="cc")["items"]]
    assert finance.get(f"/tasks/{task['id']}")["row"]["id"] == task["id"]
    assert finance.post(f"/tasks/{task['id']}/complete", {"outcome": "approve"}, status=403)["code"]


def test_two_who_claim_at_once_get_it_once_and_a_clear_409(school: School) -> None:
    """Whichever comes second is told by whom the task was claimed."""
    offered = offer_to_sales(school)
    people = [school.person(name) for name in ("east_sales1", "east_sales2")]
    assert {one.task("handle", record=None, box="candidate")["id"] for one in people} == {offered}
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda who: who.call("POST", f"/tasks/{offered}/claim"), people))
    assert sorted(one.status_code for one in answers) == [200, 409]
    (loser,) = [one for one in answers if one.status_code == 409]
    winner = people[[one.status_code for one in answers].index(200)]
    assert loser.get_json()["code"] == "task_claimed"
    assert winner.get("/me")["name"] in loser.get_json()["message"]
    again = winner.call("POST", f"/tasks/{offered}/claim")
    assert again.status_code == 200
    winner.post(f"/tasks/{offered}/unclaim")


def test_many_instances_are_suspended_and_resumed_by_one_job(school: School) -> None:
    cases = [draft(school, "500.00")[1] for _ in range(2)]
    admin = school.person("admin")
    ids = [admin.get(f"/records/contract/{one}/processes")["items"][0]["id"] for one in cases]
    for operation, suspended in (("suspend", True), ("resume", False)):
        body = {"operation": operation, "ids": ids, "reason": "盘点"}
        job = school.job(admin, admin.post("/instances/bulk", body, status=202))
        assert (job["state"], job["result"]) == ("done", {"done": 2, "failed_total": 0, "failed": []})
        assert {admin.get(f"/instances/{one}")["suspended"] for one in ids} == {suspended}


def test_bulk_says_what_it_may_not_and_why(school: School) -> None:
    contract = draft(school, "500.00")[1]
    (case,) = school.rows("SELECT id FROM instance WHERE record_id = :id", id=contract)
    sales = school.person("west_sales1")
    job = school.job(
        sales, sales.post("/instances/bulk", {"operation": "cancel", "ids": [str(case["id"])]}, status=202)
    )
    assert job["result"]["done"] == 0
    assert [one["id"] for one in job["result"]["failed"]] == [str(case["id"])]
    assert job["result"]["failed"][0]["zh"]
    admin = school.person("admin")
    assert admin.post("/instances/bulk", {"operation": "explode", "ids": [str(case["id"])]}, status=422)["fields"]
    assert admin.post("/instances/bulk", {"operation": "cancel", "ids": []}, status=422)["fields"]


def test_leaving_persons_tasks_go_to_a_colleague(school: School) -> None:
    contract = draft(school, "500.00")[1]
    admin, principal = school.person("admin"), school.person("east_principal")
    manager = school.person("hq_manager")
    body = {"from_user": principal.id, "to": manager.id, "comment": "离职交接"}
    assert school.person("east_sales1").post("/tasks/hand-over", body, status=403)["code"] == "not_operator"
    job = school.job(admin, admin.post("/tasks/hand-over", body, status=202))
    assert (job["state"], job["result"]["failed"]) == ("done", [])
    assert manager.task("approve_principal", record=contract)
    with pytest.raises(LookupError):
        principal.task("approve_principal", record=contract)


def test_optional_steps_are_offered_begun_and_ended(school: School) -> None:
    case = case_with_steps(school, "care_by_api", "Sequential")
    admin = school.person("admin")
    (stage,) = admin.get(f"/instances/{case}/offers")["items"]
    assert [(one["node_id"], one["name"], one["may_begin"]) for one in stage["activities"]] == [
        ("phone", "电话回访", True),
        ("letter", "寄送贺卡", True),
    ]
    body = {"activation": stage["activation"], "node": "phone"}
    key = {"Idempotency-Key": "care-1"}
    opened = admin.post(f"/instances/{case}/begin-activity", body, headers=key)["result"]
    assert opened == admin.post(f"/instances/{case}/begin-activity", body, headers=key)["result"]
    assert admin.post(f"/instances/{case}/begin-activity", body, status=409)["code"] == "adhoc.busy"
    place = {"activation": stage["activation"]}
    assert admin.post(f"/instances/{case}/finish-stage", place, status=409)["code"] == "adhoc.running"
    admin.post(f"/tasks/{opened[0]}/complete", {"outcome": "done", "values": {}})
    assert school.person("auditor").get(f"/instances/{case}/offers")["items"] == []
    assert school.person("auditor").post(f"/instances/{case}/finish-stage", place, status=403)["code"]
    admin.post(f"/instances/{case}/finish-stage", place)
    assert admin.get(f"/instances/{case}")["status"] == "completed"
