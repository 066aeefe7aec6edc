"""Ad-hoc sub-processes (BPMN 2.0.2 13.3.5): people choose which activity begins, and when enough is done.

An ad-hoc sub-process without any task for people begins its activities by itself, each once.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from engine.kernel.errors import Conflict
from engine.kernel.text import Text
from engine.workflow.bpmn.model import NodeKind
from engine.workflow.bpmn.program import Op, Program
from engine.workflow.interpreter import lookups, scopes
from engine.workflow.interpreter.run import TROUBLES, Run, Trouble
from engine.workflow.interpreter.state import Scope, State, Token, Wait

COMPLETION = "completion"
_HUMAN = frozenset({NodeKind.USER, NodeKind.MANUAL})


def begin(run: Run, op: Op, host: Token) -> None:
    """Open the body; begin what begins by itself."""
    chosen = _automatic(run, op, host)
    host.data = {"done": {}}
    scope = scopes.open_scope(run, op.id, host, {})
    if op.node.adhoc is not None and op.node.adhoc.sequential:
        host.data["todo"] = chosen[1:]
        chosen = chosen[:1]
    scope.live += len(chosen)
    for node in chosen:
        run.push(node, scope.id)
    if op.active_elements is not None and not chosen:
        scopes.check(run, scope)


def _automatic(run: Run, op: Op, host: Token) -> list[str]:
    available = enabled(run, op)
    if op.active_elements is not None:
        value = op.active_elements.evaluate(run.context(host, host.scope), run.feel_env)
        return _listed(available, value if value is not None else [])
    return list(available) if begins_by_itself(run.program, op.id) else []


def _listed(available: tuple[str, ...], value: Any) -> list[str]:
    names = value if isinstance(value, list) else [value]
    wrong = next((name for name in names if name not in available), None)
    if wrong is not None:
        zh, en = f"其中没有可开始的活动“{wrong}”", f"It has no activity {wrong!r} that could begin"
        raise Trouble("adhoc.activity", zh, en)
    return [node for node in available if node in names]


def begins_by_itself(program: Program, body: str) -> bool:
    """Whether its activities begin without anybody choosing: there is no task for people, or the model lists them."""
    return program.ops[body].active_elements is not None or not _has_people(program, body)


def _has_people(program: Program, body: str) -> bool:
    return any(program.ops[node].kind in _HUMAN for node in program.scopes[body].members)


def enabled(run: Run, op: Op) -> tuple[str, ...]:
    """The activities a person can begin: those without incoming flow."""
    return run.program.scopes[op.id].implicit


def available(program: Program, state: State, host: Token) -> tuple[str, ...]:
    """The ones that can begin now: none once the body is complete, or while one runs in a sequential body."""
    node = program.ops[host.node].node
    scope = next(iter(lookups.bodies_of(state, host.id)), None)
    if scope is None or (host.data or {}).get("over"):
        return ()
    is_busy = node.adhoc is not None and node.adhoc.sequential and scope.live > 0
    return () if is_busy else program.scopes[host.node].implicit


def activate(run: Run, host: Token, node: str) -> None:
    """Begin one. Raises: Conflict when it is not one of them, or another one runs in a sequential body."""
    op = run.op(host)
    scope = next(iter(lookups.bodies_of(run.state, host.id)), None)
    if scope is None or not _offers(run, op, host, node):
        raise Conflict("adhoc.unknown", Text("该活动不能在这里启动", "This activity cannot be started here"))
    if op.node.adhoc is not None and op.node.adhoc.sequential and scope.live:
        raise Conflict("adhoc.busy", Text("请先完成正在进行的活动", "Finish the running activity first"))
    scope.live += 1
    run.push(node, scope.id)


def _offers(run: Run, op: Op, host: Token, node: str) -> bool:
    return op.kind is NodeKind.ADHOC and node in enabled(run, op) and not (host.data or {}).get("over")


def count(host: Token, node: str) -> None:
    """One activity inside has completed."""
    if host.data is not None:
        host.data["done"][node] = host.data["done"].get(node, 0) + 1


def interrupted(run: Run, token: Token) -> None:
    """A boundary event has ended an activity inside: it has run, though it is not complete."""
    host = run.state.tokens.get(run.scope_of(token).owner)
    if host is not None and run.op(host).kind is NodeKind.ADHOC and host.data is not None:
        host.data["left"] = sorted({*host.data.get("left", ()), token.node})


def replaced(run: Run, scope: Scope) -> None:
    """An interrupting event sub-process has taken the place of all inside: nothing more begins (13.5.4)."""
    host = run.state.tokens.get(scope.owner)
    if host is not None and run.op(host).kind is NodeKind.ADHOC and host.data is not None:
        host.data["over"] = True


def after(run: Run, host: Token, scope: Scope) -> None:
    """After each completion: test the completion condition."""
    if host.id not in run.state.tokens:
        return
    op, adhoc = run.op(host), run.op(host).node.adhoc
    if op.completion is None or not _holds(run, op, host, scope):
        return
    if adhoc is not None and adhoc.cancel_remaining:
        scopes.clear(run, [scope.id])
        scope.live = 0
    (host.data or {})["over"] = True
    scopes.check(run, scope)


def _holds(run: Run, op: Op, host: Token, scope: Scope) -> bool:
    facts: dict[str, Any] = {"numberOfCompletedActivities": Decimal(sum((host.data or {})["done"].values()))}
    if op.completion is None or host.wait == Wait.INCIDENT:
        return False
    try:
        return op.completion.evaluate(run.context(host, scope.id, facts), run.feel_env) is True
    except TROUBLES as error:
        run.park(host, COMPLETION, error)
        return False


def look_again(run: Run, host: Token) -> None:
    """After the incident of a completion condition: test it once more."""
    scope = next(iter(lookups.bodies_of(run.state, host.id)), None)
    if scope is None:
        return
    after(run, host, scope)
    if scope.id in run.state.scopes:
        scopes.check(run, scope)


def is_over(run: Run, host: Token, scope: Scope) -> bool:
    """Nothing runs inside: is the sub-process complete? Begins the next activity of a sequential body.

    A body without people in which everything has begun cannot become more complete.
    """
    op, facts = run.op(host), host.data or {}
    if facts.get("over"):
        return True
    if facts.get("todo"):
        scope.live += 1
        run.push(facts["todo"].pop(0), scope.id)
        return False
    if op.completion is not None:
        return _holds(run, op, host, scope) or (host.wait != Wait.INCIDENT and not _has_people(run.program, op.id))
    if begins_by_itself(run.program, op.id):
        return True
    return all(facts["done"].get(node) or node in facts.get("left", ()) for node in enabled(run, op))


def finish(run: Run, host: Token) -> None:
    """A person says it is done: what still runs is cancelled. Raises: Conflict for another kind of sub-process."""
    if run.op(host).kind is not NodeKind.ADHOC:
        raise Conflict("adhoc.none", Text("该环节不是即席子流程", "This is not an ad-hoc sub-process"))
    scope = next(iter(lookups.bodies_of(run.state, host.id)), None)
    if scope is None:
        return
    scopes.clear(run, [scope.id])
    scope.live = 0
    (host.data or {})["over"] = True
    scopes.check(run, scope)
