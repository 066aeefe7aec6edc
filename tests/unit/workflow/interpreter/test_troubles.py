"""Expressions that cannot be evaluated are incidents, never a silent false; stale commands are refused."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from engine.feel import FeelEnv, compile_expression
from engine.kernel.errors import Conflict
from engine.workflow.dmn.model import DecisionResult, DmnError, TableMatch
from engine.workflow.embed.instance import Instance
from engine.workflow.interpreter import commands as do
from tests.unit.workflow.driver import CheckedEngine, document, flows, run

HEAVY = "count(for a in 1..size, b in 1..size, c in 1..size return a) &gt; 0"
CONDITION = f"<conditionalEventDefinition><condition>{HEAVY}</condition></conditionalEventDefinition>"
TOO_MUCH = {"size": 10_000}


def told(instance: Instance) -> list[str]:
    return [item.element for item in instance.incidents]


def left_and_entered(instance: Instance) -> bool:
    """Whatever was entered was left, and nothing else."""
    entered = [entry.activation for entry in instance.history if entry.kind == "entered"]
    left = [entry.activation for entry in instance.history if entry.kind in {"completed", "cancelled"}]
    return sorted(entered) == sorted(left)


@pytest.mark.parametrize("after", ["retry", "skip", "cancel"])
def test_condition_that_stopped_is_told_as_entered_and_left_once(after: str) -> None:
    _, instance = run(boundary_model(), TOO_MUCH)
    if after == "cancel":
        instance.cancel("enough")
    else:
        instance.set_variables(size=1)
        stopped = instance.incidents[0].id
        instance.do(do.Retry(stopped) if after == "retry" else do.Skip(stopped))
        for element in ("u",) if after == "retry" else ("t", "after"):
            instance.complete(element)
    assert instance.is_ended
    assert left_and_entered(instance)


def test_event_that_is_tried_again_is_told_as_left() -> None:
    event = "<timerEventDefinition><timeDuration>=wait</timeDuration></timerEventDefinition>"
    _, instance = run(document(f'<intermediateCatchEvent id="c">{event}</intermediateCatchEvent>'), {"wait": "soon"})
    assert told(instance) == ["c"]
    instance.set_variables(wait="PT1H")
    instance.retry("c")
    instance.fire("c")
    assert (instance.status, instance.trace("entered"), left_and_entered(instance)) == ("completed", ["c", "c"], True)


def test_condition_of_a_complex_gateway_that_stopped_is_told_as_entered() -> None:
    gate = f'<complexGateway id="g"><activationCondition>{HEAVY}</activationCondition></complexGateway>'
    xml = document(f'<startEvent id="s"/><task id="a"/><task id="b"/>{gate}' + flows("s -> a -> g; s -> b -> g"))
    _, instance = run(xml, TOO_MUCH)
    assert told(instance) == ["g", "g"]
    instance.set_variables(size=1)
    instance.retry("g")
    instance.retry("g")
    assert (instance.status, left_and_entered(instance)) == ("completed", True)


def test_condition_of_a_catching_event_stops_there_and_can_be_retried() -> None:
    xml = document(
        '<intermediateCatchEvent id="c">' + CONDITION + '</intermediateCatchEvent><userTask id="t"/>' + flows("c -> t")
    )
    _, instance = run(xml, TOO_MUCH)
    assert told(instance) == ["c"]
    instance.set_variables(size=1)
    instance.do(do.Retry(instance.incidents[0].id))
    assert (instance.active, told(instance)) == (["t"], [])


def boundary_model(more: str = "") -> str:
    return document(
        '<userTask id="t"/><boundaryEvent id="b" attachedToRef="t">' + CONDITION + '</boundaryEvent><userTask id="u"/>'
        '<userTask id="after"/>' + flows("b -> u; t -> after") + more
    )


def test_condition_beside_a_task_stops_alone_and_goes_with_the_task() -> None:
    _, instance = run(boundary_model(), TOO_MUCH)
    assert (told(instance), [task.element for task in instance.tasks]) == (["b"], ["t"])
    instance.complete("t")
    assert (told(instance), instance.active) == ([], ["after"])
    instance.complete("after")
    assert instance.status == "completed"


def test_condition_beside_a_task_fires_after_a_retry() -> None:
    _, instance = run(boundary_model(), TOO_MUCH)
    instance.set_variables(size=1)
    assert instance.active == ["b", "t"]
    instance.do(do.Retry(instance.incidents[0].id))
    assert (told(instance), instance.active) == ([], ["u"])


def test_condition_beside_a_task_can_be_given_up() -> None:
    _, instance = run(boundary_model(), TOO_MUCH)
    instance.do(do.Skip(instance.incidents[0].id))
    instance.set_variables(size=1)
    assert (told(instance), instance.active) == ([], ["t"])


def test_condition_of_an_event_subprocess_stops_alone() -> None:
    handler = (
        f'<subProcess id="h" triggeredByEvent="true"><startEvent id="hs">{CONDITION}</startEvent>'
        f'<userTask id="hu"/>{flows("hs -> hu")}</subProcess>'
    )
    _, instance = run(document('<userTask id="t"/>' + handler), TOO_MUCH)
    assert told(instance) == ["hs"]
    instance.set_variables(size=1)
    instance.do(do.Retry(instance.incidents[0].id))
    assert (told(instance), instance.active) == ([], ["h", "hu"])


def test_completion_condition_of_an_ad_hoc_subprocess_stops_it() -> None:
    xml = document(
        f'<adHocSubProcess id="x"><completionCondition>{HEAVY}</completionCondition><userTask id="a"/>'
        '<userTask id="b"/></adHocSubProcess>'
    )
    _, instance = run(xml, TOO_MUCH)
    host = instance.enabled()[0][0]
    instance.do(do.ActivateAdHoc(host, "a"))
    instance.complete("a")
    assert told(instance) == ["x"]
    instance.set_variables(size=1)
    instance.do(do.Retry(host))
    assert instance.status == "completed"


def test_budget_of_a_decision_is_an_incident() -> None:
    endless = compile_expression("for a in 1..9999, b in 1..9999 return a")
    xml = document(
        '<businessRuleTask id="r"><extensionElements><school:decision ref="d"/></extensionElements></businessRuleTask>'
    )
    env = FeelEnv(now=datetime(2026, 1, 1, tzinfo=UTC))
    engine = CheckedEngine(decide=lambda ref, binding, context: endless.evaluate(context, env))
    engine.deploy(xml)
    assert told(engine.start()) == ["r"]


def test_refused_decision_is_an_incident() -> None:
    def refuse(ref: str, binding: str, context: object) -> object:
        raise DmnError("dmn.unknown")

    engine = CheckedEngine(decide=refuse)
    engine.deploy(
        document(
            '<businessRuleTask id="r"><extensionElements><school:decision ref="d"/></extensionElements>'
            "</businessRuleTask>"
        )
    )
    assert told(engine.start()) == ["r"]


def test_matched_rules_of_a_decision_are_in_the_history() -> None:
    result = DecisionResult({"level": 2}, (TableMatch("levels", ("r1",), {"amount": Decimal(5)}),), {}, ())
    engine = CheckedEngine(decide=lambda ref, binding, context: result)
    engine.deploy(
        document(
            '<businessRuleTask id="r"><extensionElements><school:decision ref="d"/></extensionElements>'
            "</businessRuleTask>"
        )
    )
    instance = engine.start()
    (told_of,) = [entry.data for entry in instance.history if entry.kind == "decided"]
    assert told_of["rules"] == [{"table": "levels", "rules": ["r1"], "inputs": {"amount": Decimal(5)}}]
    assert instance.variables == {"level": 2}


@pytest.mark.parametrize("tag", ["intermediateCatchEvent", "receiveTask", "eventBasedGateway"])
def test_error_thrown_at_what_waits_stops_the_waiting_until_a_retry(tag: str) -> None:
    message = '<messageEventDefinition messageRef="m"/>'
    behind = f'<intermediateCatchEvent id="d">{message}</intermediateCatchEvent>' + flows("c -> d")
    inner = {"intermediateCatchEvent": message}.get(tag, "")
    given = {"receiveTask": 'messageRef="m"'}.get(tag, "")
    more = behind if tag == "eventBasedGateway" else ""
    body = f'<{tag} id="c" {given}>{inner}</{tag}>{more}'
    engine, instance = run(document(body, '<message id="m" name="go"/>'))
    (waiting,) = instance.state.tokens
    instance.do(do.ThrowError(waiting, "bad"))
    assert ([one.code for one in instance.incidents], instance.subscriptions) == (["error.uncaught"], [])
    instance.retry("c")
    assert engine.correlate("go")
    assert instance.status == "completed"


def test_stale_commands_are_conflicts() -> None:
    xml = document('<startEvent id="s"/><userTask id="t"/><userTask id="u"/>' + flows("s -> t -> u"))
    _, instance = run(xml)
    first = instance.task("t")
    instance.complete(first)
    with pytest.raises(Conflict):
        instance.complete(first)
    with pytest.raises(Conflict):
        instance.do(do.FireTimer(99))
    instance.complete("u")
    with pytest.raises(Conflict):
        instance.do(do.Cancel())
