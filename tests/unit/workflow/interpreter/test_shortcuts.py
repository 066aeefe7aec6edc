"""Plain nodes are cut short, others and unusual tokens are not; all ways yield the same states and effects."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from engine.workflow.bpmn.compiler import load
from engine.workflow.interpreter import commands as do
from engine.workflow.interpreter.advance import advance
from engine.workflow.interpreter.effects import OpenTask
from engine.workflow.interpreter.env import Env
from engine.workflow.interpreter.shortcuts import KEY, none, of
from engine.workflow.interpreter.state import State, new_state
from tests.unit.workflow.driver import document, flows

ENV = Env(now=datetime(2026, 9, 1, tzinfo=UTC))
NODES = (
    '<startEvent id="s"/><userTask id="a"/><exclusiveGateway id="x"/><parallelGateway id="f"/><userTask id="b"/>'
    '<userTask id="c"/><parallelGateway id="j"/><endEvent id="e"/>'
)
WAYS = flows("s -> a -> x; x -> f [n > 1]; x -> e [default]; f -> b -> j; f -> c -> j; j -> e")


def walk(source: str, values: dict[str, Any], *, general: bool) -> list[tuple[State, tuple[Any, ...]]]:
    """Every state and its effects, tasks completed as they were opened."""
    program = load(source).programs["p"]
    program.cache[KEY] = none(program) if general else None
    found = [advance(program, new_state("p"), do.Start(values), ENV)]
    todo = [one.activation for one in found[0][1] if isinstance(one, OpenTask)]
    while todo:
        found.append(advance(program, found[-1][0], do.CompleteTask(todo.pop(0), {"done": 1}), ENV))
        todo += [one.activation for one in found[-1][1] if isinstance(one, OpenTask)]
    return found


@pytest.mark.parametrize("n", [1, 2, "unknown"])
def test_every_state_and_effect_is_that_of_the_general_way(n: object) -> None:
    source = document(NODES + WAYS).replace('id="x"', 'id="x" default="x_e"')
    assert walk(source, {"n": n}, general=False) == walk(source, {"n": n}, general=True)


def test_gateway_that_cannot_choose_stops_with_the_same_incident() -> None:
    source = document(NODES + WAYS.replace("n &gt; 1", "nothing(").replace('id="x_e"', 'id="x_e" name="x"'))
    assert walk(source, {"n": 1}, general=False) == walk(source, {"n": 1}, general=True)


def test_only_plain_nodes_are_cut_short() -> None:
    more = '<boundaryEvent id="t" attachedToRef="b"><timerEventDefinition><timeDuration>PT1H</timeDuration>'
    more += '</timerEventDefinition></boundaryEvent><scriptTask id="k"><script>1</script></scriptTask>'
    program = load(document(NODES + more + WAYS)).programs["p"]
    program.cache.clear()
    plain = of(program)
    assert sorted(node for node in program.ops if plain.enter[node]) == ["a", "c", "e", "f", "j", "s", "x"]
    assert sorted(node for node in program.ops if plain.complete[node]) == ["a", "c"]
