"""People named for later tasks: by the starter, then by each handler."""

import re
from collections.abc import Callable

import pytest

from engine.kernel.actor import SYSTEM
from engine.workflow import deployments
from tests.integration.webapp.api.school import School
from tests.integration.webapp.pages.visitor import Visitor
from webapp.screens.studio import blank_process

Visit = Callable[[str], Visitor]
_HANDLE = '<school:task><school:assignee rule="starter" /></school:task>'
_CHOSEN = '<school:task><school:assignee rule="starter_chooses" /></school:task>'
_NEXT = """<bpmn:userTask id="check" name="复核"><bpmn:extensionElements>
 <school:task><school:assignee rule="previous_chooses" /></school:task></bpmn:extensionElements></bpmn:userTask>
 <bpmn:sequenceFlow id="handle_to_check" sourceRef="handle" targetRef="check" />
 <bpmn:sequenceFlow id="check_to_ended" sourceRef="check" targetRef="ended" />"""


@pytest.fixture(scope="module")
def process(school: School) -> str:
    """Two tasks: the first by whom the starter names, the second by whom the first one's handler names."""
    text = blank_process.source("借用教室", "borrow_room").replace(_HANDLE, _CHOSEN)
    text = re.sub(r"<bpmn:(incoming|outgoing)>.*?</bpmn:\1>", "", text)
    flow = '<bpmn:sequenceFlow id="handle_to_ended" sourceRef="handle" targetRef="ended" />'
    text = re.sub(r'<bpmndi:BPMNEdge id="handle_to_ended_edge".*?</bpmndi:BPMNEdge>', "", text, flags=re.S)
    sources = {"borrow_room.bpmn": text.replace(flow, _NEXT)}
    school.platform.boundary.run(SYSTEM, lambda tx: deployments.deploy(tx, sources, name="借用教室"))
    return "borrow_room"


def test_people_named_at_start_and_at_completion_get_the_tasks(school: School, visit: Visit, process: str) -> None:
    manager = visit("hq_manager")
    assert "“处理”的处理人" in manager.get(f"/start/{process}")
    first, second = (str(school.actor(name)) for name in ("east_academic", "east_finance"))
    manager.post(f"/start/{process}", **{"choose-handle": first})
    task = school.person("east_academic").task("handle")
    page = visit("east_academic").get(f"/inbox/{task['id']}")
    assert "“复核”的处理人" in page
    visit("east_academic").post(f"/inbox/{task['id']}", outcome="done", **{"choose-check": second})
    assert school.person("east_finance").task("check")["name"] == "复核"
