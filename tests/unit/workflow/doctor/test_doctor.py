"""The import doctor: models as Camunda, Flowable, Signavio, bpmn.io and SpiffWorkflow export them."""

import re

import pytest

from engine.kernel.errors import NotFound
from engine.workflow import Engine, doctor, gate
from engine.workflow.bpmn.compiler import load
from engine.workflow.bpmn.findings import Finding, has_errors

HEAD = (
    '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t" id="d" '
    'xmlns:camunda="http://camunda.org/schema/1.0/bpmn" xmlns:flowable="http://flowable.org/bpmn" '
    'xmlns:spiffworkflow="http://spiffworkflow.org/bpmn/schema/1.0/core" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" '
    'xmlns:di="http://www.omg.org/spec/DD/20100524/DI">'
)


def document(body: str, *, more: str = "", executable: str = ' isExecutable="true"') -> str:
    return f'{HEAD}{more}<process id="p"{executable}>{body}</process></definitions>'


def rules(findings: tuple[Finding, ...], severity: str) -> list[tuple[str, str]]:
    return [(one.element_id, one.rule) for one in findings if one.severity == severity]


def flow(source: str, target: str, condition: str = "", name: str = "") -> str:
    body = f'<conditionExpression xsi:type="tFormalExpression">{condition}</conditionExpression>' if condition else ""
    head = f'<sequenceFlow id="{source}_{target}" name="{name}" sourceRef="{source}" targetRef="{target}">'
    return f"{head}{body}</sequenceFlow>"


def test_model_without_anything_to_do_comes_back_byte_by_byte() -> None:
    source = document('<startEvent id="s"/>  <endEvent id="e"/>' + flow("s", "e"))
    assert doctor.treat(source) == (source, ())


def test_our_own_process_settings_need_no_id() -> None:
    settings = (
        '<extensionElements><school:process xmlns:school="https://schoolflow.example/bpmn" principal="process:p"/>'
        "</extensionElements>"
    )
    source = document(settings + '<startEvent id="s"/>  <endEvent id="e"/>' + flow("s", "e"))
    assert doctor.treat(source) == (source, ())


def test_unmarked_processes_are_marked_executable() -> None:
    text, log = doctor.treat(document('<task id="t"/>', executable=' isExecutable="false"'))
    assert load(text).model.processes[0].executable
    assert rules(log, "info") == [("p", "doctor.executable")]


def test_pool_without_steps_becomes_a_black_box() -> None:
    pools = (
        '<collaboration id="c"><participant id="a" processRef="p"/><participant id="b" name="客户" processRef="q"/>'
        '<participant id="x" processRef="nowhere"/></collaboration><process id="q"/>'
    )
    model = load(doctor.treat(document('<task id="t"/>', more=pools))[0]).model
    assert [(one.id, one.process) for one in model.participants] == [("a", "p"), ("b", None), ("x", None)]
    assert [one.id for one in model.processes] == ["p"]


def test_data_store_reference_without_a_store_gets_one() -> None:
    text, log = doctor.treat(document('<dataStoreReference id="r" name="学员库"/><task id="t"/>'))
    assert load(text).model.data_stores == {"store_r": "学员库"}
    assert rules(log, "info") == [("r", "doctor.data_store")]


@pytest.mark.parametrize(
    ("foreign", "feel"),
    [
        ("${amount &gt; 100 &amp;&amp; !vip}", "amount > 100 and (vip != true)"),
        ("#{empty name or kind eq 'a'}", '(name = null or name = "" or name = []) or kind = "a"'),
        ("x == 'a' and not y", 'x = "a" and (y != true)'),
        ("${execution.getVariable('k') != null}", "k != null"),
        ("x in ['a', 'b']", 'list contains(["a", "b"], x)'),
        ("${list.size() % 2 == 0}", "modulo(count(list), 2) = 0"),
        ("data['k'][0] == 3", "data.k[1] = 3"),
        ("${vip ? a : b}", "if vip then a else b"),
        ("x is None or y is not None", "x = null or y != null"),
        ("getDataObject('x') = true()", "x = true"),
        ("next(null, this.environment.variables.x &lt;= 5)", "x <= 5"),
        ("environment.variables.x.y == 2", "x.y = 2"),
        (
            'test.contains("a")',
            '(if test instance of list<Any> then list contains(test, "a") else contains(test, "a"))',
        ),
    ],
)
def test_foreign_condition_is_said_in_feel(foreign: str, feel: str) -> None:
    text, log = doctor.treat(document('<task id="a"/><task id="b"/>' + flow("a", "b", foreign)))
    condition = load(text).model.processes[0].flows["a_b"].condition
    assert condition is not None
    assert condition.text == feel
    assert rules(log, "info") == [("a_b", "doctor.expression")]


