"""Input sets: an activity begins when one of them is complete, and waits until then (BPMN 2.0.2 10.4.2)."""

from __future__ import annotations

from collections.abc import Mapping

from engine.workflow.bpmn.program import Op
from engine.workflow.interpreter import activities, arms, data
from engine.workflow.interpreter.run import TROUBLES, Run
from engine.workflow.interpreter.state import Token, Wait


def read(run: Run, op: Op, token: Token) -> bool:
    """Read the data associations; False when no input set is complete: the token waits. Raises: FeelError."""
    data.read_associations(run, op, token)
    if not op.node.input_sets or _choose(run, op, token):
        return True
    token.wait = Wait.DATA
    return False


def _choose(run: Run, op: Op, token: Token) -> bool:
    """The first set whose inputs are all there counts; inputs of others stay empty."""
    context = run.context(token, token.scope)
    for chosen in op.node.input_sets:
        if not missing(context, chosen.needed):
            others = frozenset[str]().union(*(one.names for one in op.node.input_sets)) - chosen.names
            token.vars = {name: value for name, value in (token.vars or {}).items() if name not in others}
            return True
    return False


def missing(context: Mapping[str, object], needed: frozenset[str]) -> tuple[str, ...]:
    """The inputs that have no value, by name."""
    return tuple(sorted(name for name in needed if context.get(name) is None))


def settle(run: Run) -> bool:
    """At rest: begin an activity whose data have come; True when one began, or cannot be read."""
    for token in [one for one in run.state.tokens.values() if one.wait == Wait.DATA]:
        op = run.op(token)
        try:
            is_ready = read(run, op, token)
        except TROUBLES as error:
            arms.disarm(run, owner=token.id)
            run.park(token, "enter", error)
            return True
        if is_ready:
            token.wait = Wait.READY
            activities.start(run, op, token)
            return True
    return False
