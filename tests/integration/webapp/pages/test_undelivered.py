"""A message that two cases wait for: seen by who operates them, given to the one that is meant, by page and by API."""

from collections.abc import Callable

import pytest

from engine.kernel.actor import SYSTEM
from engine.workflow import deployments, messages
from tests.integration.webapp.api.school import School
from tests.integration.webapp.pages.test_cases import text_of
from tests.integration.webapp.pages.visitor import Visitor

Visit = Callable[[str], Visitor]
MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:school="https://schoolflow.example/bpmn" id="d"
 targetNamespace="t"><message id="m" name="parent_answered"/>
<process id="trial_lesson_offer" name="试听邀约" isExecutable="true"><startEvent id="s"/>
<intermediateCatchEvent id="answer" name="等家长答复"><extensionElements><school:key name="phone" value="=phone"/>
</extensionElements><messageEventDefinition messageRef="m"/></intermediateCatchEvent><endEvent id="e"/>
<sequenceFlow id="f1" sourceRef="s" targetRef="answer"/><sequenceFlow id="f2" sourceRef="answer" targetRef="e"/>
</process></definitions>"""


@pytest.fixture(scope="module", autouse=True)
def model(school: School) -> None:
    """The process of both tests."""
    school.platform.boundary.run(SYSTEM, lambda tx: deployments.deploy(tx, {"trial_lesson_offer.bpmn": MODEL}))


def ambiguous(school: School, phone: str) -> tuple[str, str]:
    """Two cases that wait for the answer from one telephone, which has come; their ids."""
    start = {"variables": {"phone": phone}, "branch_id": school.branch("east")}
    seller = school.person("east_sales1")
    first, second = (seller.post("/processes/trial_lesson_offer/start", start, status=201)["id"] for _ in range(2))
    came = school.platform.boundary.run(
        SYSTEM, lambda tx: messages.correlate(tx, "parent_answered", {"phone": phone}, {"yes": True}, phone)
    )
    assert came.status == "ambiguous"
    return first, second


def test_undelivered_message_is_given_to_the_case_that_is_meant(school: School, visit: Visit) -> None:
    _, second = ambiguous(school, "13900000001")
    admin = visit("admin")
    for path in ("/cases", "/processes"):
        assert "送不到的消息 1" in text_of(admin.get(path))
    told = text_of(admin.get("/undelivered"))
    assert "parent_answered phone = 13900000001" in told
    assert "2 个等待者，无法确定交给哪一个" in told
    assert told.count("试听邀约 李顾问 · 刚刚") == 2
    visit("east_sales1").get("/undelivered", status=403)
    (waiting,) = school.person("admin").get("/undelivered-messages")["items"]
    admin.post(f"/undelivered/{waiting['id']}", 422, decision="guess")
    admin.post(f"/undelivered/{waiting['id']}", decision=f"give:{second}", reason="家长说的是第二个")
    assert school.person("admin").get(f"/instances/{second}")["status"] == "completed"
    assert "没有送不到的消息" in text_of(admin.get("/undelivered"))
    assert "送不到的消息" not in text_of(admin.get("/cases"))


def test_undelivered_message_is_settled_by_the_api(school: School) -> None:
    first, _ = ambiguous(school, "13900000002")
    admin = school.person("admin")
    (waiting,) = admin.get("/undelivered-messages")["items"]
    assert [one["node_id"] for one in waiting["receivers"]] == ["answer", "answer"]
    path = f"/undelivered-messages/{waiting['id']}/settle"
    assert admin.post(path, {"decision": "give", "to": waiting["id"]}, status=409)["code"] == "receiver_not_waiting"
    given = admin.post(path, {"decision": "give", "to": first, "reason": "by telephone"})["result"]
    assert given == {"status": "delivered", "instance_id": first}
    assert admin.post(path, {"decision": "drop"}, status=409)["code"] == "incident_settled"
    assert admin.get(f"/instances/{first}")["status"] == "completed"
