"""Forms, decisions, objects, processes, channels and templates that a model names."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from engine.kernel.text import Text
from engine.workflow.bpmn.compile_events import default_signal
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.model import EventKind, Model, Node, NodeKind, Process
from engine.workflow.gate.structure import name_of
from engine.workflow.gate.surroundings import Surroundings
from engine.workflow.overlays.overlay import KINDS

_KINDS = {
    "form": Text("表单", "form"),
    "object": Text("对象", "object"),
    "decision": Text("决策", "decision"),
    "process": Text("流程", "process"),
    "template": Text("消息模板", "message template"),
    "channel": Text("发送渠道", "channel"),
}


def check(process: Process, model: Model, surroundings: Surroundings) -> Iterator[Finding]:
    """Each name against what there is."""
    extension = process.extension
    if extension and extension.record and _is_missing(extension.record, surroundings.objects):
        yield _missing(process.id, process.name or process.id, "object", extension.record)
    yield from _left_to_branches(process.id, extension.branches if extension else ())
    for node in process.nodes.values():
        for kind, name, known in _named(node, model, surroundings):
            if _is_missing(name, known):
                yield _missing(node.id, name_of(node), kind, name)
        yield from _fields(node, surroundings)
        yield from _messages(process, node, model)
        yield from _codes(node, model)
        yield from _computed(process, node, model)
        yield from _left_to_branches(node.id, (node.task.branches or ()) if node.task else ())


def _left_to_branches(element: str, kinds: Collection[str]) -> Iterator[Finding]:
    for kind in sorted(set(kinds) - set(KINDS)):
        text = Text(f"校区不能修改“{kind}”", f"There is nothing called {kind} that branches could change")
        fix = Text(f"可选：{' '.join(KINDS)}", f"Choose of: {' '.join(KINDS)}")
        yield Finding(element, "reference.branches_unknown", "error", text, fix)


def _named(node: Node, model: Model, surroundings: Surroundings) -> Iterator[tuple[str, str, Collection[str] | None]]:
    if node.task:
        yield "form", node.task.form, surroundings.forms
        yield "object", node.task.object, surroundings.objects
    if node.decision and not node.decision.ref.startswith("="):
        yield "decision", node.decision.ref, surroundings.decisions
    if node.called and surroundings.processes is not None:
        yield "process", node.called, surroundings.processes | {one.id for one in model.processes}
    if node.send:
        yield "template", node.send.template, surroundings.templates
        yield "channel", node.send.connector, surroundings.channels


def _is_missing(name: str, known: Collection[str] | None) -> bool:
    return bool(name) and not name.startswith("=") and known is not None and name not in known


def _missing(element: str, where: str, kind: str, name: str) -> Finding:
    word = _KINDS[kind]
    return Finding(
        element,
        f"reference.{kind}_unknown",
        "error",
        Text(f"“{where}”：没有{word.zh} {name}", f"{where}: there is no {word.en} {name}"),
        Text(f"选择一个现有的{word.zh}，或一起部署它", f"Choose a {word.en} that exists, or deploy it along"),
    )


def _fields(node: Node, surroundings: Surroundings) -> Iterator[Finding]:
    """Field rights of a task name fields of its form or of its record's object."""
    task = node.task
    if task is None or not task.fields or surroundings.forms is None or surroundings.objects is None:
        return
    known = surroundings.forms.get(task.form, frozenset()) | surroundings.objects.get(task.object, frozenset())
    if not known:
        return
    for name in sorted({field.name for field in task.fields} - known):
        yield Finding(
            node.id,
            "reference.field_unknown",
            "warning",
            Text(
                f"“{name_of(node)}”：表单和对象都没有字段 {name}",
                f"{name_of(node)}: neither form nor object has {name}",
            ),
        )


