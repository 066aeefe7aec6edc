"""Standard loops and multi-instance activities (BPMN 2.0.2 13.3.6, 13.3.7).

The host activation waits while its items run, each an activation of its own with its own variables. Collections and
outputs are kept packed per entry, so the cost of a step does not grow with what is already done.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from engine.workflow.bpmn.model import EventKind
from engine.workflow.bpmn.program import Event, Loop, Op
from engine.workflow.interpreter import activities, codec, compensation, data, faults, lookups, scopes, throwing, voting
from engine.workflow.interpreter.naming import code_of
from engine.workflow.interpreter.run import Move, Run, Trouble
from engine.workflow.interpreter.state import Token, Wait

MAX_ITEMS = 100_000


def begin(run: Run, op: Op, loop: Loop, host: Token) -> None:
    """Start the loop. Raises: Trouble, FeelError."""
    if loop.multi:
        _begin_multi(run, op, loop, host)
    else:
        _begin_standard(run, op, loop, host)


def _begin_standard(run: Run, op: Op, loop: Loop, host: Token) -> None:
    if loop.maximum is not None and loop.maximum < 1:
        raise Trouble("loop.maximum", "循环次数上限小于 1", "The loop's maximum is below 1")
    if loop.condition is None and loop.maximum is None:
        raise Trouble("loop.endless", "循环既没有条件也没有次数上限", "The loop has neither a condition nor a maximum")
    go = not loop.test_before or _again(run, loop, host, 0)
    host.wait = Wait.ITEMS
    host.data = {"done": 0, "act": 0, "next": 0}
    if not go:
        activities.finish(run, op, host)
        return
    start_item(run, op, loop, host)


def _again(run: Run, loop: Loop, host: Token, rounds: int) -> bool:
    """Whether another round follows after `rounds` of them."""
    if loop.maximum is not None and rounds >= loop.maximum:
        return False
    if loop.condition is None:
        return True
    context = run.context(host, host.scope, {"loopCounter": Decimal(rounds)})
    return loop.condition.evaluate(context, run.feel_env) is True


def _begin_multi(run: Run, op: Op, loop: Loop, host: Token) -> None:
    items = _items(run, loop, host)
    host.wait = Wait.ITEMS
    host.data = {
        "n": len(items),
        "next": 0,
        "act": 0,
        "done": 0,
        "term": 0,
        "items": items if loop.item else None,
        "out": [None] * len(items) if loop.output else None,
        **voting.counters(loop),
    }
    if not items:
        _finish_multi(run, op, loop, host)
        return
    for _ in range(1 if loop.sequential else len(items)):
        start_item(run, op, loop, host)


def _items(run: Run, loop: Loop, host: Token) -> list[bytes | None]:
    """One packed entry per instance. Raises: Trouble when the number cannot be told."""
    context = run.context(host, host.scope)
    if loop.collection is not None:
        value = loop.collection.evaluate(context, run.feel_env)
        if not isinstance(value, list | tuple):
            raise Trouble(
                "multi.collection",
                "多实例的集合不是列表",
                "The collection of the multi-instance activity is not a list",
            )
        _limit(len(value))
        return [codec.pack(item) for item in value]
    if loop.cardinality is None:
        raise Trouble("multi.cardinality", "多实例没有次数", "The multi-instance activity has no cardinality")
    value = loop.cardinality.evaluate(context, run.feel_env)
    if isinstance(value, str) and value.strip().isdecimal():
        value = Decimal(value.strip())
    if not isinstance(value, Decimal) or value < 0 or value != value.to_integral_value():
        raise Trouble(
            "multi.cardinality",
            "多实例的次数不是非负整数",
            "The cardinality of the multi-instance activity is not a whole number",
        )
    _limit(value)
    return [None] * int(value)


def _limit(number: int | Decimal) -> None:
    if number > MAX_ITEMS:
        raise Trouble("multi.too_many", f"多实例超过 {MAX_ITEMS} 个", f"More than {MAX_ITEMS} instances were asked for")


def start_item(run: Run, op: Op, loop: Loop, host: Token) -> None:
    """Begin the item whose turn it is: the next place, or the first of the order people have arranged."""
    facts = host.data or {}
    index = facts["next"]
    if facts.get("order"):
        index, *facts["order"] = facts["order"]
    facts["next"] += 1
    start_at(run, op, loop, host, index)


def start_at(run: Run, op: Op, loop: Loop, host: Token, index: int) -> None:
    """Begin the item of a place."""
    facts = host.data or {}
    facts["act"] += 1
    variables: dict[str, Any] = {"loopCounter": Decimal(index + 1)}
    if loop.item and facts.get("items"):
        packed = facts["items"][index]
        variables[loop.item] = codec.unpack(packed) if packed is not None else None
        if loop.vote is None:
            facts["items"][index] = None
    if loop.output_name:
        variables.setdefault(loop.output_name, None)
    item = Token(run.new_id(), op.id, host.scope, Wait.READY, host.id, variables)
    run.state.tokens[item.id] = item
    run.queue.append(Move(op.id, host.scope, None, item.id))


def begin_item(run: Run, item: Token) -> None:
    """An item's turn has come."""
    op = run.op(item)
    run.history("entered", op.id, item.id, {"item": int((item.vars or {}).get("loopCounter", 0))})
    activities.start(run, op, item)


