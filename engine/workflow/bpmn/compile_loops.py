"""Loop characteristics compiled (BPMN 2.0.2 13.3.6, 13.3.7)."""

from __future__ import annotations

from engine.workflow.bpmn.compile_events import compile_event, throws_default
from engine.workflow.bpmn.compiling import Compiling
from engine.workflow.bpmn.extensions import Outcome
from engine.workflow.bpmn.model import MultiInstance, Node, NodeKind
from engine.workflow.bpmn.program import Behavior, Loop, Vote


def compile_loop(work: Compiling, node: Node) -> Loop | None:
    """The node's loop, or None."""
    if node.multi is not None:
        return _multi(work, node, node.multi)
    if node.loop is None:
        return None
    return Loop(
        multi=False,
        test_before=node.loop.test_before,
        maximum=node.loop.maximum,
        condition=work.expression(node.id, node.loop.condition),
    )


def _multi(work: Compiling, node: Node, multi: MultiInstance) -> Loop:
    vote = _vote(work, node)
    item_text = multi.output_item.text.strip().removeprefix("=").strip() if multi.output_item is not None else None
    return Loop(
        multi=True,
        sequential=multi.sequential or (vote is not None and vote.mode == "in_order"),
        cardinality=work.expression(node.id, multi.cardinality),
        collection=work.expression(node.id, multi.collection),
        item=multi.item,
        output=multi.output_collection,
        output_item=work.expression(node.id, multi.output_item),
        output_name=item_text if item_text and (item_text.isidentifier() or item_text in work.names) else None,
        completion=work.expression(node.id, multi.completion),
        behavior=multi.behavior,
        none_event=compile_event(work, node, multi.none_event) if multi.none_event is not None else None,
        one_event=compile_event(work, node, multi.one_event) if multi.one_event is not None else None,
        behaviors=tuple(
            Behavior(condition, compile_event(work, node, item.event) if item.event is not None else None)
            for item in multi.complex_behaviors
            if (condition := work.expression(node.id, item.condition)) is not None
        ),
        default_signal=throws_default(multi),
        vote=vote,
    )


def _vote(work: Compiling, node: Node) -> Vote | None:
    if node.kind not in {NodeKind.USER, NodeKind.MANUAL}:
        return None
    outcomes = node.task.outcomes if node.task is not None else ()
    sign = node.task.countersign if node.task is not None else None
    return Vote(
        mode=sign.mode if sign is not None else "",
        value=work.optional(node.id, sign.value if sign is not None else None),
        positive=_positive(outcomes),
        negative=_negative(outcomes),
    )


def _positive(outcomes: tuple[Outcome, ...]) -> str:
    names = [outcome.name for outcome in outcomes if outcome.style != "danger" and outcome.name != "reject"]
    return "approve" if "approve" in names or not names else names[0]


def _negative(outcomes: tuple[Outcome, ...]) -> str:
    names = [outcome.name for outcome in outcomes if outcome.style == "danger" or outcome.name == "reject"]
    return "reject" if "reject" in names or not names else names[0]