def test_call_of_a_bean_is_left_for_a_person() -> None:
    text, log = doctor.treat(document('<task id="a"/><task id="b"/>' + flow("a", "b", "${bean.check(order)}")))
    assert "${bean.check(order)}" in text
    assert rules(log, "error") == [("a_b", "doctor.expression_unknown")]


@pytest.mark.parametrize(
    ("tag", "written", "read"),
    [
        ("timeDuration", "2 小时", "PT2H"),
        ("timeDuration", "1 day 2 hours", "P1DT2H"),
        ("timeDuration", "timedelta(minutes=5)", "PT5M"),
        ("timeDuration", "PT15M", "PT15M"),
        ("timeDuration", "wait_for", "wait_for"),
        ("timeCycle", "每 30 分钟", "R/PT30M"),
        ("timeDate", "${due}", "due"),
        ("timeDuration", "'PT1H'", '"PT1H"'),
    ],
)
def test_timer_texts_are_said_in_iso_or_feel(tag: str, written: str, read: str) -> None:
    event = f'<intermediateCatchEvent id="c"><timerEventDefinition><{tag}>{written}</{tag}></timerEventDefinition>'
    text, _ = doctor.treat(document(event + "</intermediateCatchEvent>"))
    timer = load(text).model.processes[0].nodes["c"].events[0].timer
    assert timer is not None
    assert timer.expression.text == read


def test_user_task_of_camunda_becomes_ours() -> None:
    body = (
        '<startEvent id="s" camunda:initiator="boss"/><userTask id="u" camunda:formKey="check" '
        'camunda:assignee="${boss}" camunda:candidateGroups="sales, ops" camunda:dueDate="${due_at}"/>' + flow("s", "u")
    )
    text, log = doctor.treat(document(body))
    task = load(text).model.processes[0].nodes["u"].task
    assert task is not None
    assert (task.form, task.due) == ("check", "=due_at")
    assert [one.rule for one in task.assignees] == ["starter", "group:sales", "group:ops"]
    assert ("u", "doctor.user_task") in rules(log, "info")


def test_service_task_that_computes_becomes_a_script() -> None:
    body = '<serviceTask id="t" camunda:expression="${a + b}" camunda:resultVariable="total"/>'
    engine = Engine()
    engine.deploy(document(body))
    assert engine.start("p", {"a": 2, "b": 3}).variables["total"] == 5


def test_mail_task_of_flowable_sends_by_the_email_channel() -> None:
    body = (
        '<serviceTask id="t" flowable:type="mail"><extensionElements><flowable:field name="to" stringValue="a@b.cn"/>'
        '<flowable:field name="subject"><flowable:expression>Order ${n}</flowable:expression></flowable:field>'
        "</extensionElements></serviceTask>"
    )
    send = load(doctor.treat(document(body))[0]).model.processes[0].nodes["t"].send
    assert send is not None
    assert (send.connector, send.to) == ("email", "a@b.cn")
    assert [(one.name, one.value) for one in send.inputs] == [("subject", '="Order " + string(n)')]


def test_spiff_script_and_decision_are_understood() -> None:
    body = (
        '<scriptTask id="t"><script>net = price * 2\ngross = net + 1</script></scriptTask><businessRuleTask id="r">'
        "<extensionElements><spiffworkflow:calledDecisionId>levels</spiffworkflow:calledDecisionId></extensionElements>"
        "</businessRuleTask>" + flow("t", "r")
    )
    text, _ = doctor.treat(document(body))
    nodes = load(text).model.processes[0].nodes
    assert nodes["t"].script == "{net: price * 2, gross: net + 1}"
    assert nodes["r"].decision is not None
    assert nodes["r"].decision.ref == "levels"


def test_program_code_and_listeners_are_reported() -> None:
    body = (
        '<serviceTask id="t" camunda:class="com.example.Pay" camunda:asyncBefore="true"><extensionElements>'
        '<camunda:executionListener class="L" event="start"/></extensionElements></serviceTask>'
    )
    found = doctor.examine(document(body)).findings
    assert rules(found, "warning") == [("t", "doctor.foreign_code"), ("t", "doctor.foreign_listener")]
    assert rules(found, "error") == [("t", "work.unbound")]


def test_examining_twice_changes_nothing_more() -> None:
    body = '<userTask id="u" camunda:assignee="${x}"/><task id="b"/>' + flow("u", "b", "${y == 1}")
    once = doctor.examine(document(body, executable="")).xml
    assert doctor.examine(once).xml == once