def item_done(run: Run, host: Token, item: Token) -> None:
    """One item is complete: collect, decide whether the loop goes on. Raises: Trouble, FeelError."""
    op, facts = run.op(host), host.data or {}
    loop = op.loop
    if loop is None:
        return
    if not loop.multi:
        _round_done(run, op, loop, host, item)
        return
    output = _output(run, loop, item)
    counts = _counts(facts, 1)
    over = _is_over(run, loop, host, counts, item)
    if loop.output and facts.get("out") is not None:
        facts["out"][int((item.vars or {})["loopCounter"]) - 1] = output
    facts["act"] -= 1
    facts["done"] += 1
    compensation.remember_item(run, op, host, item)
    run.state.tokens.pop(item.id, None)
    run.history("completed", op.id, item.id, {"item": int((item.vars or {})["loopCounter"])})
    if not _throw_behavior(run, loop, host, item, counts):
        return
    go_on(run, op, loop, host, over=over)


def go_on(run: Run, op: Op, loop: Loop, host: Token, *, over: bool) -> None:
    """After an item has gone: stop the rest, begin the next one, or finish."""
    facts = host.data or {}
    if over:
        rest = lookups.items_of(run.state, host.id)
        facts["term"] += len(rest)
        facts["act"] = 0
        scopes.cancel(run, rest)
        _finish_multi(run, op, loop, host)
    elif facts["act"] == 0 and facts["next"] < slots(facts):
        start_item(run, op, loop, host)
    elif facts["act"] == 0:
        _finish_multi(run, op, loop, host)


def slots(facts: Mapping[str, Any]) -> int:
    """Items begun and to come, those taken out included: an item's place is never given to another one."""
    return int(facts["n"]) + len(facts.get("gone", ()))


def _round_done(run: Run, op: Op, loop: Loop, host: Token, item: Token) -> None:
    facts = host.data or {}
    again = _again(run, loop, host, facts["done"] + 1)
    facts["done"] += 1
    facts["act"] = 0
    compensation.remember_item(run, op, host, item)
    run.state.tokens.pop(item.id, None)
    run.history("completed", op.id, item.id, {"item": facts["done"]})
    if again:
        start_item(run, op, loop, host)
    else:
        compensation.hand_over_items(run, host)
        activities.finish(run, op, host)


def _output(run: Run, loop: Loop, item: Token) -> bytes | None:
    if loop.output is None:
        return None
    context = run.context(item, item.scope)
    value = loop.output_item.evaluate(context, run.feel_env) if loop.output_item is not None else None
    return codec.pack(value)


def _counts(facts: Mapping[str, Any], finished: int) -> dict[str, Any]:
    """The instance attributes of 13.3.7 and their usual short names."""
    total, active, done = facts["n"], facts["act"] - finished, facts["done"] + finished
    return {
        "numberOfInstances": Decimal(total),
        "numberOfActiveInstances": Decimal(active),
        "numberOfCompletedInstances": Decimal(done),
        "numberOfTerminatedInstances": Decimal(facts["term"]),
        "nrOfInstances": Decimal(total),
        "nrOfActiveInstances": Decimal(active),
        "nrOfCompletedInstances": Decimal(done),
    }


def _attributes(item: Token, counts: Mapping[str, Any]) -> dict[str, Any]:
    """The runtime attributes of the activity by their names in the standard."""
    found = {name: value for name, value in counts.items() if name.startswith("number")}
    return {"loopCounter": (item.vars or {})["loopCounter"], **found}


def _is_over(run: Run, loop: Loop, host: Token, counts: Mapping[str, Any], item: Token) -> bool:
    facts = host.data or {}
    if loop.vote is not None and loop.vote.mode and voting.is_decided(run, loop, host, facts):
        return True
    if loop.completion is None:
        return False
    extra = {**(item.vars or {}), **counts}
    if loop.vote is not None:
        extra[host.node] = voting.context(loop, facts, with_votes=False)
    return loop.completion.evaluate(run.context(host, host.scope, extra), run.feel_env) is True


def _throw_behavior(run: Run, loop: Loop, host: Token, item: Token, counts: Mapping[str, Any]) -> bool:
    """Events of the behaviour attribute (13.3.7); False when one of them cancelled the activity."""
    op, events = run.op(host), list[Event | None]()
    if loop.default_signal:
        if loop.behavior == "None" or counts["numberOfCompletedInstances"] == 1:
            throwing.throw_default(run, op, host, _attributes(item, counts))
        return host.id in run.state.tokens
    if loop.behavior == "None":
        events.append(loop.none_event)
    elif loop.behavior == "One" and counts["numberOfCompletedInstances"] == 1:
        events.append(loop.one_event)
    elif loop.behavior == "Complex":
        context = run.context(host, host.scope, {**(item.vars or {}), **counts})
        events += [b.event for b in loop.behaviors if b.condition.evaluate(context, run.feel_env) is True]
    for event in events:
        if event is None:
            continue
        if event.kind is EventKind.SIGNAL:
            throwing.broadcast(run, op, event, host)
        elif event.kind is EventKind.ESCALATION:
            faults.escalate(run, host, code_of(run, event, run.context(host, host.scope)), {})
        elif event.kind is EventKind.ERROR:
            faults.throw(run, host, code_of(run, event, run.context(host, host.scope)), "", {})
        elif event.kind is EventKind.MESSAGE:
            throwing.throw_message(run, op, event, host)
        if host.id not in run.state.tokens:
            return False
    return True


def _finish_multi(run: Run, op: Op, loop: Loop, host: Token) -> None:
    facts = host.data or {}
    if loop.output:
        kept = [item for index, item in enumerate(facts.get("out") or []) if index not in facts.get("gone", ())]
        values = [codec.unpack(item) if item is not None else None for item in kept]
        data.write_collection(run, op, host, loop.output, values)
    if loop.vote is not None:
        run.assign(None, host.scope, op.id, voting.context(loop, facts, with_votes=True))
    compensation.hand_over_items(run, host)
    activities.finish(run, op, host)
