"""Models of jBPM's designer and Kogito: what user tasks are given by inputs of fixed names, scripts in Java, rules."""

from engine.workflow import Engine, doctor
from engine.workflow.bpmn.compiler import load
from engine.workflow.bpmn.findings import has_errors
from engine.workflow.doctor.scripts import script_to_feel

_FIXED = {
    "TaskName": "Look",
    "Skippable": "true",
    "Priority": "7",
    "Comment": "Visa of #{who.name}",
    "GroupId": "managers",
    "NotCompletedReassign": "[users:li|groups:sales]@[4h]",
    "NotStartedNotify": "[]@[]",
}
_INPUTS = "".join(f'<dataInput id="in_{name}" name="{name}"/>' for name in _FIXED)
_GIVEN = "".join(
    f"<dataInputAssociation><targetRef>in_{name}</targetRef><assignment><from><![CDATA[{text}]]></from>"
    f"<to><![CDATA[in_{name}]]></to></assignment></dataInputAssociation>"
    for name, text in _FIXED.items()
)
_META = '<drools:metaData name="{}"><drools:metaValue><![CDATA[{}]]></drools:metaValue></drools:metaData>'
MODEL = f"""
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:drools="http://www.jboss.org/drools" id="d"
 targetNamespace="t"><itemDefinition id="who_item" structureRef="org.acme.Person"/>
<process id="p" drools:packageName="org.acme" drools:adHoc="false" isExecutable="true" processType="Public">
<property id="who" itemSubjectRef="who_item" name="who"/><property id="answer" name="answer"/>
<startEvent id="s"/><scriptTask id="init" scriptFormat="http://www.java.com/java"><script>Answer answer = new Answer();
kcontext.setVariable("answer", answer); List&lt;String> names = new java.util.ArrayList&lt;>();</script></scriptTask>
<userTask id="t" name="Look"><extensionElements>{_META.format("customSLADueDate", "P2D")}
{_META.format("elementname", "Look")}</extensionElements><ioSpecification>{_INPUTS}
<dataInput id="in_who" name="person"/><dataOutput id="out" name="result"/><inputSet/><outputSet/></ioSpecification>
{_GIVEN}<dataInputAssociation><sourceRef>who</sourceRef><targetRef>in_who</targetRef></dataInputAssociation>
<dataOutputAssociation><sourceRef>out</sourceRef><targetRef>answer</targetRef></dataOutputAssociation></userTask>
<businessRuleTask id="r" drools:ruleFlowGroup="approvals" implementation="http://www.jboss.org/drools/rule"/>
<callActivity id="c" name="Ship" drools:waitForCompletion="false" calledElement="ship"/><endEvent id="e"/>
<sequenceFlow id="f1" sourceRef="s" targetRef="init"/><sequenceFlow id="f2" sourceRef="init" targetRef="t"/>
<sequenceFlow id="f3" sourceRef="t" targetRef="r"/><sequenceFlow id="f4" sourceRef="r" targetRef="c"/>
<sequenceFlow id="f5" sourceRef="c" targetRef="e"/></process></definitions>
"""


def test_user_task_of_jbpm_keeps_its_people_due_date_priority_and_subject() -> None:
    node = load(doctor.treat(MODEL)[0]).model.processes[0].nodes["t"]
    assert node.task is not None
    assert [one.rule for one in node.task.assignees] == ["group:managers"]
    assert (node.task.due, node.task.priority, node.title) == ("P2D", "7", '="Visa of " + string(who.name)')
    told = {(one.element_id, one.rule): one.text.en for one in doctor.treat(MODEL)[1] if one.severity == "warning"}
    assert told == {
        ("t", "doctor.deadline"): (
            "Look: who is told or takes over when it is late has no effect here "
            "(NotCompletedReassign [users:li|groups:sales]@[4h])"
        ),
        ("r", "doctor.foreign_code"): "r was done by program code there (approvals)",
        ("c", "doctor.call_awaited"): "Ship did not wait for the process it calls there; here it does",
    }


def test_model_of_jbpm_runs_once_its_rules_are_done_by_a_person() -> None:
    mended, fixes = doctor.mend(MODEL)
    assert fixes == ("work.person:r",)
    engine = Engine()
    assert not has_errors(engine.check(mended, in_school=True))
    engine.deploy(mended)
    engine.deploy('<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process id="ship"/></definitions>')
    case = engine.start("p", {"who": {"name": "Li"}})
    assert (case.variables["answer"], case.variables["names"]) == ({}, [])
    (task,) = case.tasks
    assert task.local["person"] == {"name": "Li"}
    case.complete("t", {"result": {"approved": True}})
    assert case.variables["answer"] == {"approved": True}
    case.complete("r")
    assert case.status == "completed"


def test_script_of_java_that_only_makes_and_keeps_objects_is_said() -> None:
    assert script_to_feel("Order o = new org.acme.Order();") == "{o: {}}"
    assert script_to_feel('x = 1; kcontext.setVariable("x", x);') == "{x: 1}"
    assert script_to_feel('x = 1; kcontext.setVariable("x", y);') is None
    assert script_to_feel("o = new Order(5);") is None
    made = script_to_feel('o = new Order(); o.setFirstName(who.getName()); o.setDays(2); kcontext.setVariable("o", o);')
    assert made == '{o: context put(context put({}, "firstName", who.name), "days", 2)}'
    assert script_to_feel("o.setDays(o.getDays() + 1);") == '{o: context put(o, "days", o.days + 1)}'
    assert script_to_feel("o.setDays(Math.abs(2));") is None


def test_inputs_in_feel_stay_expressions_whatever_namespaces_a_tool_declares() -> None:
    spoken = MODEL.replace(
        "<definitions ", '<definitions expressionLanguage="https://www.omg.org/spec/DMN/20191111/FEEL/" '
    )
    text, log = doctor.treat(spoken.replace("<![CDATA[Look]]></from>", "who.name</from>"))
    assert ">who.name</from>" in text
    assert not [one for one in log if one.rule == "doctor.fixed_inputs"]
