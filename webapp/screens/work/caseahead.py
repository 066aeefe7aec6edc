"""What follows a step of a process: the next things people do or see, and by which answer the case gets there."""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.workflow.bpmn.model import GATEWAY_KINDS, Node, NodeKind, Process

_STOPS = frozenset(
    {
        NodeKind.USER,
        NodeKind.MANUAL,
        NodeKind.CALL,
        NodeKind.RECEIVE,
        NodeKind.CATCH,
        NodeKind.EVENT_BASED,
        NodeKind.END,
    }
)
_MOST = 6


@dataclass(frozen=True)
class Ahead:
    """One way on. ``by``: the answers that lead there, such as 同意, 需要财务：不需要; ``node``: where it leads."""

    by: tuple[str, ...]
    node: Node


def ahead(process: Process, node_id: str) -> tuple[Ahead, ...]:
    """The next tasks, called processes, waits and ends after the node, at most six, by their first answer.

    Decisions are followed on every flow, automatic steps are passed; a way that comes back to a place already seen
    ends there.
    """
    node = process.nodes.get(node_id)
    found: list[Ahead] = []
    for one in _ways(process, node) if node else ():
        if all(known.node.id != one.node.id for known in found):
            found.append(one)
    first = list(dict.fromkeys(one.by[:1] for one in found))
    return tuple(sorted(found, key=lambda one: first.index(one.by[:1]))[:_MOST])


def _ways(process: Process, start: Node) -> Iterator[Ahead]:
    seen = {start.id}
    waiting: list[tuple[Node, tuple[str, ...]]] = [(start, ())]
    while waiting:
        node, by = waiting.pop(0)
        for flow_id in node.outgoing:
            flow = process.flows[flow_id]
            target = process.nodes.get(flow.target)
            if target is None:
                continue
            named = (*by, _answer(node, flow.name, is_first=not by)) if flow.name and node.kind in GATEWAY_KINDS else by
            if target.kind in _STOPS:
                yield Ahead(named, target)
            elif target.id not in seen:
                seen.add(target.id)
                waiting.append((target, named))


def _answer(gateway: Node, flow: str, *, is_first: bool) -> str:
    """The flow's name; a later decision also says what it asks."""
    question = gateway.name.rstrip("？?")
    return flow if is_first or question == gateway.name else f"{question}：{flow}"
