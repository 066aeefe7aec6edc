"""Events waited for: armed, tested, disarmed (BPMN 2.0.2 13.5.2 to 13.5.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.workflow.bpmn.model import EventKind, NodeKind
from engine.workflow.bpmn.program import Event, Op
from engine.workflow.bpmn.timers import ENDLESS, Schedule, TimerError, schedule
from engine.workflow.interpreter import conversations, data, lookups, triggers, watching
from engine.workflow.interpreter import effects as fx
from engine.workflow.interpreter.naming import name_of_event
from engine.workflow.interpreter.run import TROUBLES, Run, Trouble
from engine.workflow.interpreter.state import Arm, Token, Wait
from engine.workflow.interpreter.table import Table

_ARMED = frozenset({EventKind.MESSAGE, EventKind.TIMER, EventKind.SIGNAL, EventKind.CONDITIONAL})

WATCHED = "watched"


def arm_all(run: Run, op: Op, *, owner: int, scope: int) -> None:
    """Arm every definition of an event. Raises: Trouble, FeelError."""
    for index in range(len(op.events)):
        arm(run, op, index, owner=owner, scope=scope)


def arm(run: Run, op: Op, index: int, *, owner: int, scope: int, name: str | None = None) -> Arm | None:
    """Arm one definition; None for kinds that are found when thrown (error, escalation, cancel, compensation).

    `name`: the one it was armed with before, where the model computes it.
    """
    event = op.events[index]
    if event.kind not in _ARMED:
        return None
    token = run.state.tokens.get(owner)
    context = run.context(token, scope)
    found = Arm(run.new_id(), op.id, index, owner, scope)
    if event.kind is EventKind.TIMER:
        _plan(run, op, event, found, _schedule(run, op, event, scope, owner))
    elif event.kind is EventKind.MESSAGE:
        keys = data.mapped(run, event.keys, context)
        found.keys = conversations.known(run, event) if event.conversation else keys
        wanted = _named(run, event, found, context, name)
        run.effects.append(fx.Subscribe(found.id, op.id, "message", wanted, found.keys))
    elif event.kind is EventKind.SIGNAL:
        wanted = _named(run, event, found, context, name)
        run.effects.append(fx.Subscribe(found.id, op.id, "signal", wanted, {}))
    run.state.arms[found.id] = found
    if event.kind is EventKind.CONDITIONAL and run.conditions is not None:
        run.conditions[found.id] = found
    return found


def _named(run: Run, event: Event, found: Arm, context: Mapping[str, Any], before: str | None) -> str:
    """What it waits for; a computed name stays with it, whatever becomes of the data."""
    if event.named is not None:
        found.name = before or name_of_event(run, event, context)
    return found.name or event.name


def rename(run: Run, found: Arm) -> None:
    """Another version names the message or signal in another way. Raises: Trouble, FeelError."""
    event = run.program.ops[found.node].events[found.index] if found.index >= 0 else None
    if event is None or event.named is None:
        found.name = None
    elif found.name is None:
        context = run.context(run.state.tokens.get(found.owner), found.scope)
        found.name = name_of_event(run, event, context)


def _schedule(run: Run, op: Op, event: Event, scope: int, owner: int) -> Schedule:
    if event.time is None:
        raise Trouble("timer.none", "定时器没有时间", "The timer has no time")
    context = run.context(run.state.tokens.get(owner), scope)
    value = event.time.evaluate(context, run.feel_env)
    try:
        return schedule(value, event.form)
    except TimerError as error:
        raise Trouble("timer.invalid", f"无法理解定时器“{op.node.name or op.id}”的时间", str(error)) from error


def _plan(run: Run, op: Op, event: Event, found: Arm, plan: Schedule) -> None:
    try:
        found.due = plan.due(run.env.now, run.env.zone)
        found.count = plan.count
        if plan.period is not None and event.form == "cycle":
            found.start = plan.anchor(run.env.now, run.env.zone)
            found.round = 0 if plan.at is not None else 1
    except TimerError as error:
        raise Trouble("timer.invalid", "定时器的时间超出范围", str(error)) from error
    run.effects.append(fx.ArmTimer(found.id, op.id, found.due, "event"))


def rearm(run: Run, op: Op, old: Arm) -> None:
    """The next round of a cycle; an endless cycle skips rounds that are already past."""
    if old.start is None or (old.count != ENDLESS and old.count <= 1):
        return
    event = op.events[old.index]
    plan = _schedule(run, op, event, old.scope, old.owner)
    env = run.env
    following = plan.next_round(old.start, old.round, old.due or env.now, env.now, env.zone)
    if following is None:
        return
    number, due = following
    count = old.count if old.count == ENDLESS else old.count - 1
    fresh = Arm(run.new_id(), op.id, old.index, old.owner, old.scope, due, None, count, old.start, number)
    run.state.arms[fresh.id] = fresh
    run.effects.append(fx.ArmTimer(fresh.id, op.id, due, "event"))


def disarm_one(run: Run, found: Arm) -> None:
    """Forget one."""
    if run.state.arms.pop(found.id, None) is None:
        return
    kind = run.program.ops[found.node].events[found.index].kind if found.index >= 0 else EventKind.TIMER
    if kind is EventKind.TIMER:
        run.effects.append(fx.DisarmTimer(found.id))
    elif kind is not EventKind.CONDITIONAL:
        run.effects.append(fx.Unsubscribe(found.id))
    elif found.keys:
        release_watcher(run, found)


def _fail(run: Run, item: Arm, error: Exception) -> None:
    """A condition that cannot be evaluated is an incident where it is waited for, not a condition that is false.

    A catching event stops there; beside a running activity or scope a token of its own stops, and goes with the arm.
    """
    owner = run.state.tokens.get(item.owner)
    if owner is not None and run.program.ops[item.node].kind is not NodeKind.BOUNDARY:
        disarm(run, owner=owner.id)
        run.park(owner, "enter", error)
        return
    token = Token(run.new_id(), item.node, item.scope, Wait.INCIDENT, data={WATCHED: item.id})
    item.keys = {WATCHED: token.id}
    run.state.scopes[item.scope].live += 1
    run.history("entered", item.node, token.id)
    run.park(token, WATCHED, error)


def release_watcher(run: Run, found: Arm) -> None:
    """The incident of a condition is over: its token goes, the condition is looked at again."""
    token = run.state.tokens.pop((found.keys or {}).get(WATCHED, 0), None)
    found.keys, found.mark = None, False
    if token is None:
        return
    run.effects.append(fx.ResolveIncident(token.id))
    run.history("cancelled", token.node, token.id)
    scope = run.state.scopes.get(token.scope)
    if scope is not None:
        scope.live -= 1


def disarm(run: Run, *, owner: int = 0, scope: int | None = None) -> None:
    """Forget all of one activation, or all event sub-process starts of one scope."""
    for item in _armed(run, owner, scope):
        disarm_one(run, item)


def _armed(run: Run, owner: int, scope: int | None) -> list[Arm]:
    """What one activation waits for, and the event sub-process starts of one scope, in the order they were armed."""
    return lookups.armed_among(run.state, [owner] if owner else [], [scope] if scope is not None else [])


def disarm_all(run: Run, owners: set[int], scope_ids: set[int]) -> None:
    """Forget all of these activations and scopes."""
    for item in lookups.armed_among(run.state, owners, scope_ids):
        disarm_one(run, item)


def test_conditions(run: Run, *, owner: int = 0, scope: int | None = None) -> bool:
    """Test conditions just armed, before the body runs; True when an interrupting one fired."""
    for item in _armed(run, owner, scope):
        if item.id in run.state.arms and _rises(run, item):
            interrupting = run.program.ops[item.node].node.interrupting
            triggers.fire(run, item)
            if interrupting:
                return True
    return False


def test_rising(run: Run) -> bool:
    """At rest: fire every conditional event as often as it has become true; True when any did (10.5.2, 13.5.4)."""
    return _fire_risen(run, watching.arms(run))


def test_before_end(run: Run, scope: int, owner: int) -> None:
    """A scope is about to complete, the last moment of what watches it: its event sub-processes, and the boundary
    events of the activity it is the body of."""
    _fire_risen(run, _armed(run, owner, scope))


def _fire_risen(run: Run, arms: list[Arm]) -> bool:
    fired = False
    for item in arms:
        if item.id in run.state.arms and _rises(run, item):
            item.count += 1
        while item.id in run.state.arms and item.count and _is_conditional(run, item):
            item.count -= 1
            triggers.fire(run, item)
            fired = True
    return fired


def note_edges(run: Run) -> None:
    """Between two moves: a condition that has become true fires at rest, though it may be false again by then.

    What cannot be evaluated midway is left to the rest.
    """
    armed = run.state.arms
    if isinstance(armed, Table):
        conditions = [item for item in watching.arms(run) if item.node in run.plain.watching]
    else:
        if run.conditions is None:
            run.conditions = {item.id: item for item in armed.values() if item.node in run.plain.watching}
        conditions = list(run.conditions.values())
    for item in conditions:
        if item.id not in armed or not _is_conditional(run, item):
            continue
        try:
            holds = _holds(run, item)
        except TROUBLES:
            continue
        if holds and not item.mark:
            item.count += 1
        item.mark = holds


def _is_conditional(run: Run, item: Arm) -> bool:
    """It waits for a condition, and no incident stands in for it."""
    if item.index < 0 or item.keys:
        return False
    event = run.program.ops[item.node].events[item.index]
    return event.kind is EventKind.CONDITIONAL and event.condition is not None


def _holds(run: Run, item: Arm) -> bool:
    """Raises: FeelError."""
    condition = run.program.ops[item.node].events[item.index].condition
    context = run.context(run.state.tokens.get(item.owner), item.scope)
    return condition is not None and condition.evaluate(context, run.feel_env) is True


def _rises(run: Run, item: Arm) -> bool:
    if not _is_conditional(run, item):
        return False
    try:
        holds = _holds(run, item)
    except TROUBLES as error:
        _fail(run, item, error)
        return False
    rises = holds and not item.mark
    item.mark = holds
    return rises
