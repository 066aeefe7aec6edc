"""Drives what may be deployed: random answers to whatever is open. A case ends, goes on, or says what it waits for."""

from collections.abc import Callable
from random import Random

from engine.kernel.errors import UserError
from engine.workflow import Engine
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.model import EventKind
from engine.workflow.embed.instance import Instance
from engine.workflow.interpreter.state import Wait

STEPS, MOST_CASES = 40, 40
VALUES = (1, 2, 0, None, "a", [1, 2], True, False, {"a": 1})
UNSEARCHED = frozenset({"soundness.undecided"})


def drive(engine: Engine, dice: Random, findings: tuple[Finding, ...]) -> None:
    """All processes of the engine begin; then forty steps. `findings`: what the gate said of them."""
    for key in list(engine.programs):
        engine.start(key, _values(dice))
    for _ in range(STEPS):
        running = [one for one in engine.instances.values() if not one.is_ended]
        if not running or len(engine.instances) > MOST_CASES:
            return
        _move(engine, dice.choice(running), dice)
    if not any(one.rule in UNSEARCHED for one in findings):
        for case in list(engine.instances.values()):
            assert case.is_ended or _is_open(engine, case), (case.active, case.arrived)


def _move(engine: Engine, case: Instance, dice: Random) -> None:
    """One thing that may happen to the case; what is refused as a conflict is fine."""
    ways: list[Callable[[], object]] = [lambda: case.set_variables(**_values(dice))]
    ways += [lambda one=one: case.complete(one, _values(dice)) for one in case.tasks]
    ways += [lambda one=one: case.complete_job(one, _values(dice)) for one in case.jobs]
    ways += [lambda one=one: case.throw_error(one, dice.choice(["e", "other"])) for one in case.jobs]
    ways += [lambda one=one: case.fire(one) for one in case.timers]
    ways += [lambda one=one: case.deliver(one, _values(dice)) for one in case.subscriptions]
    ways += [lambda one=one: case.begin(one) for _, one in case.enabled()]
    ways += [lambda one=one: case.skip(one) for one in case.incidents]
    ways.append(lambda: engine.restore(engine.save(case)))
    try:
        dice.choice(ways)()
    except UserError as error:
        assert error.message.zh and error.message.en


def _values(dice: Random) -> dict[str, object]:
    return {dice.choice("xny"): dice.choice(VALUES)}


def _is_open(engine: Engine, case: Instance) -> bool:
    """Somebody or something can move it: here, in what it called, or by a value it looks at."""
    if case.incidents or case.tasks or case.jobs or case.timers or case.subscriptions or case.enabled():
        return True
    if any(not one.is_ended for one in case.children):
        return True
    waiting = [case.program.ops[one.node].node for one in case.state.tokens.values() if one.wait == Wait.EVENT]
    return any(event.kind is EventKind.CONDITIONAL for node in waiting for event in node.events)
