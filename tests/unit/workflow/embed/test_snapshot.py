"""The whole engine as one blob, decisions, checks and the short ways to drive an instance."""

from datetime import timedelta
from pathlib import Path

import pytest

from engine.workflow import DmnError, Engine, StateError
from tests.unit.workflow.dmn.models import data, decision, definitions, text
from tests.unit.workflow.driver import document, documents, flows, run

MESSAGE = '<message id="m" name="go"/>'
CALL = documents(
    MESSAGE,
    '<process id="p" isExecutable="true"><callActivity id="c" calledElement="q"/><userTask id="after"/>'
    + flows("c -> after")
    + "</process>",
    '<process id="q" isExecutable="true"><userTask id="u"/></process>',
    '<process id="r" isExecutable="true"><startEvent id="s"><messageEventDefinition messageRef="m"/></startEvent>'
    '<userTask id="v"/>' + flows("s -> v") + "</process>",
)
DECISIONS = definitions(
    data("n", "number"),
    decision("double", text("n * 2"), name="Twice", requires=("i_n",)),
    '<businessKnowledgeModel id="k" name="plus"><encapsulatedLogic><formalParameter name="a"/>'
    f'<formalParameter name="b"/>{text("a + b")}</encapsulatedLogic></businessKnowledgeModel>',
)
RULE_TASK = document(
    '<businessRuleTask id="b"><extensionElements><school:decision ref="Twice" result="twice"/></extensionElements>'
    "</businessRuleTask>"
)


def test_called_instances_go_on_in_the_engine_of_a_snapshot() -> None:
    engine, case = run(CALL)
    copy = Engine.from_snapshot(engine.snapshot())
    again = copy.instances[case.id]
    assert [child.process for child in again.children] == ["q"]
    again.children[0].complete("u")
    assert (again.active, case.active) == (["after"], ["c"])


def test_kept_messages_planned_starts_and_the_clock_are_in_a_snapshot() -> None:
    timer = "<timerEventDefinition><timeCycle>R3/PT1H</timeCycle></timerEventDefinition>"
    engine = Engine()
    engine.deploy(document(f'<startEvent id="s">{timer}</startEvent><userTask id="t"/>' + flows("s -> t")))
    assert engine.advance_time(timedelta(minutes=90)) == 1
    assert not engine.correlate("later", {"n": 1}, message_id="one")
    copy = Engine.from_snapshot(engine.snapshot())
    assert (copy.now, [item.name for item in copy.kept]) == (engine.now, ["later"])
    assert copy.advance_time(timedelta(hours=5)) == 2
    assert copy.correlate("later", message_id="one")


def test_bytes_that_are_no_snapshot_are_refused() -> None:
    engine, case = run(document('<userTask id="t"/>'))
    for blob in (b"", b"nonsense", engine.save(case), engine.snapshot()[:-5]):
        with pytest.raises(StateError):
            Engine.from_snapshot(blob)


def test_business_rule_task_asks_the_deployed_decision() -> None:
    engine = Engine()
    engine.deploy_decisions(DECISIONS)
    engine.deploy(RULE_TASK)
    assert str(engine.start(variables={"n": 21}).variables["twice"]) == "42"
    copy = Engine.from_snapshot(engine.snapshot())
    assert str(copy.start(variables={"n": 4}).variables["twice"]) == "8"


def test_decisions_and_knowledge_models_are_asked_by_id_or_name() -> None:
    engine = Engine()
    engine.deploy_decisions(DECISIONS)
    answers = [engine.evaluate(name, {"n": 3}).value for name in ("double", "Twice")]
    assert [str(value) for value in answers] == ["6", "6"]
    assert str(engine.evaluate("plus", {"a": 1, "b": 2}).value) == "3"
    with pytest.raises(DmnError):
        engine.evaluate("nothing")


def test_unknown_decision_is_an_incident_that_a_deployment_mends() -> None:
    engine = Engine()
    engine.deploy(RULE_TASK)
    case = engine.start(variables={"n": 1})
    assert [item.code for item in case.incidents] == ["decision.none"]
    engine.deploy_decisions(DECISIONS)
    case.retry("b")
    assert (case.status, str(case.variables["twice"])) == ("completed", "2")


def test_skipped_incident_goes_on_with_the_values_given() -> None:
    engine = Engine()
    engine.deploy(RULE_TASK)
    case = engine.start(variables={"n": 1})
    case.skip("b", "no table yet", twice=7)
    assert (case.status, str(case.variables["twice"])) == ("completed", "7")
    with pytest.raises(KeyError):
        case.retry("b")


def test_check_says_errors_first_and_deploys_nothing(tmp_path: Path) -> None:
    model = tmp_path / "model.bpmn"
    model.write_text(
        document('<startEvent id="s"/><endEvent id="e"><cancelEventDefinition/></endEvent>' + flows("s -> e"))
    )
    engine = Engine()
    found = engine.check(model)
    assert (found[0].element_id, found[0].rule) == ("e", "events.cancel_outside")
    assert engine.programs == {}
    assert engine.deploy(model).programs.keys() == {"p"}


def test_work_that_waits_for_the_embedder_is_no_error() -> None:
    tasks = '<serviceTask id="pay"/><businessRuleTask id="rate"/><scriptTask id="note"/><userTask id="sign"/>'
    source = document(f'<startEvent id="s"/>{tasks}<endEvent id="e"/>' + flows("s -> pay -> rate -> note -> sign -> e"))
    found = Engine(functions={"pay": lambda inputs: None}).check(source)
    assert [(one.element_id, one.severity) for one in found] == [("rate", "warning"), ("note", "warning")]
    assert [one.rule for one in Engine().check(source) if one.element_id == "pay"] == ["work.unbound"]
    strict = [(one.element_id, one.severity) for one in Engine().check(source, in_school=True)]
    assert strict == [("pay", "error"), ("rate", "error"), ("note", "error"), ("sign", "warning")]


def test_activities_of_an_adhoc_subprocess_are_begun_and_finished_by_name() -> None:
    _, case = run(document('<adHocSubProcess id="h"><userTask id="a"/><userTask id="b"/></adHocSubProcess>'))
    case.begin("b")
    assert [task.element for task in case.tasks] == ["b"]
    case.complete("b")
    case.finish("h")
    assert case.status == "completed"
    for call in (case.begin, case.finish):
        with pytest.raises(KeyError):
            call("h")


def test_escalation_from_a_task_lets_it_go_on() -> None:
    body = (
        '<userTask id="t"/><boundaryEvent id="b" attachedToRef="t" cancelActivity="false">'
        '<escalationEventDefinition escalationRef="x"/></boundaryEvent><userTask id="u"/>' + flows("b -> u")
    )
    _, case = run(document(body, '<escalation id="x" escalationCode="slow"/>'))
    case.throw_escalation("t", "slow")
    assert sorted(task.element for task in case.tasks) == ["t", "u"]


def test_start_takes_the_first_executable_process() -> None:
    engine = Engine()
    engine.deploy(
        documents(
            '<globalUserTask id="g"/>',
            '<process id="a" isExecutable="false"><userTask id="x"/></process>',
            '<process id="b" isExecutable="true"><userTask id="y"/></process>',
        )
    )
    assert engine.start().process == "b"
    assert engine.start("g").process == "g"
