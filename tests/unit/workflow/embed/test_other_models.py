"""A state saved with one model and taken up with another that has changed under the same ids: typed errors only."""

from __future__ import annotations

import re

import pytest

from engine.kernel.errors import SchoolflowError
from engine.workflow import Engine
from engine.workflow.interpreter import commands as do
from engine.workflow.interpreter.advance import advance
from engine.workflow.interpreter.codec import StateError, decode, encode
from engine.workflow.interpreter.env import Env
from tests.unit.workflow.driver import document, flows

START = '<startEvent id="s"/><task id="z"/>'
USER = f'{START}<userTask id="a"/>' + flows("s -> a -> z")
SERVICE = USER.replace("userTask", "serviceTask")
CATCH = (
    f'{START}<intermediateCatchEvent id="a"><signalEventDefinition signalRef="g"/></intermediateCatchEvent>'
    + flows("s -> a -> z")
)
TIMER = CATCH.replace(
    '<signalEventDefinition signalRef="g"/>',
    "<timerEventDefinition><timeDuration>P1D</timeDuration></timerEventDefinition>",
)
SUB = f'{START}<subProcess id="a"><userTask id="b"/></subProcess>' + flows("s -> a -> z")
INSIDE = f'{START}<subProcess id="a"><task id="c"/></subProcess><userTask id="b"/>' + flows("s -> a -> b -> z")
MULTI = USER.replace(
    '<userTask id="a"/>',
    '<userTask id="a"><multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality>'
    "</multiInstanceLoopCharacteristics></userTask>",
)
LOOP = USER.replace('<userTask id="a"/>', '<userTask id="a"><standardLoopCharacteristics loopMaximum="2"/></userTask>')
JOIN = '<startEvent id="s"/><parallelGateway id="f"/><userTask id="u"/><parallelGateway id="j"/>' + flows(
    "s -> f -> u -> j; f -> j"
)
CALL = SERVICE.replace("<serviceTask", '<callActivity calledElement="other"').replace("serviceTask", "callActivity")
ROOTS = '<signal id="g" name="go"/>'


def saved(body: str) -> bytes:
    engine = Engine()
    engine.deploy(document(body, ROOTS))
    return engine.save(engine.start("p"))


def restored(blob: bytes, body: str) -> Engine:
    engine = Engine()
    engine.deploy(document(body, ROOTS))
    engine.restore(blob)
    return engine


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (USER, SERVICE, "a another kind of node: userTask → serviceTask"),
        (SERVICE, USER, "a another kind of node: serviceTask → userTask"),
        (USER, CATCH, "a another kind of node: userTask → intermediateCatchEvent"),
        (CATCH, TIMER, "a other events: signal → timer"),
        (SUB, USER, "b is not there any more"),
        (SUB, INSIDE, "b stands elsewhere: a → p"),
        (SUB, SUB.replace("subProcess", "transaction"), "a another kind of node: subProcess → transaction"),
        (MULTI, USER, "a repeated in another way: multi → none"),
        (USER, MULTI, "a repeated in another way: none → multi"),
        (MULTI, LOOP, "a repeated in another way: multi → loop"),
        (JOIN, JOIN.replace('parallelGateway id="j"', 'exclusiveGateway id="j"'), "j another kind of node"),
        (JOIN, JOIN.replace('"f_j"', '"k"'), "j no longer led to by f_j"),
        (CALL, USER, "a another kind of node: callActivity → userTask"),
    ],
)
def test_restoring_with_a_changed_node_names_what_differs(before: str, after: str, told: str) -> None:
    with pytest.raises(StateError, match=re.escape(told)) as found:
        restored(saved(before), after)
    assert found.value.code == "state.model_changed"


def test_restoring_with_changes_elsewhere_goes_on() -> None:
    engine = restored(saved(USER), USER.replace('<task id="z"/>', '<task id="z" name="new"/>'))
    (case,) = engine.instances.values()
    case.complete("a")
    assert case.trace() == ["s", "a", "z"]


@pytest.mark.parametrize("before", [USER, SERVICE, CATCH, TIMER, SUB, MULTI, LOOP, JOIN, CALL])
@pytest.mark.parametrize("after", [USER, SERVICE, CATCH, TIMER, SUB, MULTI, LOOP, JOIN, CALL])
def test_pure_core_answers_any_state_of_another_model_with_a_typed_error(before: str, after: str) -> None:
    """Whatever is asked of it: a state error, a conflict, or a step that ends at rest."""
    old, new = Engine(), Engine()
    state = old.start(old.deploy(document(before, ROOTS)).model.processes[0].id).state
    program = new.deploy(document(after, ROOTS)).programs["p"]
    for command in (do.CompleteTask(2), do.CompleteJob(2), do.SignalReceived("go"), do.FireTimer(3), do.Retry(2)):
        try:
            found, _ = advance(program, decode(encode(state)), command, Env(now=old.now))
        except SchoolflowError:
            continue
        assert decode(encode(found)) == found
