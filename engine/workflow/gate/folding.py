"""Folding a net until only what is not well structured is left.

Every rule keeps deadlocks, tokens that meet and cases that never end.
"""

from __future__ import annotations

from engine.workflow.gate.net import BEGIN, Net, Step

_SAME = frozenset({("x", "x"), ("+", "+"), ("o", "o"), ("+", "o"), ("x", "o")})
"""Kinds of split and join between which parallel edges are one edge."""


def fold(net: Net) -> None:
    """Apply the rules until none fits. Each takes a step or an edge away, so the time is bounded by their number."""
    waiting = dict.fromkeys(net.steps)
    while waiting:
        key = next(iter(waiting))
        del waiting[key]
        step = net.steps.get(key)
        if step is not None:
            waiting.update(dict.fromkeys(_folded(net, step)))


def _folded(net: Net, step: Step) -> list[str]:
    """The steps to look at again; empty when nothing could be done at this one."""
    around = {net.edges[edge][0] for edge in step.ins} | {net.edges[edge][1] for edge in step.outs}
    changed = (
        _drop_turn(net, step) or _drop_twin(net, step) or _drop_end(net, step) or _skip(net, step) or _fuse(net, step)
    )
    return [step.key, *sorted(around)] if changed else []


def _drop_turn(net: Net, step: Step) -> bool:
    """A way back to the same exclusive step, beside another way out."""
    if step.splits != "x" or (step.joins != "x" and len(step.ins) > 1):
        return False
    turns = [edge for edge in step.outs if net.edges[edge][1] == step.key]
    if not turns or len(turns) == len(step.outs):
        return False
    net.cut(turns[0])
    return True


def _drop_twin(net: Net, step: Step) -> bool:
    """Two ways from one step to the next that split and join alike."""
    seen: set[str] = set()
    for edge in list(step.outs):
        target = net.steps[net.edges[edge][1]]
        if target.key in seen and target is not step and (step.splits, target.joins) in _SAME:
            net.cut(edge)
            return True
        seen.add(target.key)
    return False


def _drop_end(net: Net, step: Step) -> bool:
    """A way that only ends, beside others that are taken all the same, or beside another that only ends."""
    ending = [edge for edge in step.outs if _only_ends(net, edge)]
    if step.splits in {"+", "?"} and len(step.outs) > 1:
        ending = [edge for edge in ending if step.splits == "+" or edge != step.outs[0]]
    elif len(ending) < 2:
        return False
    for edge in ending[-1:]:
        target = net.edges[edge][1]
        net.cut(edge)
        del net.steps[target]
        return True
    return False


def _only_ends(net: Net, edge: int) -> bool:
    target = net.steps[net.edges[edge][1]]
    return not target.outs and not target.flushes and len(target.ins) == 1


def _skip(net: Net, step: Step) -> bool:
    """A step with one way in and one out changes nothing."""
    if step.key == BEGIN or len(step.ins) != 1 or len(step.outs) != 1 or step.flushes:
        return False
    source, (before, out) = net.edges[step.ins[0]][0], (step.ins[0], step.outs[0])
    target = net.edges[out][1]
    if step.key in {source, target}:
        return False
    flow = net.edges[before][2]
    net.edges[before] = (source, target, flow)
    net.steps[target].ins[net.steps[target].ins.index(out)] = before
    del net.edges[out]
    del net.steps[step.key]
    return True


def _fuse(net: Net, step: Step) -> bool:
    """Steps in a row, splits of a split, and joins of a join of the same kind are one step."""
    for edge in step.outs:
        target = net.steps[net.edges[edge][1]]
        if target is not step and _is_one(step, target):
            _merge(net, step, edge, target)
            return True
    return False


def _is_one(step: Step, target: Step) -> bool:
    if target.flushes or not target.outs:
        return False
    if len(target.ins) == 1:
        return len(step.outs) == 1 or (step.splits == target.splits and step.splits in {"x", "+"})
    joins = "x" if len(step.ins) == 1 else step.joins
    return step.key != BEGIN and len(step.outs) == 1 and joins == target.joins and joins in {"x", "+"}


def _merge(net: Net, step: Step, edge: int, target: Step) -> None:
    """The target becomes part of the step."""
    was_alone, was_last = len(target.ins) == 1, len(step.outs) == 1
    net.cut(edge)
    for one in target.ins:
        net.edges[one] = (net.edges[one][0], step.key, net.edges[one][2])
    for one in target.outs:
        net.edges[one] = (step.key, net.edges[one][1], net.edges[one][2])
    if not was_alone:
        step.joins = target.joins
    if was_last:
        step.splits = target.splits
    step.ins += target.ins
    step.outs += target.outs
    if step.node is None or not was_alone:
        step.node = target.node
    del net.steps[target.key]
