"""What other engines do by themselves, or by program code, is taken over, said, or may be left out."""

import pytest

from engine.workflow import Engine, doctor
from engine.workflow.bpmn.findings import has_errors
from engine.workflow.doctor.foreign_expressions import to_feel
from engine.workflow.gate import Surroundings
from tests.unit.workflow.doctor.test_dialects import treated, written

ZEEBE = 'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'


def extended(tag: str, inner: str, attributes: str = "") -> str:
    """A node `t` with extension elements."""
    return f'<{tag} id="t" name="T" {attributes}><extensionElements>{inner}</extensionElements></{tag}>'


def texts(body: str, rule: str) -> list[str]:
    """What one rule of the doctor says, in English."""
    return [one.text.en for one in doctor.examine(written(body)).findings if one.rule == f"doctor.{rule}"]


def test_connector_of_camunda_7_waits_as_a_job_with_its_parameters() -> None:
    inner = (
        "<camunda:connector><camunda:connectorId>http-connector</camunda:connectorId><camunda:inputOutput>"
        '<camunda:inputParameter name="url">https://x.example/${id}</camunda:inputParameter><camunda:inputParameter '
        'name="headers"><camunda:map><camunda:entry key="Accept">json</camunda:entry></camunda:map>'
        '</camunda:inputParameter><camunda:outputParameter name="found">${response.a}</camunda:outputParameter>'
        "</camunda:inputOutput></camunda:connector>"
    )
    engine = Engine()
    source = written(extended("serviceTask", inner))
    assert not has_errors(engine.check(source, in_school=True))
    engine.deploy(source)
    case = engine.start(None, {"id": 7})
    (job,) = case.jobs
    assert (job.type, dict(job.inputs)) == (
        "http-connector",
        {"url": "https://x.example/7", "headers": {"Accept": "json"}},
    )
    case.complete_job("t", {"response": {"a": "yes"}})
    assert case.variables["found"] == "yes"
    assert texts(extended("serviceTask", inner), "foreign_connector") == [
        "T was done by the engine's own http-connector; here it waits for a program that fetches it"
    ]


def test_task_that_an_engine_does_by_its_type_waits_as_a_job_with_its_fields() -> None:
    inner = (
        '<flowable:field name="requestMethod"><flowable:string>GET</flowable:string></flowable:field>'
        '<flowable:field name="requestUrl"><flowable:expression>http://x/${n}</flowable:expression></flowable:field>'
    )
    engine = Engine()
    engine.deploy(written(extended("serviceTask", inner, 'flowable:type="http"')))
    (job,) = engine.start(None, {"n": 3}).jobs
    assert (job.type, dict(job.inputs)) == ("http", {"requestMethod": "GET", "requestUrl": "http://x/3"})


def test_headers_of_an_element_template_go_to_the_worker() -> None:
    inner = (
        f'<zeebe:taskDefinition {ZEEBE} type="io.camunda:http-json:1"/><zeebe:taskHeaders {ZEEBE}>'
        '<zeebe:header key="resultVariable" value="r"/></zeebe:taskHeaders>'
    )
    engine = Engine()
    engine.deploy(written(extended("serviceTask", inner)))
    (job,) = engine.start().jobs
    assert dict(job.inputs) == {"headers": {"resultVariable": "r"}}


def test_listeners_are_said_with_event_and_what_they_ran() -> None:
    inner = (
        '<camunda:taskListener event="create" class="org.acme.Notify"/><camunda:executionListener event="end">'
        f'<camunda:script scriptFormat="groovy">x = 1</camunda:script></camunda:executionListener><zeebe:taskListeners '
        f'{ZEEBE}><zeebe:taskListener eventType="assigning" type="tell"/></zeebe:taskListeners>'
    )
    assert texts(extended("userTask", inner), "foreign_listener") == [
        "T: its listeners do not run here (create: org.acme.Notify; end: x = 1; assigning: tell)"
    ]
    assert texts(extended("userTask", inner), "foreign_ignored") == []


def test_scripts_around_a_step_are_said() -> None:
    inner = "<spiffworkflow:preScript>a = 1</spiffworkflow:preScript>"
    assert texts(extended("userTask", inner), "foreign_script") == ["T: the script before it does not run here (a = 1)"]


