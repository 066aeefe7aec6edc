"""Nodes nobody has named, in findings: “部门审批”之后的排他网关 says more than the id a drawing tool made up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from engine.kernel.text import Text
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.model import Node, NodeKind, Process

_MADE_UP = re.compile(
    r"_\d+|(?:sid-|_|id[-_]?)?[0-9A-Fa-f]{8}-[0-9A-Fa-f-]{13,}|[A-Za-z]+_(?=[0-9a-z]*\d)[0-9a-z]{7}"
    r"|[a-z]+(?:event|gateway|task)\d+|[A-Z][a-z]*(?:Event|Gateway|Task)_\d+"
)
_KINDS: Mapping[NodeKind, Text] = {
    NodeKind.START: Text("开始事件", "start event"),
    NodeKind.END: Text("结束事件", "end event"),
    NodeKind.CATCH: Text("等待事件", "catch event"),
    NodeKind.THROW: Text("抛出事件", "throw event"),
    NodeKind.BOUNDARY: Text("边界事件", "boundary event"),
    NodeKind.USER: Text("用户任务", "user task"),
    NodeKind.MANUAL: Text("手工任务", "manual task"),
    NodeKind.SERVICE: Text("服务任务", "service task"),
    NodeKind.SCRIPT: Text("脚本任务", "script task"),
    NodeKind.RULE: Text("规则任务", "business rule task"),
    NodeKind.SEND: Text("发送任务", "send task"),
    NodeKind.RECEIVE: Text("接收任务", "receive task"),
    NodeKind.CALL: Text("调用流程", "call activity"),
    NodeKind.EXCLUSIVE: Text("排他网关", "exclusive gateway"),
    NodeKind.PARALLEL: Text("并行网关", "parallel gateway"),
    NodeKind.INCLUSIVE: Text("包容网关", "inclusive gateway"),
    NodeKind.COMPLEX: Text("复杂网关", "complex gateway"),
    NodeKind.EVENT_BASED: Text("事件网关", "event-based gateway"),
}
_OTHERWISE = {True: Text("子流程", "sub-process"), False: Text("任务", "task")}
_FARTHEST = 5


def spoken(process: Process, findings: Iterable[Finding]) -> list[Finding]:
    """The findings with such ids told by kind and neighbour; others stay as they are."""
    labels = {
        node.id: label
        for node in process.nodes.values()
        if not node.name.strip() and _MADE_UP.fullmatch(node.id) and (label := _label(process, node)) is not None
    }
    if not labels:
        return list(findings)
    ids = re.compile("|".join(rf"(?<![\w-]){re.escape(one)}(?![\w-])" for one in sorted(labels, key=len, reverse=True)))
    return [replace(one, text=_told(one.text, labels, ids)) for one in findings]


def _told(text: Text, labels: Mapping[str, Text], ids: re.Pattern[str]) -> Text:
    zh = re.sub(f"“({ids.pattern})”", lambda found: labels[found[1]].zh, text.zh)
    zh = ids.sub(lambda found: labels[found[0]].zh, zh)
    en = ids.sub(lambda found: labels[found[0]].en, text.en)
    return Text(zh, f"{en[:1].upper()}{en[1:]}" if ids.match(text.en) else en)


def _label(process: Process, node: Node) -> Text | None:
    """None when nothing around it has a name either."""
    kind = _KINDS.get(node.kind) or _OTHERWISE[node.kind is not NodeKind.TASK]
    if node.kind is NodeKind.BOUNDARY:
        host = process.nodes.get(node.attached_to or "")
        named = _line(host.name) if host is not None else ""
        return Text(f"“{named}”上的{kind.zh}", f"the {kind.en} of {named}") if named else None
    before = _named(process, node, forward=False) if node.kind is not NodeKind.START else ""
    if before:
        return Text(f"“{before}”之后的{kind.zh}", f"the {kind.en} after {before}")
    after = _named(process, node, forward=True)
    return Text(f"“{after}”之前的{kind.zh}", f"the {kind.en} before {after}") if after else None


def _named(process: Process, node: Node, *, forward: bool) -> str:
    """The name of the nearest named node that way, over the first flow of each."""
    here = node
    for _ in range(_FARTHEST):
        flows = here.outgoing if forward else here.incoming
        flow = process.flows.get(flows[0]) if flows else None
        following = process.nodes.get(flow.target if forward else flow.source) if flow is not None else None
        if following is None:
            return ""
        if following.name.strip():
            return _line(following.name)
        here = following
    return ""


def _line(name: str) -> str:
    line = " ".join(name.split())
    return line if len(line) <= 40 else f"{line[:39]}…"
