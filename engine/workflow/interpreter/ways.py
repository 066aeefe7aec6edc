"""Which outgoing flows a token takes (BPMN 2.0.2 13.2.1, 13.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.feel import FeelEnv
from engine.workflow.bpmn.model import NodeKind
from engine.workflow.bpmn.program import Op, Way
from engine.workflow.interpreter import scopes
from engine.workflow.interpreter.run import TROUBLES, Run, Trouble
from engine.workflow.interpreter.state import Token, Wait


def choose(run: Run, op: Op, context: Mapping[str, Any]) -> tuple[Way, ...]:
    """The flows taken. Raises: Trouble when conditions leave none, FeelError."""
    ways = op.ways
    if op.kind is NodeKind.PARALLEL or not (op.has_conditions or op.kind is NodeKind.EXCLUSIVE):
        return ways
    if op.kind is NodeKind.EXCLUSIVE:
        return exclusive(op, context, run.feel_env)
    taken = tuple(way for way in ways if not way.is_default and _holds(run, way, context))
    conditional = any(way.condition is not None for way in taken)
    if not conditional:
        taken += tuple(way for way in ways if way.is_default)
    if not taken and not any(way.asks_reset for way in ways):
        raise _nowhere(op)
    return taken


def exclusive(op: Op, context: Mapping[str, Any], env: FeelEnv) -> tuple[Way, ...]:
    """The first true condition in the order of the outgoing flows, else the default (13.4.2)."""
    default: tuple[Way, ...] = ()
    for way in op.ways:
        if way.is_default:
            default += (way,)
        elif way.condition is None or way.condition.evaluate(context, env) is True:
            return (way,)
    if not default and op.ways:
        raise _nowhere(op)
    return default


def _holds(run: Run, way: Way, context: Mapping[str, Any]) -> bool:
    return way.condition is None or way.condition.evaluate(context, run.feel_env) is True


def taken_at_reset(run: Run, op: Op, context: Mapping[str, Any]) -> tuple[Way, ...]:
    """The flows of a complex gateway that ask for its reset, and hold then; maybe none (13.4.5). Raises: FeelError."""
    return tuple(way for way in op.ways if way.asks_reset and _holds(run, way, context))


def _nowhere(op: Op) -> Trouble:
    return Trouble(
        "flow.none_taken",
        f"“{op.node.name or op.id}”的所有条件都不成立，也没有默认连线",
        f"No condition leaving {op.node.name or op.id!r} holds, and there is no default flow",
    )


def leave(
    run: Run,
    op: Op,
    scope_id: int,
    activation: int,
    token: Token | None = None,
    *,
    times: int = 1,
    facts: Mapping[str, Any] | None = None,
) -> bool:
    """Take the outgoing flows of a node that is done; False when it had to stop with an incident.

    `token` is the activation's token when it has one; it is removed. `times`: the completion quantity. `facts`: what
    conditions see besides the variables.
    """
    try:
        taken = choose(run, op, run.context(None, scope_id, facts))
    except TROUBLES as error:
        run.park(token or Token(activation, op.id, scope_id, Wait.INCIDENT), "leave", error)
        return False
    if token is not None:
        run.state.tokens.pop(token.id, None)
    run.history("completed", op.id, activation, rounds_told(op, token))
    follow(run, taken, scope_id, activation, times)
    return True


def rounds_told(op: Op, token: Token | None) -> dict[str, Any] | None:
    """What the end of a repeated activity says in the history: `items`, how many of them were completed.

    0 of one that had none (13.3.6, 13.3.7); nothing of one that was ended before its first was complete.
    """
    if op.loop is None:
        return None
    facts = (token.data if token is not None else None) or {}
    done = facts.get("done", 0)
    return {"host": True, "items": done} if done or not facts.get("next") else {"host": True}


def follow(run: Run, taken: tuple[Way, ...], scope_id: int, activation: int, times: int = 1) -> None:
    """Send tokens along these flows; without any, the token ends here."""
    scope = run.state.scopes[scope_id]
    scope.live += len(taken) * times - 1
    for way in taken:
        for _ in range(times):
            run.history("taken", way.id, activation)
            run.push(way.target, scope_id, way.id)
    if scope.live == 0:
        scopes.check(run, scope)
