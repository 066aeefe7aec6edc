"""Words of other tools that the import doctor puts into ours, one small model each."""

from html import unescape

import pytest

from engine.workflow import Engine, doctor
from engine.workflow.bpmn.compiler import load
from engine.workflow.bpmn.model import Node
from engine.workflow.bpmn.program import Program
from engine.workflow.doctor.foreign_expressions import to_feel

SPACES = {
    "camunda": "http://camunda.org/schema/1.0/bpmn",
    "operaton": "http://operaton.org/schema/1.0/bpmn",
    "flowable": "http://flowable.org/bpmn",
    "spiffworkflow": "http://spiffworkflow.org/bpmn/schema/1.0/core",
}


def written(body: str) -> str:
    """A document of one process."""
    spaces = " ".join(f'xmlns:{name}="{space}"' for name, space in SPACES.items())
    model = "http://www.omg.org/spec/BPMN/20100524/MODEL"
    head = f'<definitions xmlns="{model}" {spaces} id="d" targetNamespace="urn:t">'
    return f'{head}<process id="p" isExecutable="true">{body}</process></definitions>'


def treated(body: str) -> tuple[Node, set[tuple[str, str]]]:
    """The node `t` after the treatment, and the rules that spoke with their severity."""
    text, log = doctor.treat(written(body))
    return load(text).model.processes[0].nodes["t"], {(one.rule, one.severity) for one in log}


@pytest.mark.parametrize(
    ("role", "text", "rules"),
    [
        ("potentialOwner", "user(li), group(finance)", ["user:li", "group:finance"]),
        ("potentialOwner", "managers", ["group:managers"]),
        ("humanPerformer", "li", ["user:li"]),
        ("performer", "${owner}", ["=owner"]),
        ("humanPerformer", "=starter_of(case)", ["=starter_of(case)"]),
    ],
)
def test_performers_of_the_standard_become_rules(role: str, text: str, rules: list[str]) -> None:
    inner = f"<resourceAssignmentExpression><formalExpression>{text}</formalExpression></resourceAssignmentExpression>"
    node, log = treated(f'<userTask id="t"><{role}>{inner}</{role}></userTask>')
    assert node.task is not None
    assert [one.rule for one in node.task.assignees] == rules
    assert ("doctor.people", "info") in log


def test_task_with_people_of_its_own_keeps_them() -> None:
    owner = "<potentialOwner><resourceAssignmentExpression><formalExpression>x</formalExpression>"
    body = f'<userTask id="t" camunda:assignee="li">{owner}</resourceAssignmentExpression></potentialOwner></userTask>'
    node, _ = treated(body)
    assert node.task is not None
    assert [one.rule for one in node.task.assignees] == ["user:li"]


def test_operaton_is_read_like_camunda() -> None:
    node, log = treated('<serviceTask id="t" operaton:type="external" operaton:topic="charge"/>')
    assert node.job is not None
    assert node.job.type == "charge"
    assert ("doctor.foreign_read", "info") in log


def test_initiator_of_flowable_is_the_starter() -> None:
    node, _ = treated('<userTask id="t" flowable:assignee="$INITIATOR"/>')
    assert node.task is not None
    assert [one.rule for one in node.task.assignees] == ["starter"]


def test_lists_maps_and_scripts_of_parameters_become_feel() -> None:
    inner = (
        '<camunda:inputParameter name="m"><camunda:map><camunda:entry key="k">${x}</camunda:entry>'
        '<camunda:entry key="l"><camunda:list><camunda:value>1</camunda:value></camunda:list></camunda:entry>'
        '</camunda:map></camunda:inputParameter><camunda:inputParameter name="s"><camunda:script scriptFormat="groovy">'
        "x + 1</camunda:script></camunda:inputParameter>"
    )
    holder = f"<extensionElements><camunda:inputOutput>{inner}</camunda:inputOutput></extensionElements>"
    node, log = treated(f'<serviceTask id="t" camunda:topic="a">{holder}</serviceTask>')
    assert [(one.name, one.value) for one in node.mapped_in] == [("m", '={"k": x, "l": ["1"]}'), ("s", "=x + 1")]
    assert ("doctor.parameter", "info") in log


