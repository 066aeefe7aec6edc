"""Random models driven in random order: nothing lost, nothing left open, the end reached once, replay identical."""

import contextlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.kernel.errors import Conflict
from engine.workflow import BpmnError
from engine.workflow.embed.engine import Engine
from engine.workflow.embed.instance import Instance
from engine.workflow.interpreter import commands as do
from engine.workflow.interpreter.codec import encode
from engine.workflow.interpreter.shortcuts import KEY, none
from engine.workflow.interpreter.state import State
from tests.unit.workflow.driver import CheckedEngine
from tests.unit.workflow.models import models

Order = list[int]


def fails(inputs: Mapping[str, Any]) -> None:
    """A function that raises the error of the models."""
    raise BpmnError("bad")


FUNCTIONS = {"works": lambda inputs: {"worked": True}, "fails": fails}
_SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]


def drive(xml: str, order: Order, *, general: bool = False, engine: Engine | None = None) -> Instance:
    """Complete tasks, raise signals and move the clock as the numbers say, until the instance ends.

    `general`: without the shortcuts for plain nodes.
    """
    engine = engine or CheckedEngine(functions=FUNCTIONS)
    library = engine.deploy(xml)
    assert library.findings == ()
    for program in library.programs.values():
        program.cache[KEY] = none(program) if general else None
    instance = engine.start("p", {"x": len(order), "y": len(order) % 2 == 0})
    for step in range(400):
        if instance.is_ended:
            break
        choice = order[step % len(order)] if order and step < 60 else 1
        tasks = [(one, task) for one in engine.instances.values() for task in one.tasks]
        if tasks and choice % 4:
            holder, task = tasks[choice % len(tasks)]
            holder.complete(task)
        elif choice % 3 == 0 or step % 2:
            engine.signal("alarm")
            engine.advance_time(timedelta(minutes=20))
        else:
            engine.advance_time(timedelta(minutes=40))
    return instance


@settings(max_examples=150, deadline=None, suppress_health_check=_SLOW)
@given(models(), st.lists(st.integers(0, 1000), max_size=30))
def test_structured_models_reach_their_end_once_in_any_order(xml: str, order: Order) -> None:
    instance = drive(xml, order)
    assert instance.status == "completed"
    assert instance.trace().count("e") == 1
    entered = [entry.activation for entry in instance.history if entry.kind == "entered"]
    left = [entry.activation for entry in instance.history if entry.kind in {"completed", "cancelled"}]
    assert sorted(entered) == sorted(left)
    assert len(set(entered)) == len(entered)


@settings(max_examples=40, deadline=None, suppress_health_check=_SLOW)
@given(models(), st.lists(st.integers(0, 1000), max_size=15))
def test_replay_gives_the_same_history(xml: str, order: Order) -> None:
    first, second = drive(xml, order), drive(xml, order)
    assert first.history == second.history
    assert first.variables == second.variables


@settings(max_examples=60, deadline=None, suppress_health_check=_SLOW)
@given(models(), st.lists(st.integers(0, 1000), max_size=15))
def test_shortcuts_do_what_the_general_way_does(xml: str, order: Order) -> None:
    short, general = drive(xml, order), drive(xml, order, general=True)
    assert short.history == general.history
    assert (short.variables, short.status) == (general.variables, general.status)


class Keeping(Engine):
    """Remembers every state it was in, and what that was saved as then."""

    def __init__(self) -> None:
        super().__init__(functions=FUNCTIONS)
        self.states: list[tuple[State, bytes]] = []

    def step(self, instance: Instance, command: do.Command) -> None:
        self.states.append((instance.state, encode(instance.state)))
        super().step(instance, command)


@settings(max_examples=40, deadline=None, suppress_health_check=_SLOW)
@given(models(), st.lists(st.integers(0, 1000), max_size=15))
def test_no_step_changes_a_state_it_shares_with(xml: str, order: Order) -> None:
    engine = Keeping()
    drive(xml, order, engine=engine)
    assert [encode(state) == blob for state, blob in engine.states] == [True] * len(engine.states)


@settings(max_examples=40, deadline=None, suppress_health_check=_SLOW)
@given(models(), st.lists(st.integers(0, 1000), max_size=6))
def test_cancel_in_the_middle_leaves_nothing_open(xml: str, order: Order) -> None:
    engine = CheckedEngine(functions=FUNCTIONS)
    engine.deploy(xml)
    instance = engine.start("p", {"x": 2, "y": True})
    for choice in order:
        if instance.tasks:
            instance.complete(instance.tasks[choice % len(instance.tasks)])
    if not instance.is_ended:
        instance.cancel("enough")
    assert (instance.tasks, instance.timers, instance.subscriptions, instance.jobs) == ([], [], [], [])


@settings(max_examples=120, deadline=None, suppress_health_check=_SLOW)
@given(models(), st.lists(st.tuples(st.integers(0, 5), st.integers(0, 50), st.integers(0, 50)), max_size=20))
def test_operations_in_random_order_keep_the_invariants(xml: str, steps: list[tuple[int, int, int]]) -> None:
    engine = CheckedEngine(functions=FUNCTIONS)
    engine.deploy(xml)
    instance = engine.start("p", {"x": 2, "y": True})
    nodes = sorted(instance.program.ops)
    for kind, first, second in steps:
        tokens = sorted(instance.state.tokens)
        if instance.is_ended or not tokens:
            break
        with contextlib.suppress(Conflict):
            _operate(engine, instance, kind, tokens[first % len(tokens)], nodes[second % len(nodes)])
    assert instance.incidents == []


def _operate(engine: CheckedEngine, instance: Instance, kind: int, activation: int, node: str) -> None:
    if kind == 0:
        instance.do(do.Skip(activation, "not needed"))
    elif kind == 1:
        instance.do(do.MoveToken((activation,), node, "wrong way"))
    elif kind == 2:
        instance.do(do.AddItem(activation, None))
    elif kind == 3:
        instance.do(do.RemoveItem(activation))
    elif kind == 4:
        engine.signal("alarm")
        engine.advance_time(timedelta(minutes=45))
    elif instance.tasks:
        instance.complete(instance.tasks[activation % len(instance.tasks)])


@settings(max_examples=80, deadline=None, suppress_health_check=_SLOW)
@given(models(), st.lists(st.tuples(st.integers(0, 6), st.integers(0, 50), st.integers(0, 50)), max_size=25))
def test_errors_anywhere_in_random_order_keep_the_invariants(xml: str, steps: list[tuple[int, int, int]]) -> None:
    engine = CheckedEngine(functions=FUNCTIONS)
    engine.deploy(xml)
    engine.start("p", {"x": 2, "y": True})
    for kind, first, second in steps:
        running = [one for one in engine.instances.values() if not one.is_ended and one.state.tokens]
        if not running:
            break
        instance = running[first % len(running)]
        tokens = sorted(instance.state.tokens)
        with contextlib.suppress(Conflict):
            _trouble(engine, instance, kind, tokens[second % len(tokens)])
    assert all(one.state.tokens or one.is_ended or one.arrived for one in engine.instances.values())


def _trouble(engine: CheckedEngine, instance: Instance, kind: int, activation: int) -> None:
    if kind < 2:
        instance.do(do.ThrowError(activation, ("bad", "other")[kind]))
    elif kind == 2:
        instance.do(do.ThrowEscalation(activation, "slow"))
    elif kind == 3:
        instance.do(do.Retry(activation))
    elif kind == 4:
        engine.signal("alarm")
        engine.advance_time(timedelta(minutes=45))
    elif instance.tasks:
        instance.complete(instance.tasks[activation % len(instance.tasks)])