def _messages(process: Process, node: Node, model: Model) -> Iterator[Finding]:
    """A message, signal or error event says which one (BPMN 2.0.2 10.5.5)."""
    named = {EventKind.MESSAGE: model.messages, EventKind.SIGNAL: model.signals}
    for event in node.events:
        table = named.get(event.kind)
        if event.kind is EventKind.SIGNAL and event.reference is None and default_signal(process, node):
            continue
        if table is None or event.reference in table or node.send is not None or node.job is not None:
            continue
        yield Finding(
            node.id,
            "reference.event_missing",
            "error",
            Text(f"事件“{name_of(node)}”没有选择消息或信号", f"The event {name_of(node)} names no message or signal"),
            Text("在属性面板中选择或新建一个", "Choose or make one in the properties panel"),
        )


def _computed(process: Process, node: Node, model: Model) -> Iterator[Finding]:
    """Names of messages and signals, and codes that are thrown, may be computed from the data of the case."""
    tables = {
        EventKind.MESSAGE: model.messages,
        EventKind.SIGNAL: model.signals,
        EventKind.ERROR: model.errors,
        EventKind.ESCALATION: model.escalations,
    }
    used = [(one.kind, tables[one.kind].get(one.reference or "")) for one in node.events if one.kind in tables]
    for kind, named in (*used, (EventKind.MESSAGE, model.messages.get(node.message or ""))):
        text = "" if named is None else named.code or named.name
        if text.startswith(("${", "#{")):
            yield _not_a_name(node, text, "表达式应以 = 开头，用 FEEL 书写", "an expression begins with = and is FEEL")
        elif not text.startswith("="):
            continue
        elif kind in _CODED and node.kind not in _THROWING:
            yield _not_a_name(node, text, "捕获的代码不能是表达式", "what catches names one code, or none for all")
        elif _begins_case(process, node):
            yield _not_a_name(node, text, "启动流程时还没有数据", "a case has no data before it begins")


_CODED = frozenset({EventKind.ERROR, EventKind.ESCALATION})
_THROWING = frozenset({NodeKind.END, NodeKind.THROW})


def _begins_case(process: Process, node: Node) -> bool:
    """It starts the process: a start event, or what stands first and instantiates."""
    before = [process.nodes[process.flows[flow].source] for flow in node.incoming]
    is_behind = any(one.kind is NodeKind.EVENT_BASED and one.instantiate for one in before)
    is_start = node.kind is NodeKind.START or (node.instantiate and not node.incoming)
    return node.scope == process.id and (is_start or is_behind)


def _not_a_name(node: Node, text: str, zh: str, en: str) -> Finding:
    return Finding(
        node.id,
        "reference.name_computed",
        "error",
        Text(f"“{name_of(node)}”的名称 {text}：{zh}", f"The name {text} of {name_of(node)}: {en}"),
        Text("写固定的名称；用关联键区分实例", "Write a fixed name; correlation keys tell instances apart"),
    )


def _codes(node: Node, model: Model) -> Iterator[Finding]:
    """What throws an error or an escalation says which, by its code (BPMN 2.0.2 10.5.5.3, 10.5.5.4)."""
    if node.kind not in {NodeKind.END, NodeKind.THROW}:
        return
    tables = {EventKind.ERROR: model.errors, EventKind.ESCALATION: model.escalations}
    for event in node.events:
        if event.kind not in tables:
            continue
        named = tables[event.kind].get(event.reference or "")
        word = Text("错误", "error") if event.kind is EventKind.ERROR else Text("升级", "escalation")
        if named is None:
            text = Text(f"事件“{name_of(node)}”没有选择{word.zh}", f"The event {name_of(node)} names no {word.en}")
            fix = Text("在属性面板中选择或新建一个", "Choose or make one in the properties panel")
            yield Finding(node.id, "reference.event_missing", "error", text, fix)
        elif not named.code:
            text = Text(
                f"{word.zh}“{named.name}”没有代码，按名称匹配",
                f"The {word.en} {named.name} has no code: its name is used",
            )
            fix = Text("填写代码，供捕获它的事件使用", "Enter the code that events catch it by")
            yield Finding(node.id, "reference.code_missing", "warning", text, fix)