def test_script_parameter_nobody_can_say_in_feel_is_a_warning() -> None:
    inner = (
        '<camunda:inputParameter name="s"><camunda:script scriptFormat="groovy">new Date()</camunda:script>'
        "</camunda:inputParameter>"
    )
    holder = f"<extensionElements><camunda:inputOutput>{inner}</camunda:inputOutput></extensionElements>"
    _, log = treated(f'<serviceTask id="t" camunda:topic="a">{holder}</serviceTask>')
    assert ("doctor.parameter_unknown", "warning") in log


@pytest.mark.parametrize(
    ("space", "cron", "kept"),
    [
        ("camunda", "0 0/5 * * * ?", "0 0/5 * * * ?"),
        ("camunda", "0 0 9 ? * 2-6", "0 0 9 ? * 2-6"),
        ("zeebe", "0 0 9 ? * 1-5", "0 0 9 * * 1-5"),
        ("zeebe", "0 0 9 ? * MON", "0 0 9 ? * MON"),
    ],
)
def test_cron_stays_and_its_weekdays_are_those_of_its_tool(space: str, cron: str, kept: str) -> None:
    timer = f"<timerEventDefinition><timeCycle>{cron}</timeCycle></timerEventDefinition>"
    body = written(f'<startEvent id="t">{timer}</startEvent>')
    if space == "zeebe":
        body = body.replace("<definitions ", '<definitions xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" ')
    text, log = doctor.treat(body)
    node = load(text).model.processes[0].nodes["t"]
    assert node.events[0].timer is not None
    assert node.events[0].timer.expression.text == kept
    assert not [one for one in log if one.severity == "error"]


@pytest.mark.parametrize(
    ("language", "foreign", "feel"),
    [
        ("http://www.w3.org/1999/XPath", "getDataObject('x') = 5", "x = 5"),
        ("http://www.w3.org/1999/XPath", "bpmn:getDataInput('order')/lines/total &gt; 3", "order.lines.total > 3"),
        ("http://www.w3.org/1999/XPath", "string-length(name) &gt; 3", "string length(name) > 3"),
        ("http://www.w3.org/1999/XPath", "count(lines) &gt; 3 and not(late)", None),
        ("", "getLoopCounter('t') &lt; 3", "loopCounter < 3"),
        ("", "${environment.output.done}", "done"),
        ("groovy", 'execution.getVariable("x") &gt; 3', "x > 3"),
        ("http://www.mvel.org/2.0", "return approved == true;", "approved = true"),
        ("http://www.java.com/java", "return !approved;", "(approved != true)"),
        ("javascript", "a.startsWith('b')", 'starts with(a, "b")'),
    ],
)
def test_condition_in_another_language_is_said_in_feel(language: str, foreign: str, feel: str | None) -> None:
    way = f'<conditionExpression language="{language}">{foreign}</conditionExpression>'
    body = f'<task id="t"/><task id="u"/><sequenceFlow id="f" sourceRef="t" targetRef="u">{way}</sequenceFlow>'
    text, _ = doctor.treat(written(body))
    condition = load(text).model.processes[0].flows["f"].condition
    assert condition is not None
    assert (condition.text, condition.language) == ((feel, None) if feel else (unescape(foreign), language))


def test_condition_nobody_can_say_in_feel_names_its_language_as_the_reason() -> None:
    way = '<conditionExpression language="groovy">new Date()?.time &gt; x</conditionExpression>'
    body = f'<task id="t"/><task id="u"/><sequenceFlow id="f" sourceRef="t" targetRef="u">{way}</sequenceFlow>'
    assert ("doctor.expression_unknown", "error") in treated(body)[1]


def test_business_key_of_a_call_has_no_effect_and_no_error() -> None:
    inner = '<extensionElements><camunda:in businessKey="#{execution.processBusinessKey}"/></extensionElements>'
    _, log = treated(f'<callActivity id="t" calledElement="q">{inner}</callActivity>')
    assert not [one for one in log if one[1] == "error"]


