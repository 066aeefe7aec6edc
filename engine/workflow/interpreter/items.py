"""Items that join, leave, change their turn or come back while a multi-instance activity runs (加签, 减签, 撤回)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engine.kernel.errors import Conflict
from engine.kernel.text import Text
from engine.workflow.bpmn.program import Op
from engine.workflow.interpreter import arms, codec, lookups, loops, scopes, voting
from engine.workflow.interpreter.run import TROUBLES, Move, Run
from engine.workflow.interpreter.state import Scope, Token, Wait


def add(run: Run, host: Token, value: Any, *, is_next: bool) -> None:
    """One more instance (加签): begins now; in a sequential one at the end, or when the running one is done."""
    op, facts = run.op(host), host.data or {}
    if op.loop is None or not op.loop.multi:
        return
    place, waiting = loops.slots(facts), upcoming(facts)
    facts["n"] += 1
    if op.loop.sequential and (is_next or "order" in facts):
        facts["order"] = [place, *waiting] if is_next else [*waiting, place]
    if facts.get("items") is not None:
        facts["items"].append(codec.pack(value))
    if facts.get("out") is not None:
        facts["out"].append(None)
    if not op.loop.sequential:
        loops.start_item(run, op, op.loop, host)


def upcoming(facts: Mapping[str, Any]) -> list[int]:
    """Places of a sequential activity whose turn has yet to come, in their order."""
    return list(facts["order"]) if "order" in facts else list(range(facts["next"], loops.slots(facts)))


def arrange(run: Run, host: Token, order: Sequence[int]) -> None:
    """Those whose turn has yet to come have it in this order; who is not named is taken out (减签).

    Raises: Conflict when a place is not one of those, or comes twice.
    """
    op, facts = run.op(host), host.data or {}
    waiting = upcoming(facts)
    if op.loop is None or not op.loop.sequential or len(set(order)) != len(order) or not set(order) <= set(waiting):
        raise Conflict("multi.order", Text("顺序已变化，请刷新后重试", "The order has changed; reload and try again"))
    facts.update(arranged(facts, order))
    if len(waiting) > len(order):
        _look_again(run, op, host)


def arranged(facts: Mapping[str, Any], order: Sequence[int]) -> dict[str, Any]:
    """The counters of a sequential activity whose places to come have this order; those not in it are taken out."""
    left = [place for place in upcoming(facts) if place not in order]
    gone = [*facts.get("gone", ()), *left]
    return {**facts, "order": list(order), "n": facts["n"] - len(left), "next": facts["next"] + len(left), "gone": gone}


def remove(run: Run, host: Token, item: Token) -> None:
    """One open instance less (减签). The total counts it no more. Raises: Conflict for the last one."""
    op, facts = run.op(host), host.data or {}
    if op.loop is None or not op.loop.multi:
        return
    if facts["n"] == 1:
        raise Conflict("multi.last", Text("至少要保留一名会签人", "One countersigner has to remain"))
    scopes.cancel(run, [item])
    facts.update(taken_out(facts, item))
    _look_again(run, op, host)


def taken_out(facts: Mapping[str, Any], item: Token) -> dict[str, Any]:
    """The counters of a multi-instance activity without one of its open items."""
    gone = [*facts.get("gone", ()), _place(item)]
    return {**facts, "n": facts["n"] - 1, "act": facts["act"] - 1, "gone": gone}


def _look_again(run: Run, op: Op, host: Token) -> None:
    """With fewer instances the result may be clear, or nothing left to do."""
    if op.loop is not None:
        decided = bool(op.loop.vote and op.loop.vote.mode) and voting.is_decided(run, op.loop, host, host.data or {})
        loops.go_on(run, op, op.loop, host, over=decided)


def recall(run: Run, host: Token, place: int, by: str) -> None:
    """Take one vote back: its item is open again, as if it had never been cast; in order, the next voter waits."""
    op, facts = run.op(host), host.data or {}
    loop = op.loop
    if loop is None or not voting.recall(host, loop, by):
        raise Conflict("vote.gone", Text("该意见已不在会签中", "The vote is no longer part of the countersign"))
    if loop.sequential:
        _put_back(run, host)
    facts["done"] -= 1
    if facts.get("out") is not None:
        facts["out"][place] = None
    if facts.get("undo"):
        facts["undo"] = [one for one in facts["undo"] if (one[1] or {}).get("loopCounter") != place + 1]
    loops.start_at(run, op, loop, host, place)


def resume(run: Run, op: Op, scope: Scope, before: Mapping[str, Any]) -> None:
    """A countersign that was over runs on as it stood, under its own activation; the scope counts it already.

    With `recall`, (item, by), that vote is then taken back as well.
    """
    facts = dict(before["facts"])
    host = Token(before["host"], op.id, scope.id, Wait.ITEMS, data=facts)
    run.state.tokens[host.id] = host
    run.history("entered", op.id, host.id, {"host": True})
    try:
        for boundary in op.boundary:
            arms.arm_all(run, run.program.ops[boundary], owner=host.id, scope=scope.id)
    except TROUBLES as error:
        raise Conflict("move.target", Text("目标的边界事件无法启动", "A boundary event of the target fails")) from error
    if op.boundary and arms.test_conditions(run, owner=host.id):
        return
    facts["act"] = len(before["items"])
    for variables in before["items"]:
        item = Token(run.new_id(), op.id, scope.id, Wait.READY, host.id, dict(variables))
        run.state.tokens[item.id] = item
        run.queue.append(Move(op.id, scope.id, None, item.id))
    if "recall" in before:
        number, by = before["recall"]
        recall(run, host, number - 1, by)


def _put_back(run: Run, host: Token) -> None:
    """The voter whose turn it is waits again."""
    facts = host.data or {}
    running = lookups.items_of(run.state, host.id)
    scopes.cancel(run, running)
    facts["act"] -= len(running)
    facts["next"] -= len(running)
    if "order" in facts:
        facts["order"] = [*map(_place, running), *facts["order"]]


def _place(item: Token) -> int:
    return int((item.vars or {})["loopCounter"]) - 1