def test_scripts_around_a_step_become_steps_when_accepted() -> None:
    inner = (
        '<spiffworkflow:preScript>topic = f"order {n}"</spiffworkflow:preScript>'
        "<spiffworkflow:postScript>n = n + 1\ndel(topic)</spiffworkflow:postScript>"
    )
    task = extended("userTask", inner).replace("</userTask>", "<incoming>f</incoming><outgoing>g</outgoing></userTask>")
    body = (
        f'<startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="t"/>{task}<endEvent id="e">'
        '<incoming>g</incoming></endEvent><sequenceFlow id="g" sourceRef="t" targetRef="e"/>'
    )
    (fix,) = doctor.examine(written(body)).fixes
    assert (fix.id, fix.text.en) == (
        "script.step:t",
        'Script tasks beside T: {topic: ("order " + string(n))}; {n: n + 1, topic: null}',
    )
    mended = doctor.apply(written(body), [fix.id])
    assert not [one for one in Engine().check(mended) if one.severity == "error" or one.rule == "flow.listed_wrongly"]
    engine = Engine()
    engine.deploy(mended)
    case = engine.start(None, {"n": 3})
    assert case.variables["topic"] == "order 3"
    case.complete("t")
    assert (case.trace(), case.variables["n"], case.variables["topic"]) == (
        ["s", "before_t", "t", "after_t", "e"],
        4,
        None,
    )


def test_script_of_a_step_that_repeats_stays_for_a_person() -> None:
    loop = "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
    task = extended("userTask", "<spiffworkflow:preScript>a = 1</spiffworkflow:preScript>")
    body = (
        f'<startEvent id="s"/><sequenceFlow id="f" sourceRef="s" targetRef="t"/>{task.replace("</userTask>", loop)}'
        '</userTask><endEvent id="e"/><sequenceFlow id="g" sourceRef="t" targetRef="e"/>'
    )
    assert doctor.examine(written(body)).fixes == ()


def test_items_of_flowable_give_a_list_and_know_their_number() -> None:
    gathered = (
        '<flowable:variableAggregation target="reviews"><variable source="grade"/><variable source="i" target="place"/>'
        "</flowable:variableAggregation>"
    )
    loop = (
        '<multiInstanceLoopCharacteristics isSequential="true" flowable:collection="${people}" '
        'flowable:elementVariable="who" flowable:elementIndexVariable="i">'
        f"<extensionElements>{gathered}</extensionElements>"
        "</multiInstanceLoopCharacteristics>"
    )
    engine = Engine()
    engine.deploy(written(f'<userTask id="t" flowable:assignee="${{who}}">{loop}</userTask>'))
    case = engine.start(None, {"people": ["li", "wang"]})
    for grade in ("A", "B"):
        case.complete(case.tasks[0], {"grade": grade})
    assert case.variables["reviews"] == [{"grade": "A", "place": 0}, {"grade": "B", "place": 1}]


def test_service_task_of_flowable_that_asks_a_decision_is_a_rule_task() -> None:
    inner = '<flowable:field name="decisionTableReferenceKey"><flowable:string>level</flowable:string></flowable:field>'
    node, log = treated(extended("serviceTask", inner, 'flowable:type="dmn"'))
    assert node.decision is not None
    assert (node.kind.value, node.decision.ref) == ("businessRuleTask", "level")
    assert log == {("doctor.decision", "info")}


def test_business_key_of_a_called_case_is_told_unless_it_is_the_caller_s() -> None:
    body = extended("callActivity", '<camunda:in businessKey="{}"/>', 'calledElement="q"')
    own = "#{execution.processBusinessKey}"
    assert texts(body.replace("{}", own), "business_key") == []
    assert texts(body.replace("{}", "${order.id}"), "business_key") == [
        "T gives the called case the business key ${order.id}; cases have none here"
    ]


