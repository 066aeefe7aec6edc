"""Script tasks of other languages: run by the embedder's functions, said in FEEL, or refused; never evaluated here."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from engine.workflow import BpmnError, Engine
from tests.unit.workflow.driver import CheckedEngine, document, documents, flows

ERROR = '<error id="err" errorCode="bad"/>'


def script(identity: str, text: str, language: str | None, more: str = "") -> str:
    named = f' scriptFormat="{language}"' if language is not None else ""
    return f'<scriptTask id="{identity}"{named} {more}><script>{text}</script></scriptTask>'


def add(text: str, inputs: Mapping[str, Any]) -> Any:
    """A language of additions: `total += amount`."""
    found = re.fullmatch(r"(\w+) \+= (\w+)", text)
    if found is None:
        raise BpmnError("bad", f"no addition: {text}")
    return {found[1]: inputs.get(found[1], 0) + inputs[found[2]]}


def test_script_of_a_registered_format_is_run_by_its_function() -> None:
    engine = CheckedEngine(scripts={"Adding": add})
    library = engine.deploy(document(script("t", "total += amount", "adding") + script("u", "{n: 1}", None)))
    assert library.findings == ()
    instance = engine.start(variables={"amount": 3, "total": 4})
    assert (instance.status, instance.variables) == ("completed", {"amount": 3, "total": 7, "n": 1})


def test_function_for_scripts_without_a_format_gets_their_text() -> None:
    seen: list[str] = []
    engine = CheckedEngine(scripts={"": lambda text, inputs: seen.append(text)})
    engine.deploy(document(script("t", "CREATE_LOG", None) + script("u", "{n: 1}", "feel") + flows("t -> u")))
    assert (engine.start().variables, seen) == ({"n": 1}, ["CREATE_LOG"])


def test_plain_answer_of_a_script_goes_to_its_result_variable_or_its_own_name() -> None:
    engine = CheckedEngine(scripts={"js": lambda text, inputs: len(text)})
    body = script("t", "four", "js", 'camunda:resultVariable="size"') + script("u", "three", "js")
    engine.deploy(document(body + flows("t -> u")))
    assert engine.start().variables == {"size": 4, "u": 5}


def test_error_of_a_script_goes_to_its_boundary_event_and_a_failure_is_an_incident() -> None:
    engine = CheckedEngine(scripts={"adding": add})
    body = script("t", "no addition", "adding") + '<task id="u"/>' + flows("b -> u")
    caught = '<boundaryEvent id="b" attachedToRef="t"><errorEventDefinition errorRef="err"/></boundaryEvent>'
    engine.deploy(document(body + caught, ERROR))
    assert engine.start().trace() == ["b", "u"]
    engine.deploy(document(script("t", "total += nothing", "adding"), key="q"))
    (incident,) = engine.start("q").incidents
    assert (incident.code, incident.detail) == ("handler.failed", "KeyError: 'nothing'")


def test_global_script_task_has_its_language_too() -> None:
    engine = CheckedEngine(scripts={"adding": add})
    called = '<globalScriptTask id="g" scriptLanguage="adding"><script>total += amount</script></globalScriptTask>'
    engine.deploy(documents(called, '<process id="p"><callActivity id="c" calledElement="g"/></process>'))
    assert engine.start("p", {"amount": 1, "total": 1}).variables["total"] == 2


def test_snapshot_goes_on_with_the_functions_given_again() -> None:
    engine = Engine(scripts={"adding": add})
    engine.deploy(document('<userTask id="t"/>' + script("u", "total += amount", "adding") + flows("t -> u")))
    engine.start(variables={"amount": 1, "total": 1})
    (instance,) = Engine.from_snapshot(engine.snapshot(), scripts={"adding": add}).instances.values()
    instance.complete("t")
    assert instance.variables["total"] == 2


@pytest.mark.parametrize("language", ["javascript", "groovy", "python"])
def test_assignment_in_another_language_is_no_comparison(language: str) -> None:
    engine = CheckedEngine()
    engine.deploy(document(script("t", "n = n + 1;", language)))
    assert engine.start(variables={"n": 1}).variables == {"n": 2}


def test_comparison_in_feel_stays_one() -> None:
    engine = CheckedEngine()
    engine.deploy(document(script("t", "n = 1", None)))
    assert engine.start(variables={"n": 1}).variables == {"n": 1, "t": True}


def test_script_nobody_runs_is_a_finding_and_an_incident() -> None:
    told = {"send('hello')": ["doctor.expression_unknown", "expression.invalid"]}
    told['mail.send("hello")'] = ["expression.function_unknown"]
    for text, rules in told.items():
        engine = CheckedEngine()
        library = engine.deploy(document(script("t", text, "javascript")))
        found = [(one.element_id, one.rule, one.severity) for one in library.findings]
        assert found == [("t", rule, "error") for rule in rules]
        (stopped,) = engine.start().incidents
        assert (stopped.element, stopped.code[:5]) == ("t", "feel_")


def test_assignment_inside_an_assignment_is_left_for_a_person() -> None:
    engine = CheckedEngine()
    library = engine.deploy(document(script("t", "a = b = 1", "javascript")))
    assert library.findings[0].rule == "doctor.expression_unknown"


def test_function_whose_activity_an_error_beside_it_cancelled_is_not_called() -> None:
    called: list[str] = []

    def fails(inputs: Mapping[str, Any]) -> None:
        called.append("fails")
        raise BpmnError("bad")

    loop = "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>"
    by_script = f'<scriptTask id="t" scriptFormat="function">{loop}<script>t</script></scriptTask>'
    for task in (by_script, f'<serviceTask id="t">{loop}</serviceTask>'):
        called.clear()
        engine = CheckedEngine(functions={"t": fails})
        caught = '<boundaryEvent id="b" attachedToRef="t"><errorEventDefinition errorRef="err"/></boundaryEvent>'
        engine.deploy(document(task + caught + '<task id="u"/>' + flows("b -> u"), ERROR))
        assert (engine.start().trace(), called) == (["b", "u"], ["fails"])