def test_operator_of_spiffworkflow_waits_as_a_job_with_its_parameters() -> None:
    operator = (
        '<spiffworkflow:serviceTaskOperator id="http/Get" resultVariable="r"><spiffworkflow:parameters>'
        '<spiffworkflow:parameter id="url" value="&quot;x&quot;"/></spiffworkflow:parameters>'
        "</spiffworkflow:serviceTaskOperator>"
    )
    engine = Engine()
    engine.deploy(written(f'<serviceTask id="t"><extensionElements>{operator}</extensionElements></serviceTask>'))
    case = engine.start("p")
    assert [(job.type, dict(job.inputs)["url"]) for job in case.jobs] == [("http/Get", "x")]
    case.complete_job("t", {"status": 200})
    assert case.status == "completed"


def test_declared_variables_of_a_script_become_entries() -> None:
    script = '<script>var x = 1; execution.setVariable("y", x + 1);</script>'
    engine = Engine()
    engine.deploy(written(f'<scriptTask id="t" scriptFormat="javascript">{script}</scriptTask>'))
    assert {name: str(value) for name, value in engine.start("p").variables.items()} == {"x": "1", "y": "2"}


def test_treated_program_compiles_without_errors() -> None:
    text, _ = doctor.treat(written('<serviceTask id="t" operaton:topic="a"/>'))
    program: Program = load(text).programs["p"]
    assert program.ops["t"].action_name == "a"


JBPM = """
<bpmn2:definitions xmlns:bpmn2="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:drools="http://www.jboss.org/drools"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d" exporter="jBPM Process Modeler" targetNamespace="t">
  <bpmn2:process id="order" drools:packageName="org.acme" isExecutable="true">
    <bpmn2:property id="approved" name="approved"/>
    <bpmn2:startEvent id="s"/>
    <bpmn2:userTask id="review" name="Review">
      <bpmn2:ioSpecification><bpmn2:dataInput id="in_task" name="TaskName"/>
        <bpmn2:dataInput id="in_group" name="GroupId"/><bpmn2:dataInput id="in_note" name="Comment"/>
        <bpmn2:inputSet><bpmn2:dataInputRefs>in_task</bpmn2:dataInputRefs>
        <bpmn2:dataInputRefs>in_group</bpmn2:dataInputRefs><bpmn2:dataInputRefs>in_note</bpmn2:dataInputRefs>
        </bpmn2:inputSet><bpmn2:outputSet/></bpmn2:ioSpecification>
      %s
    </bpmn2:userTask>
    <bpmn2:exclusiveGateway id="g" default="no"/><bpmn2:endEvent id="yes_end"/><bpmn2:endEvent id="no_end"/>
    <bpmn2:sequenceFlow id="f1" sourceRef="s" targetRef="review"/>
    <bpmn2:sequenceFlow id="f2" sourceRef="review" targetRef="g"/>
    <bpmn2:sequenceFlow id="yes" sourceRef="g" targetRef="yes_end"><bpmn2:conditionExpression
      language="http://www.java.com/java">return KieFunctions.isTrue(approved);</bpmn2:conditionExpression>
      </bpmn2:sequenceFlow>
    <bpmn2:sequenceFlow id="no" sourceRef="g" targetRef="no_end"/>
  </bpmn2:process>
</bpmn2:definitions>
"""


def fixed_input(target: str, text: str) -> str:
    return (
        f"<bpmn2:dataInputAssociation><bpmn2:targetRef>{target}</bpmn2:targetRef><bpmn2:assignment><bpmn2:from>"
        f"<![CDATA[{text}]]></bpmn2:from><bpmn2:to><![CDATA[{target}]]></bpmn2:to></bpmn2:assignment>"
        "</bpmn2:dataInputAssociation>"
    )