def test_content_of_a_message_and_answers_of_spiffarena_go_where_they_say() -> None:
    message = (
        '<message id="m" name="go"><extensionElements><spiffworkflow:messagePayload>{{"a": x, "n": {}}}'
        "</spiffworkflow:messagePayload></extensionElements></message><process"
    )
    answer = extended("userTask", "<spiffworkflow:variableName>form</spiffworkflow:variableName>")
    body = f'{answer}<sendTask id="u" messageRef="m"/><sequenceFlow id="f" sourceRef="t" targetRef="u"/>'
    engine = Engine()
    engine.deploy(written(body).replace("<process", message.format('{"k": 1}')))
    case = engine.start(None, {"x": 4})
    case.complete("t", {"why": "so"})
    assert case.variables["form"]["why"] == "so"
    assert [(one.name, one.payload) for one in engine.sent] == [("go", {"a": 4, "n": {"k": 1}})]
    found = doctor.examine(written(body).replace("<process", message.format("load()"))).findings
    assert [one.element_id for one in found if one.rule == "doctor.message_content"] == ["u"]


def test_people_only_program_code_could_tell_may_be_left_out() -> None:
    body = '<userTask id="t" camunda:assignee="#{svc.find(id)}" camunda:candidateGroups="HR team"/>'
    source = written(body)
    errors = [(one.rule, one.text.en) for one in Engine().check(source, in_school=True) if one.severity == "error"]
    told = "assignee was worked out by program code there and can't be translated: #{svc.find(id)}"
    assert errors == [("doctor.expression_unknown", told)]
    mended, fixes = doctor.mend(source)
    assert fixes == ("setting.remove:t",)
    assert not has_errors(Engine().check(mended, in_school=True))
    node, _ = treated(body)
    assert node.task is not None
    assert [one.rule for one in node.task.assignees] == ["group:HR_team"]


def test_list_only_program_code_could_tell_leaves_the_step_done_once() -> None:
    loop = '<multiInstanceLoopCharacteristics camunda:collection="${svc.all()}" camunda:elementVariable="one"/>'
    mended, fixes = doctor.mend(written(f'<userTask id="t">{loop}</userTask>'))
    assert fixes == ("repeat.remove:t",)
    assert not has_errors(Engine().check(mended, in_school=True))


def test_parameter_only_program_code_could_tell_may_be_left_out() -> None:
    inner = '<camunda:inputOutput><camunda:inputParameter name="a">${svc.x()}</camunda:inputParameter>'
    mended, fixes = doctor.mend(written(extended("userTask", f"{inner}</camunda:inputOutput>")))
    assert fixes == ("setting.remove:t",)
    assert not has_errors(Engine().check(mended, in_school=True))


def test_resource_of_the_model_is_a_group() -> None:
    source = written('<userTask id="t"><performer><resourceRef>r</resourceRef></performer></userTask>').replace(
        "<process", '<resource id="r" name="Hiring manager"/><process'
    )
    text, _ = doctor.treat(source)
    assert 'rule="group:Hiring_manager"' in text


def test_people_and_forms_that_are_not_here_may_be_left_out() -> None:
    body = (
        '<userTask id="t" camunda:formKey="embedded:app:forms/x.html" camunda:candidateGroups="clerks,boss" '
        'camunda:assignee="li"/>'
    )
    school = Surroundings(forms={}, groups=frozenset({"boss"}), users=frozenset())
    found = doctor.examine(written(body), school)
    assert {one.rule for one in found.findings if one.severity == "error"} == {
        "people.unknown",
        "reference.form_unknown",
    }
    assert [one.id for one in found.fixes] == ["people.remove:t", "form.remove:t"]
    mended = doctor.apply(written(body), [one.id for one in found.fixes], school)
    assert not has_errors(doctor.examine(mended, school).findings)
    assert mended.count("<school:assignee") == 1
    assert 'rule="group:boss"' in mended


@pytest.mark.parametrize(
    ("foreign", "feel"),
    [
        ("${now()}", "now()"),
        ("${dateTime().plusDays(2).toDate()}", '(now() + duration("P2D"))'),
        ("${dateTime().minusHours(n)}", '(now() - duration("PT" + string(n) + "H"))'),
        ("${clock.now()}", None),
    ],
)
def test_dates_of_camunda_are_said_in_feel(foreign: str, feel: str | None) -> None:
    assert to_feel(foreign) == feel


