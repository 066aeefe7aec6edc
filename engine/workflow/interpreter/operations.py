"""What people do to a running instance from outside the model: retry, skip, pass a join, move."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.kernel.errors import Conflict
from engine.kernel.text import Text
from engine.workflow.bpmn.model import SCOPE_KINDS, NodeKind
from engine.workflow.interpreter import (
    activities,
    adhoc,
    arms,
    compensation,
    data,
    inputs,
    items,
    leaving,
    lookups,
    records,
    scopes,
    stranding,
    ways,
)
from engine.workflow.interpreter import commands as do
from engine.workflow.interpreter import effects as fx
from engine.workflow.interpreter.run import TROUBLES, Move, Run
from engine.workflow.interpreter.state import ROOT, Scope, Token, Wait
from engine.workflow.interpreter.wholeness import lives


def release(run: Run, token: Token) -> None:
    """Close what the token waits for outside, keeping the token and its boundary events."""
    if token.wait == Wait.COMPENSATION:
        compensation.stop(run, token)
    else:
        scopes.close_wait(run, token)
    for item in lookups.armed_by(run.state, token.id):
        if item.index < 0 or run.program.ops[item.node].kind is not NodeKind.BOUNDARY:
            arms.disarm_one(run, item)
    if token.wait in {Wait.SCOPE, Wait.ITEMS}:
        scopes.cancel(run, lookups.items_of(run.state, token.id))
        for scope in lookups.bodies_of(run.state, token.id):
            scopes.clear(run, [scope.id])
            arms.disarm(run, scope=scope.id)
            run.state.scopes.pop(scope.id, None)
    token.wait = Wait.EVENT


def retry(run: Run, command: do.Retry) -> None:
    """Do again what stopped. Raises: Conflict when there is no incident."""
    token = run.state.tokens.get(command.activation)
    if token is None or token.wait != Wait.INCIDENT:
        raise Conflict("incident.gone", Text("该异常已被处理", "This incident is already over"))
    if _stop_watching(run, token, again=True):
        return
    facts = dict(token.data or {})
    phase, result = facts.pop("phase", "enter"), facts.pop("result", {})
    facts.pop("code", None)
    token.data = facts or None
    run.effects.append(fx.ResolveIncident(token.id))
    op = run.op(token)
    token.wait = Wait.EVENT
    if phase == "enter":
        run.state.tokens.pop(token.id)
        run.history("cancelled", op.id, token.id)
        arms.disarm(run, owner=token.id)
        run.queue.append(Move(token.node, token.scope, None, 0, token.undo_of, token.vars))
    elif phase == "body":
        activities.start(run, op, token)
    elif phase == "done":
        activities.complete(run, token, result)
    elif phase == adhoc.COMPLETION:
        token.wait = Wait.SCOPE
        adhoc.look_again(run, token)
    elif op.is_activity:
        activities.finish(run, op, token)
    else:
        ways.leave(run, op, token.scope, token.id, token)


def _stop_watching(run: Run, token: Token, *, again: bool) -> bool:
    """The incident of a condition beside an activity or scope: look at it again, or never more."""
    found = run.state.arms.get((token.data or {}).get(arms.WATCHED, 0))
    if found is None:
        return False
    if again:
        arms.release_watcher(run, found)
    else:
        arms.disarm_one(run, found)
    scopes.check(run, run.state.scopes[token.scope])
    return True


def skip(run: Run, command: do.Skip) -> None:
    """Go on as if the activity were done. Raises: Conflict where nothing can be skipped."""
    token = run.state.tokens.get(command.activation)
    if token is None:
        raise Conflict("activation.gone", Text("该任务已被处理或已取消", "This has already been done or cancelled"))
    op = run.op(token)
    if op.kind in {NodeKind.EXCLUSIVE, NodeKind.INCLUSIVE, NodeKind.COMPLEX, NodeKind.EVENT_BASED}:
        raise Conflict(
            "skip.gateway", Text("网关不能跳过，请移动令牌", "A gateway cannot be skipped; move the token instead")
        )
    if _stop_watching(run, token, again=False):
        return
    is_undoing = token.wait == Wait.COMPENSATION
    release(run, token)
    run.history("skipped", op.id, token.id, {"reason": command.reason})
    values = {name: data.clean(value) for name, value in command.variables.items()}
    for name, value in values.items():
        run.assign(token, token.scope, name, value)
    if is_undoing:
        compensation.pass_over(run, token)
    elif op.is_activity and token.parent:
        activities.complete(run, token, {})
    elif op.is_activity:
        activities.finish(run, op, token)
    else:
        arms.disarm(run, owner=token.id)
        ways.leave(run, op, token.scope, token.id, token)


def pass_join(run: Run, command: do.PassJoin) -> None:
    """Go on behind a join with the tokens that have come. Raises: Conflict where others can still come, or none has."""
    found = [one for one in stranding.stranded(run.program, run.state) if one.node == command.node and one.is_reached]
    if not found:
        zh, en = "还没有令牌到这里，或其余的还会来", "No token waits here yet, or the others can still come"
        raise Conflict("join.not_stranded", Text(zh, en), hint=Text("请刷新页面", "Reload the page"))
    for one in found:
        scope = run.state.scopes[one.scope]
        arrived = scope.joins.pop(one.node)
        scope.live -= sum(count for flow, count in arrived.items() if lives(flow)) - 1
        run.push(one.node, scope.id)


def refit(run: Run, command: do.Refit) -> None:
    """Arm events of a new version beside what runs already. Raises: Conflict when one cannot be armed."""
    state = run.state
    try:
        for token in [one for one in state.tokens.values() if not one.parent]:
            for boundary in command.fresh.intersection(run.op(token).boundary):
                arms.arm_all(run, run.program.ops[boundary], owner=token.id, scope=token.scope)
        for scope in list(state.scopes.values()):
            for _, start in run.program.scopes[scope.node].handlers:
                if start in command.fresh:
                    arms.arm_all(run, run.program.ops[start], owner=0, scope=scope.id)
        for item in state.arms.values():
            arms.rename(run, item)
        while inputs.settle(run):
            continue
    except TROUBLES as error:
        zh, en = "新版本的事件无法启动", "An event of the new version cannot be armed"
        raise Conflict("refit.event", Text(zh, en), hint=Text(str(error), str(error))) from error


def move(run: Run, command: do.MoveToken) -> None:
    """Cancel activations and begin at another node. Raises: Conflict for an unknown target or activation."""
    op = run.program.ops.get(command.target)
    if op is None or op.kind is NodeKind.BOUNDARY:
        raise Conflict("move.target", Text("不能移动到该节点", "Tokens cannot be moved to this node"))
    tokens = [_movable(run, activation) for activation in command.cancel]
    base = _base_scope(run, tokens, op.scope) if command.scope is None else run.state.scopes[command.scope]
    base.live += 1
    if command.resume is not None:
        _, base.undo = records.take(run, base.undo, op.id, command.resume.get("records", 0))
    undone, kept = compensation.reopen(run, base, _path(run, base.node, op.scope), command.compensate)
    undone += compensation.pick(run, base, tokens, command.compensate) if command.compensate else []
    for token in tokens:
        if token.id in run.state.tokens:
            _remove(run, token)
    for name, value in command.variables.items():
        run.assign(None, base.id, name, data.clean(value))
    first = tokens[0].id if tokens else 0
    run.history("moved", op.id, first, {"reason": command.reason, "cancelled": list(command.cancel)})
    if undone:
        compensation.before_move(run, base, op.id, undone, command.arrived, command.resume, kept)
    else:
        begin_at(run, base, op.id, command.arrived, command.resume, kept)


def begin_at(
    run: Run,
    base: Scope,
    target: str,
    arrived: Iterable[Sequence[str]],
    resume: Mapping[str, Any] | None,
    kept: Iterable[Any],
) -> None:
    """Enter the node, opening the sub-processes between the running scope and it; their starts are not passed.

    kept: of sub-processes that go on, a record with their data and what was completed in them.
    """
    op = run.program.ops[target]
    scope = base
    done = {node: (variables, undo) for node, variables, undo in kept}
    for node in _path(run, base.node, op.scope):
        scope, home = _open_without_start(run, node, scope), scope
        leaving.recall(home, scope)
        variables, scope.undo = done.get(node, (None, []))
        scope.vars.update(variables or {})
        for join, flow in arrived:
            if run.program.ops[join].scope == node:
                scope.joins.setdefault(join, {})[flow] = 1
                scope.live += 1
    if resume is None:
        run.push(op.id, scope.id)
    else:
        items.resume(run, op, scope, resume)


def _movable(run: Run, activation: int) -> Token:
    token = run.state.tokens.get(activation)
    if token is None:
        raise Conflict("activation.gone", Text("该任务已被处理或已取消", "This has already been done or cancelled"))
    return run.state.tokens[token.parent] if token.parent else token


def _ancestors(run: Run, scope_node: str) -> list[str]:
    """The scope and those around it, innermost first."""
    found = [scope_node]
    while found[-1] in run.program.ops and found[-1] != run.program.process:
        found.append(run.program.ops[found[-1]].scope)
    return found


def _base_scope(run: Run, tokens: list[Token], target: str) -> Scope:
    """The innermost running scope around the first token that also contains the target."""
    around = _ancestors(run, target)
    scope: Scope | None = run.state.scopes[tokens[0].scope] if tokens else None
    if scope is None:
        inside = [item for item in run.state.scopes.values() if item.node == target]
        scope = inside[0] if len(inside) == 1 else run.state.scopes[ROOT]
    while scope is not None and scope.node not in around:
        scope = scopes.parent_scope(run, scope)
    return scope or run.state.scopes[ROOT]


def _path(run: Run, outer: str, inner: str) -> list[str]:
    around = _ancestors(run, inner)
    return list(reversed(around[: around.index(outer)]))


def _remove(run: Run, token: Token) -> None:
    """Cancel an activation; a sub-process left empty by it is cancelled too. What it undid counts as undone."""
    scope = run.state.scopes[token.scope]
    leaving.keep_cancelled(run, token)
    scopes.cancel(run, [token])
    if token.undo_of:
        compensation.handler_done(run, token)
        return
    scope.live -= 1
    owner = run.state.tokens.get(scope.owner)
    if scope.live == 0 and owner is not None:
        host = run.state.tokens[owner.parent] if owner.parent else owner
        _remove(run, host)


def _open_without_start(run: Run, node: str, scope: Scope) -> Scope:
    op = run.program.ops[node]
    if op.kind not in SCOPE_KINDS or op.loop is not None:
        raise Conflict(
            "move.target", Text("不能移动到多实例子流程内部", "Tokens cannot be moved into a looped sub-process")
        )
    token = Token(run.new_id(), node, scope.id, Wait.SCOPE)
    if op.kind is NodeKind.ADHOC:
        token.data = {"done": {}}
    run.state.tokens[token.id] = token
    run.history("entered", node, token.id)
    try:
        for boundary in op.boundary:
            arms.arm_all(run, run.program.ops[boundary], owner=token.id, scope=scope.id)
    except TROUBLES as error:
        raise Conflict("move.target", Text("目标的边界事件无法启动", "A boundary event of the target fails")) from error
    inner = scopes.open_scope(run, node, token, {})
    inner.live = 1
    return inner