def test_jbpm_task_takes_its_fixed_inputs_as_texts_and_its_group_as_a_rule() -> None:
    given = fixed_input("in_task", "Task form!") + fixed_input("in_group", "managers") + fixed_input("in_note", "")
    engine = Engine()
    assert not [one for one in engine.check(JBPM % given) if one.severity == "error"]
    library = engine.deploy(JBPM % given)
    task = library.model.processes[0].nodes["review"].task
    assert task is not None
    assert [one.rule for one in task.assignees] == ["group:managers"]
    case = engine.start()
    case.complete("review", {"approved": True})
    assert case.trace()[-1] == "yes_end"


def test_ids_that_are_no_names_are_renamed_with_everything_that_means_them() -> None:
    source = (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t"><process id="流程 一" '
        'isExecutable="true"><startEvent id="开始"/><userTask id="审批:a/b" default="l 2"><incoming>l1</incoming>'
        '<outgoing>l 2</outgoing></userTask><endEvent id="完"/>'
        '<sequenceFlow id="l1" sourceRef="开始" targetRef="审批:a/b"/>'
        '<sequenceFlow id="l 2" name="审批:a/b" sourceRef="审批:a/b" targetRef="完"/></process></definitions>'
    )
    engine = Engine()
    assert [one.rule for one in engine.check(source) if one.severity != "info" and one.rule != "people.nobody"] == []
    engine.deploy(source)
    case = engine.start("流程_一")
    case.complete("审批_a_b")
    assert (case.status, case.trace()) == ("completed", ["开始", "审批_a_b", "完"])


def test_steps_and_flows_without_ids_get_some() -> None:
    source = (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t">'
        '<process isExecutable="true"><startEvent id="s"/><userTask id="t"/><sequenceFlow sourceRef="s" targetRef="t"/>'
        "</process></definitions>"
    )
    text, log = doctor.treat(source)
    assert [(one.rule, one.severity) for one in log] == [("doctor.id", "warning"), ("doctor.id", "info")]
    process = load(text).model.processes[0]
    assert (process.id, list(process.flows)) == ("process", ["sequenceFlow"])


def test_elements_named_like_known_attributes_are_not_called_understood() -> None:
    source = (
        '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:flowable="http://flowable.org/bpmn" '
        'targetNamespace="t"><process id="p" isExecutable="true"><userTask id="t"><extensionElements>'
        '<flowable:assignee type="user" value="112359" text="管理员"/></extensionElements></userTask></process>'
        "</definitions>"
    )
    told = {(one.rule, one.text.en) for one in doctor.examine(source).findings if one.rule.startswith("doctor.")}
    assert told == {("doctor.foreign_ignored", "t: flowable:assignee has no effect here")}


def test_script_of_another_language_is_named_once() -> None:
    body = '<scriptTask id="t" scriptFormat="groovy"><script>def r = new Random()\nr.next()</script></scriptTask>'
    rules = [one.rule for one in Engine().check(written(body), in_school=True) if one.severity == "error"]
    assert rules == ["doctor.expression_unknown"]


@pytest.mark.parametrize(
    ("foreign", "feel"),
    [
        ("${vars:getOrDefault(days, 3) > 2}", "(if days = null then 3 else days) > 2"),
        ("${variables:eq('kind', 'sick') && var:get(n) == 1}", '(kind = "sick") and n = 1'),
        ("${var:exists(note)}", "(note != null)"),
        ("${vars:containsAny(tags, 'a')}", None),
        ("${status.toString() == 'A'}", 'string(status) = "A"'),
        ("return KieFunctions.isFalse(approved);", "(approved = false)"),
        ("return KieFunctions.between(n, 1, 5);", "(n between 1 and 5)"),
        ("return KieFunctions.soundsLike(a);", None),
    ],
)
def test_functions_of_other_engines_are_translated_where_feel_has_the_like(foreign: str, feel: str | None) -> None:
    assert to_feel(foreign) == feel