DRAWN = (
    '<startEvent id="s"/><exclusiveGateway id="g" name="要退费吗"/><task id="a" name="退费"/><task id="b" name="转班"/>'
    + flow("s", "g") + flow("g", "a", name="退") + flow("g", "b")
)  # fmt: skip
SHAPES = (
    '<bpmndi:BPMNDiagram id="di"><bpmndi:BPMNPlane id="pl" bpmnElement="p"><bpmndi:BPMNShape id="g_di" bpmnElement="g">'
    '<dc:Bounds x="200" y="100" width="50" height="50"/></bpmndi:BPMNShape><bpmndi:BPMNEdge id="s_g_di" '
    'bpmnElement="s_g"><di:waypoint x="100" y="125"/><di:waypoint x="200" y="125"/></bpmndi:BPMNEdge>'
    "</bpmndi:BPMNPlane></bpmndi:BPMNDiagram></definitions>"
)


def test_gateway_without_conditions_asks_a_person_when_accepted() -> None:
    source = document(DRAWN).replace("</definitions>", SHAPES)
    assert [fix.id for fix in doctor.examine(source).fixes] == ["gateway.person:g"]
    text = doctor.apply(source, ["gateway.person:g"])
    assert 'bpmnElement="choose_g"' in text
    library = load(text)
    assert not has_errors((*library.findings, *gate.check(library, gate.Surroundings())))
    engine = Engine()
    engine.deploy(text)
    instance = engine.start("p")
    assert instance.active == ["choose_g"]
    instance.complete("choose_g", outcome="转班")
    assert instance.trace()[-1] == "b"


def test_user_task_before_the_gateway_gets_the_outcomes() -> None:
    source = document(DRAWN.replace("startEvent", "userTask"))
    text = doctor.apply(source, ["gateway.person:g"])
    task = load(text).model.processes[0].nodes["s"].task
    assert task is not None
    assert [one.name for one in task.outcomes] == ["退", "转班"]


def test_single_way_without_condition_can_become_the_default() -> None:
    source = document(DRAWN + flow("g", "s", "x = 1"))
    body = source.replace('<sequenceFlow id="g_b" name="" sourceRef="g" targetRef="b"></sequenceFlow>', "")
    assert [fix.id for fix in doctor.examine(body).fixes] == ["gateway.default:g", "node.remove:b", "flows.remove:s"]
    assert load(doctor.apply(body, ["gateway.default:g"])).model.processes[0].nodes["g"].default_flow == "g_a"


def test_dangling_flow_and_missing_message_are_offered() -> None:
    source = document('<receiveTask id="r" messageRef="gone"/>' + flow("r", "nowhere"))
    assert [fix.id for fix in doctor.examine(source).fixes] == ["flow.remove:r_nowhere", "reference.create:r"]
    text = doctor.apply(source, ["flow.remove:r_nowhere", "reference.create:r"])
    library = load(text)
    assert library.findings == ()
    assert library.model.messages["gone"].name == "gone"


def test_unknown_fix_is_refused() -> None:
    with pytest.raises(NotFound):
        doctor.apply(document('<task id="t"/>'), ["gateway.person:t"])


def test_accepted_condition_is_typed_with_the_document_s_own_prefix() -> None:
    plain = document(
        '<startEvent id="s"/><userTask id="a"/><exclusiveGateway id="g"/><endEvent id="x"/><endEvent id="y"/>'
        + flow("s", "a")
        + flow("a", "g")
        + flow("g", "x", name="yes")
        + flow("g", "y", name="no")
    )
    prefixed = re.sub(r"(</?)(?=\w)", r"\1bpmn:", plain).replace('xmlns="', 'xmlns:bpmn="', 1)
    assert 'type="tFormalExpression"' in doctor.apply(plain, ["gateway.person:g"])
    assert 'type="bpmn:tFormalExpression"' in doctor.apply(prefixed, ["gateway.person:g"])


def test_todo_list_names_what_blocks_deployment() -> None:
    body = (
        '<serviceTask id="a" implementation="##WebService"/><callActivity id="b"/><task id="c">'
        '<multiInstanceLoopCharacteristics/></task><intermediateCatchEvent id="t"><timerEventDefinition/>'
        "</intermediateCatchEvent>" + flow("a", "b") + flow("b", "c") + flow("c", "t")
    )
    found = rules(doctor.examine(document(body)).findings, "error")
    assert ("a", "work.unbound") in found
    assert ("b", "work.call_missing") in found
    assert ("c", "work.multi_missing") in found
    assert ("t", "work.timer_missing") in found
