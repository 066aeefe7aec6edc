"""Approvals of Chinese office products on Flowable: what happens without people, in time, by which buttons."""

from engine.workflow import Engine, doctor
from engine.workflow.bpmn.compiler import load
from engine.workflow.bpmn.findings import has_errors
from engine.workflow.bpmn.model import Node
from tests.unit.workflow.doctor.test_dialects import written

SETTINGS = (
    "<flowable:candidateStrategy><![CDATA[36]]></flowable:candidateStrategy><flowable:candidateParam/>"
    "<flowable:assignEmptyHandlerType><![CDATA[1]]></flowable:assignEmptyHandlerType><flowable:assignEmptyUserIds/>"
    "<flowable:assignStartUserHandlerType>3</flowable:assignStartUserHandlerType>"
    "<flowable:rejectHandlerType>2</flowable:rejectHandlerType><flowable:rejectReturnTaskId>s</flowable:rejectReturnTaskId>"
    "<flowable:approveType>1</flowable:approveType><flowable:reasonRequire>true</flowable:reasonRequire>"
    '<flowable:buttonsSetting id="1" enable="true" displayName="同意"/><flowable:buttonsSetting id="2" enable="true" '
    'displayName="拒绝"/><flowable:buttonsSetting id="3" enable="true" displayName="转办"/>'
    '<flowable:buttonsSetting id="5" enable="false" displayName="加签"/>'
    "<flowable:signEnable>false</flowable:signEnable>"
)
LATE = (
    '<boundaryEvent id="late" attachedToRef="t"><extensionElements><flowable:boundaryEventType>1'
    "</flowable:boundaryEventType><flowable:timeoutHandlerType>2</flowable:timeoutHandlerType></extensionElements>"
    "<timerEventDefinition><timeDuration>P2D</timeDuration></timerEventDefinition></boundaryEvent>"
)


def task(settings: str, inner: str = "", more: str = "") -> tuple[Node, dict[str, str]]:
    """The node `t`, and what was said by rule in Chinese."""
    body = f'<userTask id="t" name="审批"><extensionElements>{settings}</extensionElements>{inner}</userTask>{more}'
    text, log = doctor.treat(written(body))
    return load(text).model.processes[0].nodes["t"], {one.rule: one.text.zh for one in log}


def test_approval_keeps_who_stands_in_which_buttons_and_the_reason() -> None:
    node, said = task(SETTINGS, more=LATE)
    found = node.task
    assert found is not None
    assert [one.rule for one in found.assignees] == ["starter"]
    assert (found.empty, found.self_approval) == ("skip", "superior")
    assert found.operations == ("claim", "withdraw", "urge", "save", "return", "transfer")
    assert [(one.name, one.label_zh, one.comment) for one in found.outcomes] == [("approve", "同意", "required")]
    assert [(one.after, one.action) for one in found.reminders] == [("P2D", "approve")]
    assert said["doctor.office_untaken"] == "“审批”在那边拒绝后自动退回到 s，这里不会"
    assert "doctor.foreign_ignored" not in said


def test_approval_that_approves_by_itself_is_passed() -> None:
    auto = "<flowable:approveType>2</flowable:approveType><flowable:candidateStrategy>35</flowable:candidateStrategy>"
    engine = Engine()
    source = written(
        '<startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="t"/>'
        f'<userTask id="t"><extensionElements>{auto}</extensionElements></userTask>'
    )
    assert not has_errors(engine.check(source, in_school=True))
    engine.deploy(source)
    case = engine.start()
    assert (case.status, case.trace()) == ("completed", ["s", "t"])


def test_approval_in_order_takes_its_people_not_the_number_one() -> None:
    loop = (
        '<multiInstanceLoopCharacteristics isSequential="true" flowable:collection="${coll_userList}">'
        "<loopCardinality>1</loopCardinality><completionCondition>${ nrOfCompletedInstances &gt;= nrOfInstances }"
        "</completionCondition></multiInstanceLoopCharacteristics>"
    )
    who = (
        "<flowable:candidateStrategy>30</flowable:candidateStrategy><flowable:candidateParam>li,wang"
        "</flowable:candidateParam><flowable:approveMethod>4</flowable:approveMethod>"
    )
    engine = Engine()
    engine.deploy(written(f'<userTask id="t"><extensionElements>{who}</extensionElements>{loop}</userTask>'))
    case = engine.start()
    seen = []
    while case.tasks:
        seen.append(case.tasks[0].local["assignee"])
        case.complete(case.tasks[0])
    assert (seen, case.status) == (["li", "wang"], "completed")


def test_connectors_and_agents_of_camunda_8_that_listen_or_choose_are_told() -> None:
    space = 'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
    inbound = '<zeebe:property name="inbound.type" value="io.camunda:webhook:1"/>'
    agent = '<zeebe:taskDefinition type="agent"/><zeebe:adHoc outputCollection="r" outputElement="=x"/>'
    body = (
        f'<startEvent id="s"><extensionElements {space}><zeebe:properties>{inbound}</zeebe:properties>'
        f'</extensionElements></startEvent><adHocSubProcess id="a"><extensionElements {space}>{agent}'
        '</extensionElements><userTask id="t"/></adHocSubProcess><sequenceFlow id="f" sourceRef="s" targetRef="a"/>'
    )
    told = {one.element_id: one.text.en for one in doctor.treat(written(body))[1] if one.severity == "warning"}
    assert told == {
        "s": "s was triggered by the connector io.camunda:webhook:1 there; here it waits for the message",
        "a": "a: the program agent chose its steps and gathered their results there; here people choose",
    }


def test_fields_in_the_model_are_the_form_where_another_one_is_named_that_is_not_ours() -> None:
    text, _ = doctor.treat(
        written(
            '<userTask id="t" flowable:formKey="12"><extensionElements><flowable:formProperty id="why" type="string"/>'
            "</extensionElements></userTask>"
        )
    )
    assert 'form="p.t"' in text
    assert list(doctor.forms_of(text, {})) == ["t.json"]