@pytest.mark.parametrize("name", ["initiator", "INITIATOR", "applyUser"])
def test_variable_that_designers_fill_with_the_starter_is_the_starter(name: str) -> None:
    node, _ = treated(f'<userTask id="t" flowable:assignee="${{{name}}}"/>')
    assert node.task is not None
    assert [one.rule for one in node.task.assignees] == ["starter"]
    declared, _ = treated(
        f'<startEvent id="s" flowable:initiator="boss"/><userTask id="t" flowable:assignee="${{{name}}}"/>'
    )
    assert declared.task is not None
    assert [one.rule for one in declared.task.assignees] == [f"={name}"]


def test_names_of_events_are_computed_in_feel() -> None:
    model = "http://www.omg.org/spec/BPMN/20100524/MODEL"
    roots = '<message id="m" name="order-${region}"/><error id="x" errorCode="#{code}"/><signal id="g" name="${f(x)}"/>'
    text, log = doctor.treat(f'<definitions xmlns="{model}" id="d" targetNamespace="urn:t">{roots}</definitions>')
    found = load(text).model
    assert (found.messages["m"].name, found.errors["x"].code) == ('="order-" + string(region)', "=code")
    assert found.signals["g"].name == "${f(x)}"
    assert [one.element_id for one in log if one.rule == "doctor.event_name"] == ["m", "x"]


@pytest.mark.parametrize(
    ("language", "script", "feel"),
    [
        ("java", 'System.out.println("Total: " + kcontext.getVariable("total"));', "{}"),
        ("groovy", 'println "begun"\nnet = 2 * price', "{net: 2 * price}"),
        ("javascript", "// only a note", "{}"),
        ("javascript", "console.log(n += 1)", None),
    ],
)
def test_script_that_only_prints_changes_nothing(language: str, script: str, feel: str | None) -> None:
    text, log = doctor.treat(
        written(f'<scriptTask id="t" scriptFormat="{language}"><script>{script}</script></scriptTask>')
    )
    assert load(text).model.processes[0].nodes["t"].script == (feel or script)
    assert [one.rule for one in log] == ["doctor.expression" if feel else "doctor.expression_unknown"]


def test_items_counted_from_zero_are_counted_from_one() -> None:
    """Table 8.20: loopCounter is n in the n-th instance; Camunda 7 and Flowable begin with 0."""
    many = (
        "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality>"
        "<completionCondition>${loopCounter == 1}</completionCondition></multiInstanceLoopCharacteristics>"
    )
    way = "<conditionExpression>${loopCounter &gt; 1}</conditionExpression>"
    script = "<script>seen = loopCounter + ' loopCounter'</script>"
    inside = f'<task id="a"/><task id="b"/><sequenceFlow id="f" sourceRef="a" targetRef="b">{way}</sequenceFlow>'
    body = (
        f'<subProcess id="s">{many}{inside}<scriptTask id="t" scriptFormat="groovy">{script}</scriptTask></subProcess>'
    )
    outside = f'<task id="c"/><sequenceFlow id="g" sourceRef="s" targetRef="c">{way}</sequenceFlow>'
    text, log = doctor.treat(written(body + outside))
    process = load(text).model.processes[0]
    conditions = [one.condition.text for one in process.flows.values() if one.condition is not None]
    assert sorted(conditions) == ["(loopCounter - 1) > 1", "loopCounter > 1"]
    assert process.nodes["s"].multi is not None
    assert process.nodes["s"].multi.completion is not None
    assert process.nodes["s"].multi.completion.text == "(loopCounter - 1) = 1"
    assert process.nodes["t"].script == '{seen: (loopCounter - 1) + " loopCounter"}'
    assert [one.rule for one in log].count("doctor.counter") == 3
    assert doctor.treat(text)[1] == ()
    given = '<extensionElements><camunda:in source="loopCounter" target="place"/></extensionElements>'
    text, _ = doctor.treat(written(f'<callActivity id="k" calledElement="q">{given}{many}</callActivity>'))
    call = load(text).model.processes[0].nodes["k"].call
    assert call is not None
    assert [(one.name, one.value) for one in call.inputs] == [("place", "=(loopCounter - 1)")]
    camunda_8 = written(body).replace(
        "<definitions ", '<definitions xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" '
    )
    assert "loopCounter - 1" not in doctor.treat(camunda_8)[0]
