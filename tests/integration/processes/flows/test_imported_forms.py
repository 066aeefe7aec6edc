"""A model of another tool with form fields in it is deployed with forms of ours, which people fill in."""

import pytest

from engine.kernel.errors import UserError
from engine.workflow import deployments, instances, tasks
from tests.integration.processes.flows.conftest import School

TRIP = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t"
 xmlns:camunda="http://camunda.org/schema/1.0/bpmn"><process id="Imported_Trip" isExecutable="true"><startEvent id="s"/>
 <userTask id="Ask" camunda:assignee="admin"><extensionElements><camunda:formData>
  <camunda:formField id="totalCosts" label="Costs" type="long"><camunda:validation>
   <camunda:constraint name="required"/></camunda:validation></camunda:formField>
  <camunda:formField id="away" label="Abroad" type="boolean"/></camunda:formData></extensionElements></userTask>
 <exclusiveGateway id="g" default="low"/><userTask id="check" camunda:assignee="admin"/><endEvent id="e"/>
 <sequenceFlow id="a" sourceRef="s" targetRef="Ask"/><sequenceFlow id="b" sourceRef="Ask" targetRef="g"/>
 <sequenceFlow id="high" sourceRef="g" targetRef="check"><conditionExpression>${totalCosts &gt; 100 &amp;&amp; away}
 </conditionExpression></sequenceFlow><sequenceFlow id="low" sourceRef="g" targetRef="e"/>
 <sequenceFlow id="c" sourceRef="check" targetRef="e"/></process></definitions>"""


def test_fields_of_an_imported_model_are_asked_checked_and_decide(school: School) -> None:
    sources = {"trip.bpmn": TRIP}
    assert not [
        one for one in school.run(lambda tx: deployments.check(tx, sources), "admin") if one.severity == "error"
    ]
    school.run(lambda tx: deployments.deploy(tx, sources), "admin")
    stored = school.run(lambda tx: deployments.sources(tx, "Imported_Trip"), "admin")
    assert set(stored.files) == {"trip.bpmn", "ask.json"}
    case = school.run(lambda tx: instances.start(tx, "Imported_Trip"), "admin")

    def open_task() -> tasks.TaskRow:
        found = school.run(lambda tx: tasks.inbox(tx, tasks.InboxQuery("todo", process_key="Imported_Trip")), "admin")
        (row,) = (one for one in found.items if one.instance_id == case)
        return row

    asked = open_task()
    with pytest.raises(UserError) as error:
        school.run(lambda tx: tasks.complete(tx, asked.id, values={"away": True}), "admin")
    assert "totalCosts" in error.value.fields
    school.run(lambda tx: tasks.complete(tx, asked.id, values={"totalCosts": 500, "away": True}), "admin")
    assert open_task().node_id == "check"
