"""A model drawn elsewhere is deployed as the doctor rewrote it, with the doctor's log and the forms beside it."""

import json
from typing import Any

from engine.workflow import deployments

CAMUNDA = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="http://bpmn.io/schema"
 xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<bpmn:process id="demo" isExecutable="false"><bpmn:startEvent id="s" camunda:initiator="who"/>
<bpmn:userTask id="ask" camunda:assignee="${who}"/><bpmn:userTask id="more" camunda:assignee="${who}"/>
<bpmn:exclusiveGateway id="g" default="f4"/><bpmn:endEvent id="e"/>
<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="ask"/><bpmn:sequenceFlow id="f2" sourceRef="ask" targetRef="g"/>
<bpmn:sequenceFlow id="f3" sourceRef="g" targetRef="more"><bpmn:conditionExpression xsi:type="bpmn:tFormalExpression">
${amount &gt; 100 &amp;&amp; !vip}</bpmn:conditionExpression></bpmn:sequenceFlow>
<bpmn:sequenceFlow id="f4" sourceRef="g" targetRef="e"/><bpmn:sequenceFlow id="f5" sourceRef="more" targetRef="e"/>
</bpmn:process></bpmn:definitions>"""


def test_camunda_model_runs_and_its_rewrites_are_on_record(world: Any) -> None:
    deployed = world.deploy(CAMUNDA)
    log = {(one.element_id, one.rule) for one in deployed.findings if one.severity == "info"}
    assert {("demo", "doctor.executable"), ("f3", "doctor.expression"), ("ask", "doctor.user_task")} <= log
    stored = world.run("adm", lambda tx: deployments.sources(tx, "demo"))
    assert "amount &gt; 100 and (vip != true)" in stored.files["m0.bpmn"]
    case = world.start(amount=500)
    world.done("ann", case, "ask")
    assert [row.node_id for row in world.box("ann")] == ["more"]
    world.done("ann", case, "more")
    assert world.view(case).status == "completed"


def test_form_beside_the_model_is_checked_with_it_and_deployed_as_ours(world: Any) -> None:
    model = CAMUNDA.replace('id="ask"', 'id="ask" camunda:formRef="why"')
    form = {"id": "why", "components": [{"type": "textfield", "key": "reason", "validate": {"required": True}}]}
    files = {"m.bpmn": model, "why.form": json.dumps(form)}
    checked = world.run("adm", lambda tx: deployments.check(tx, files))
    done = world.run("adm", lambda tx: deployments.deploy(tx, files))
    told = {(one.element_id, one.rule, one.severity) for one in checked}
    assert ("ask", "doctor.form", "info") in told
    assert told == {(one.element_id, one.rule, one.severity) for one in done.findings}
    stored = world.run("adm", lambda tx: deployments.sources(tx, "demo")).files
    assert sorted(stored) == ["m.bpmn", "why.json"]
    assert 'form="demo.why"' in stored["m.bpmn"]
    assert json.loads(stored["why.json"])["schema"]["required"] == ["reason"]
