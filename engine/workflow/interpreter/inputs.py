"""Input sets: an activity begins when one of them is complete, and waits until then (BPMN 2.0.2 10.4.2).

Tools list inputs that nobody gives. So the only set of an activity keeps it waiting just for data objects without a
value that another step of the model writes, and as long as a token can still come to such a step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.workflow.bpmn.program import Op, Program
from engine.workflow.interpreter import activities, arms, data, joins
from engine.workflow.interpreter.run import TROUBLES, Run
from engine.workflow.interpreter.state import Token, Wait


def read(run: Run, op: Op, token: Token) -> bool:
    """Read the data associations; False when no input set is complete: the token waits. Raises: FeelError."""
    data.read_associations(run, op, token)
    if not op.node.input_sets or _choose(run, op, token) or not any(_writers(run, op, token)):
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
    """At rest: begin an activity whose data have come, or can come no more; True when one began, or cannot be read."""
    for token in [one for one in run.state.tokens.values() if one.wait == Wait.DATA]:
        op = run.op(token)
        try:
            is_ready = read(run, op, token) or not _may_come(run, op, token)
        except TROUBLES as error:
            arms.disarm(run, owner=token.id)
            run.park(token, "enter", error)
            return True
        if is_ready:
            token.wait = Wait.READY
            activities.start(run, op, token)
            return True
    return False


def _writers(run: Run, op: Op, token: Token) -> Iterator[str]:
    """Steps that write what is missing of an only set; with several sets anything may, which is told by the own id."""
    if len(op.node.input_sets) > 1:
        yield op.id
        return
    lack = missing(run.context(token, token.scope), op.node.input_sets[0].needed)
    wanted = {name for item in op.data_inputs if item.target in lack for name in item.from_names}
    for one in run.program.ops.values():
        if one.id != op.id and any(item.target in wanted for item in one.data_outputs):
            yield one.id


def _may_come(run: Run, op: Op, token: Token) -> bool:
    """Whether a token of this scope or of one around it stands where ways lead to a step that writes the data."""
    if len(op.node.input_sets) > 1:
        return True
    nodes = {node for writer in _writers(run, op, token) for node in _leading_to(run.program, writer)}
    around, mine = _around(run, token)
    tokens = (one for one in run.state.tokens.values() if one.scope in around and one.wait != Wait.DATA)
    if any(one.node in nodes and one.id not in mine for one in tokens):
        return True
    return any(not nodes.isdisjoint(run.state.scopes[scope].joins) for scope in around)


def _leading_to(program: Program, writer: str) -> frozenset[str]:
    """Where a token may come to the step from, also to the sub-processes it lies in."""
    found = joins.upstream(program, writer)
    scope = program.ops[writer].scope
    return found | _leading_to(program, scope) if scope in program.ops else found


def _around(run: Run, token: Token) -> tuple[set[int], set[int]]:
    """The scopes around the token, and the activities it lies in, itself among them."""
    scopes, mine = {token.scope}, {token.id}
    owner = run.state.tokens.get(run.scope_of(token).owner)
    while owner is not None:
        scopes.add(owner.scope)
        mine |= {owner.id, owner.parent}
        owner = run.state.tokens.get(run.scope_of(owner).owner)
    return scopes, mine
