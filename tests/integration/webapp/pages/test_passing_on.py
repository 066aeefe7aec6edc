"""Tasks that are passed on: the other one sees from whom, why, and how it came; only what can be done is offered."""

from collections.abc import Callable

from engine.kernel.actor import SYSTEM
from engine.workflow import deployments
from tests.integration.webapp.api.school import School
from tests.integration.webapp.pages.test_cases import text_of
from tests.integration.webapp.pages.visitor import Visitor

Visit = Callable[[str], Visitor]
KEY = "trip_approval"
MODEL = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:school="https://schoolflow.example/bpmn" id="d"
 targetNamespace="t"><process id="trip_approval" name="研学审批" isExecutable="true"><startEvent id="s"/>
<userTask id="check" name="核对名单"><extensionElements>
<school:task operations="transfer delegate add_signer remove_signer return cc urge">
<school:assignee rule="role:principal"/>
<school:outcome name="approve" label_zh="同意" label_en="Approve" style="primary"/>
<school:outcome name="reject" label_zh="驳回" label_en="Refuse" style="danger"/></school:task></extensionElements>
</userTask><endEvent id="e"/><sequenceFlow id="f1" sourceRef="s" targetRef="check"/>
<sequenceFlow id="f2" sourceRef="check" targetRef="e"/></process></definitions>"""


def begun(school: School) -> str:
    """The task of a fresh case."""
    if not school.rows("select 1 from process_version where process_key = :key", key=KEY):
        school.platform.boundary.run(SYSTEM, lambda tx: deployments.deploy(tx, {f"{KEY}.bpmn": MODEL}))
    body = {"branch_id": school.branch("east")}
    case = school.person("east_sales1").post(f"/processes/{KEY}/start", body, status=201)["id"]
    return str(school.rows("select id from user_task where instance_id = :case", case=case)[0]["id"])


def test_who_gets_a_task_sees_from_whom_and_why(school: School, visit: Visit) -> None:
    task, academic = begun(school), str(school.actor("east_academic"))
    visit("east_principal").post(f"/inbox/{task}/transfer", to=academic, comment="我今天不在")
    assert "王校长 转办给 您：我今天不在" in text_of(visit("east_academic").get(f"/inbox/{task}"))


def test_delegated_task_is_handed_back_with_a_comment(school: School, visit: Visit) -> None:
    task, principal, academic = begun(school), visit("east_principal"), visit("east_academic")
    principal.post(f"/inbox/{task}/delegate", to=str(school.actor("east_academic")), comment="请核对")
    page = academic.get(f"/inbox/{task}")
    assert "王校长 委派给 您，办完会交回：请核对" in text_of(page)
    assert 'name="comment"' in page
    assert "研学审批 · 核对名单 委派" in text_of(academic.get("/inbox"))
    academic.post(f"/inbox/{task}/resolve", comment="名单没问题")
    assert "陈教务 已办理，交回给 您：名单没问题" in text_of(principal.get(f"/inbox/{task}"))


def test_signer_is_marked_asked_and_taken_back_while_the_task_waits(school: School, visit: Visit) -> None:
    task, principal, academic = begun(school), visit("east_principal"), visit("east_academic")
    assert "减签" not in principal.get(f"/inbox/{task}")
    users = [str(school.actor("east_academic"))]
    principal.post(f"/inbox/{task}/add_signer", users=users, when="before", comment="请先看")
    child = school.rows("select id from user_task where parent_id = :task", task=task)[0]["id"]
    assert "研学审批 · 核对名单 加签" in text_of(academic.get("/inbox"))
    assert "王校长 请 您 加签：请先看" in text_of(academic.get(f"/inbox/{child}"))
    waiting = text_of(principal.get(f"/inbox/{task}"))
    assert "等待加签" in waiting
    assert "减签" in waiting
    assert "请选择人员" in principal.post(f"/inbox/{task}/remove_signer", 422).text
    principal.post(f"/inbox/{task}/remove_signer", target=str(child))
    assert "同意" in principal.get(f"/inbox/{task}")


def test_returned_task_says_so_in_the_list_and_why(school: School, visit: Visit) -> None:
    task, sales = begun(school), visit("east_sales1")
    page = visit("east_principal").get(f"/inbox/{task}/return")
    assert 'value="starter" checked' in page
    visit("east_principal").post(f"/inbox/{task}/return", target="starter", comment="少一人")
    child = school.rows("select id from user_task where parent_id = :task", task=task)[0]["id"]
    assert "研学审批 · 核对名单 退回" in text_of(sales.get("/inbox"))
    assert "王校长 退回：少一人" in text_of(sales.get(f"/inbox/{child}"))


def test_refusal_with_a_button_of_its_own_is_not_offered_twice(school: School, visit: Visit) -> None:
    page = visit("east_principal").get(f"/inbox/{begun(school)}")
    assert 'value="reject"' in page
    assert "驳回并结束" not in page


def test_copied_person_reads_the_remark(school: School, visit: Visit) -> None:
    task = begun(school)
    visit("east_principal").post(f"/inbox/{task}/cc", users=[str(school.actor("east_academic"))], comment="请知悉")
    assert "王校长 抄送给 您：请知悉" in text_of(visit("east_academic").get(f"/inbox/{task}"))