def test_process_to_call_may_be_computed() -> None:
    engine = Engine()
    engine.deploy(written('<callActivity id="t" calledElement="${kind}"/>'))
    engine.deploy(written('<userTask id="u"/>').replace('process id="p"', 'process id="q"'))
    case = engine.start("p", {"kind": "q"})
    (child,) = case.children
    child.complete("u")
    assert (child.process, case.status) == ("q", "completed")
    stopped = engine.start("p", {"kind": 5})
    assert [(one.element, one.code) for one in stopped.incidents] == [("t", "name.none")]
    assert [one.rule for one in Engine().check(written('<callActivity id="t" calledElement="${a.b()}"/>'))][:1] == [
        "doctor.expression_unknown"
    ]


FLOW = '<sequenceFlow id="f" sourceRef="s" targetRef="t"/>'
WORK_ITEM = """
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:drools="http://www.jboss.org/drools"
  targetNamespace="t"><process id="p" isExecutable="true"><property id="who" name="who"/>
  <task id="t" name="Find" drools:taskName="Rest"><extensionElements><drools:onExit-script
    scriptFormat="http://www.java.com/java"><drools:script>kcontext.setVariable("a", 1);</drools:script>
    </drools:onExit-script></extensionElements>
    <ioSpecification><dataInput id="in_url" name="Url"/><dataInput id="in_who" name="username"/><dataOutput id="out"
      name="Result"/><inputSet><dataInputRefs>in_url</dataInputRefs><dataInputRefs>in_who</dataInputRefs></inputSet>
      <outputSet><dataOutputRefs>out</dataOutputRefs></outputSet></ioSpecification>
    <dataInputAssociation><targetRef>in_url</targetRef><assignment><from>/users</from><to>in_url</to></assignment>
    </dataInputAssociation><dataInputAssociation><sourceRef>who</sourceRef><targetRef>in_who</targetRef>
    </dataInputAssociation><dataOutputAssociation><sourceRef>out</sourceRef><targetRef>who</targetRef>
    </dataOutputAssociation></task>
  <serviceTask id="u" name="Audit" drools:serviceinterface="org.acme.Audit" drools:serviceoperation="run"/>
  <sequenceFlow id="f" sourceRef="t" targetRef="u"/></process></definitions>
"""


def test_work_item_of_jbpm_waits_as_a_job_with_its_data() -> None:
    found = {(one.element_id, one.rule): one.text.en for one in doctor.examine(WORK_ITEM).findings}
    assert found["t", "doctor.foreign_script"] == (
        'Find: the script after it does not run here (kcontext.setVariable("a", 1);)'
    )
    assert found["u", "doctor.foreign_code"] == "Audit was done by program code there (org.acme.Audit.run)"
    engine = Engine()
    engine.deploy(WORK_ITEM)
    case = engine.start(None, {"who": "li"})
    (job,) = case.jobs
    assert (job.type, job.inputs["Url"], job.inputs["username"]) == ("Rest", "/users", "li")
    case.complete_job(job, {"Result": "Li Ming"})
    assert case.variables["who"] == "Li Ming"


def test_context_of_jbpm_and_casts_of_java_are_read() -> None:
    assert to_feel('return (Boolean) kcontext.getVariable("ok") == true;') == "ok = true"
    body = (
        '<scriptTask id="t" scriptFormat="http://www.java.com/java"><script>kcontext.setVariable("n", x + 1);</script>'
    )
    engine = Engine()
    engine.deploy(written(f"{body}</scriptTask>"))
    assert engine.start(None, {"x": 2}).variables["n"] == 3


@pytest.mark.parametrize(
    ("foreign", "feel"),
    [
        ('return "yes".equalsIgnoreCase(suspended);', '(lower case("yes") = lower case(suspended))'),
        ("return !driver.isValidLicense();", "(driver.validLicense != true)"),
        ("${order.getCustomer().name == 'Li'}", 'order.customer.name = "Li"'),
    ],
)
def test_getters_of_java_are_entries(foreign: str, feel: str) -> None:
    assert to_feel(foreign) == feel


