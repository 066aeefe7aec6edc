"""Straight paths laid out once yield what the general way yields, whatever their length and whoever moves beside."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from engine.workflow.bpmn.compiler import load
from engine.workflow.interpreter import commands as do
from engine.workflow.interpreter import paths, shortcuts
from engine.workflow.interpreter.advance import advance
from engine.workflow.interpreter.effects import CloseTask, Effect, HistoryEvent, OpenTask
from engine.workflow.interpreter.env import Env
from engine.workflow.interpreter.state import State, new_state
from tests.unit.workflow.driver import document, flows

ENV = Env(now=datetime(2026, 9, 1, tzinfo=UTC))
CHAIN = [f"t{number}" for number in range(3 * paths.LONGEST)]
LONG = '<startEvent id="s"/><userTask id="u"/><endEvent id="e"/>' + "".join(f'<task id="{one}"/>' for one in CHAIN)
BESIDE = (
    '<startEvent id="s"/><parallelGateway id="f"/><task id="a"/><task id="b"/><exclusiveGateway id="x" default="x_c"/>'
    '<userTask id="c"/><task id="d"/><scriptTask id="k"><script>1</script></scriptTask><parallelGateway id="j"/>'
    '<endEvent id="e"/><endEvent id="z"/>'
)
ROUNDS = (
    '<startEvent id="s"/><exclusiveGateway id="m"/><userTask id="u"/><exclusiveGateway id="x" default="x_m"/>'
    '<endEvent id="e"/>'
)
GATHERED = (
    '<startEvent id="s"/><parallelGateway id="f"/><userTask id="a"/><inclusiveGateway id="i"/><userTask id="b"/>'
    '<userTask id="c"/><inclusiveGateway id="j"/><userTask id="d"/><endEvent id="e"/>'
)
Step = tuple[State, tuple[Effect, ...]]


def drive(source: str, *, general: bool, times: int) -> list[Step]:
    """Start, then complete the oldest task so often (or until the end)."""
    program = load(source).programs["p"]
    program.cache[shortcuts.KEY] = shortcuts.none(program) if general else None
    found = [advance(program, new_state("p"), do.Start({"n": 0}), ENV)]
    for number in range(1, times + 1):
        tokens = [token.id for token in found[-1][0].tokens.values()]
        if tokens:
            found.append(advance(program, found[-1][0], do.CompleteTask(tokens[0], {"n": number}), ENV))
    return found


@pytest.mark.parametrize(
    ("elements", "ways"),
    [
        (LONG, "s -> " + " -> ".join(CHAIN) + " -> u -> e"),
        (
            BESIDE,
            "s -> f; f -> a -> b -> x; f -> d -> k -> j; x -> j [n > 5]; x -> c [default]; c -> j; j -> e; f -> z",
        ),
        (ROUNDS, "s -> m -> u -> x; x -> m [default]; x -> e [n = 100]"),
        (BESIDE, "s -> f; f -> a -> x; f -> d; f -> c; x -> b [n > 1]; x -> k [default]"),
        (GATHERED, "s -> f; f -> a; f -> i; i -> b [true]; i -> c [n >= 0]; a -> e; b -> j; c -> j; j -> d -> e"),
    ],
    ids=[
        "longer than one path",
        "several tokens in turn",
        "more rounds than are kept",
        "ends without an end",
        "a join that looks",
    ],
)
def test_path_yields_what_the_general_way_yields(elements: str, ways: str) -> None:
    source = document(elements + flows(ways))
    assert drive(source, general=False, times=120) == drive(source, general=True, times=120)


def test_instances_that_number_alike_share_effects() -> None:
    program = load(document('<userTask id="a"/><userTask id="b"/>' + flows("a -> b"))).programs["p"]
    expected = (
        CloseTask(1, "completed"),
        HistoryEvent("completed", "a", 1),
        HistoryEvent("taken", "a_b", 1),
        HistoryEvent("entered", "b", 2),
        OpenTask(2, "b", None, None, {}, None, None, None),
    )
    found = []
    for name in ("first", "second"):
        state, _ = advance(program, new_state("p"), do.Start({"name": name}), ENV)
        found.append(advance(program, state, do.CompleteTask(1), ENV)[1])
    assert found == [expected, expected]
    assert all(one is other for one, other in zip(*found, strict=True))


def test_shared_token_is_copied_before_it_changes() -> None:
    boundary = '<boundaryEvent id="t" attachedToRef="b"><errorEventDefinition/></boundaryEvent>'
    source = document(
        f'<userTask id="a"/><parallelGateway id="f"/><userTask id="b"/>{boundary}<userTask id="c"/><endEvent id="e"/>'
        + flows("a -> f; f -> b -> e; f -> c -> e; t -> e")
    )
    program = load(source).programs["p"]
    started, _ = advance(program, new_state("p"), do.Start(), ENV)
    split, _ = advance(program, started, do.CompleteTask(1), ENV)
    one, other = (token.id for token in split.tokens.values())
    plain, _ = advance(program, split, do.CompleteTask(other), ENV)
    assert plain.tokens[one] is split.tokens[one]
    general, _ = advance(program, split, do.SetVariables({"x": 1}, one), ENV)
    assert general.tokens[one] is not split.tokens[one]
    assert (split.variables.get("x"), general.variables["x"]) == (None, 1)


def test_kept_effects_are_bounded() -> None:
    program = load(document(ROUNDS + flows("s -> m -> u -> x; x -> m [default]; x -> e [n = -1]"))).programs["p"]
    state, _ = advance(program, new_state("p"), do.Start({"n": 0}), ENV)
    for _ in range(2 * paths.KEPT):
        state, _ = advance(program, state, do.CompleteTask(next(iter(state.tokens))), ENV)
    path = shortcuts.of(program).complete["u"]
    assert path is not None
    assert len(path.kept) == paths.KEPT