def test_shape_of_a_decision_s_result_is_told_where_it_differs() -> None:
    body = '<businessRuleTask id="t" camunda:decisionRef="d" camunda:resultVariable="r" {}/>'
    assert texts(body.format(""), "result_shape") == [
        "t: its result r was a list of rows there; here it is the decision's value"
    ]
    assert texts(body.format('camunda:mapDecisionResult="singleEntry"'), "result_shape") == []


def test_decision_that_jbpm_names_by_an_input_is_asked() -> None:
    rule = (
        '<businessRuleTask id="t" implementation="http://www.jboss.org/drools/dmn"><ioSpecification><dataInput id="i" '
        'name="decision"/><inputSet><dataInputRefs>i</dataInputRefs></inputSet><outputSet/></ioSpecification>'
        "<dataInputAssociation><targetRef>i</targetRef><assignment><from>Fine</from><to>i</to></assignment>"
        "</dataInputAssociation></businessRuleTask>"
    )
    source = written(rule).replace("<definitions ", '<definitions xmlns:drools="http://www.jboss.org/drools" ')
    assert 'ref="Fine"' in doctor.treat(source)[0]


def test_event_type_of_flowable_is_a_message_with_keys_and_values() -> None:
    inner = (
        "<flowable:eventType>paid</flowable:eventType>"
        '<flowable:eventOutParameter source="amount" target="sum"/>'
        '<flowable:eventCorrelationParameter name="order" value="${order}"/>'
    )
    engine = Engine()
    source = written(
        f'<startEvent id="s"/>{extended("intermediateCatchEvent", inner)}'
        '<sequenceFlow id="f" sourceRef="s" targetRef="t"/>'
    )
    assert not has_errors(engine.check(source))
    engine.deploy(source)
    first, second = engine.start(None, {"order": "A"}), engine.start(None, {"order": "B"})
    assert engine.correlate("paid", {"amount": 9, "note": "x"}, keys={"order": "B"})
    assert (first.status, second.status) == ("running", "completed")
    assert (second.variables["sum"], "note" in second.variables) == (9, False)


def test_message_event_that_a_worker_sends_is_a_job() -> None:
    event = '<messageEventDefinition camunda:type="external" camunda:topic="notify"/>'
    engine = Engine()
    engine.deploy(written(f'<startEvent id="s"/><endEvent id="t">{event}</endEvent>{FLOW}'))
    case = engine.start()
    assert [job.type for job in case.jobs] == ["notify"]
    case.complete_job("t")
    assert case.status == "completed"


def test_signal_takes_the_variables_along_that_it_names() -> None:
    given = '<extensionElements><camunda:in source="a" target="b"/></extensionElements>'
    event = f'<endEvent id="t"><signalEventDefinition signalRef="g">{given}</signalEventDefinition></endEvent>'
    source = written(f'<startEvent id="s"/>{event}{FLOW}')
    engine = Engine()
    engine.deploy(source.replace("<process", '<signal id="g" name="alarm"/><process'))
    engine.start(None, {"a": 4, "c": 5})
    assert [(one.name, one.payload) for one in engine.sent] == [("alarm", {"b": 4})]


def test_words_of_spiffarena_are_kept_or_said() -> None:
    inner = (
        "<spiffworkflow:instructionsForEndUser>## Read\nthis</spiffworkflow:instructionsForEndUser>"
        '<spiffworkflow:properties><spiffworkflow:property name="formJsonSchemaFilename" value="ask.json"/>'
        "</spiffworkflow:properties>"
    )
    body = extended("userTask", inner)
    assert texts(body, "instructions") == ["T: what people are told there is not shown here (## Read this)"]
    assert texts(body, "form_elsewhere") == ["The form of T is in a file of its own, ask.json, not in the model"]
    message = '<message id="m" name="go"><extensionElements><spiffworkflow:messageVariable>request'
    source = written(
        '<startEvent id="s"><messageEventDefinition messageRef="m"/></startEvent><userTask id="t"/>'
    ).replace("<process", f"{message}</spiffworkflow:messageVariable></extensionElements></message><process")
    engine = Engine()
    engine.deploy(source.replace("</process>", '<sequenceFlow id="f" sourceRef="s" targetRef="t"/></process>'))
    engine.correlate("go", {"a": 1})
    (case,) = engine.instances.values()
    assert case.variables == {"request": {"a": 1}}
