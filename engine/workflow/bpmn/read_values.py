"""Attributes and expressions whose value says nothing, or says what is not done here.

Source: BPMN 2.0.2 8.2.1 and 8.4.1 (text formats), 8.4.7 (expressions), 8.4.13 (sequence flows), 10.2 (process types),
13.3.6 (loops).
"""

from __future__ import annotations

import re
from collections.abc import Callable

from engine.kernel.text import Text
from engine.workflow.bpmn import xml
from engine.workflow.bpmn.findings import Severity
from engine.workflow.bpmn.reading import Reading

Rule = Callable[[Reading, xml.Element], None]
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+(?:\s*;.*)?")
_FILL_IN = Text("填写表达式，或删除这个空元素", "Enter an expression, or delete the empty element")
_BPMN_IMPORTS = frozenset({xml.BPMN, "http://www.omg.org/spec/BPMN/2.0"})
_WORDS = {
    "conditionExpression": Text("条件", "condition"),
    "completionCondition": Text("完成条件", "completion condition"),
    "loopCondition": Text("循环条件", "loop condition"),
    "activationCondition": Text("激活条件", "activation condition"),
    "transformation": Text("数据转换", "transformation"),
    "from": Text("赋值的来源", "source of the assignment"),
    "to": Text("赋值的目标", "target of the assignment"),
    "messagePath": Text("消息路径", "message path"),
    "dataPath": Text("数据路径", "data path"),
}
_LOOPS = ("standardLoopCharacteristics", "multiInstanceLoopCharacteristics")
_ACTIVITIES = (
    *("task", "userTask", "manualTask", "serviceTask", "scriptTask", "businessRuleTask", "sendTask", "receiveTask"),
    *("callActivity", "subProcess", "transaction", "adHocSubProcess"),
)


def check_values(reading: Reading, root: xml.Element) -> None:
    """Report every one of them."""
    for element in root.iter(*_RULES):
        _RULES[str(element.tag)](reading, element)


def _media_type(reading: Reading, element: xml.Element) -> None:
    value = xml.attribute(element, "textFormat", "text/plain")
    if _MEDIA_TYPE.fullmatch(value) is None:
        text = Text(f"文本格式“{value}”不是媒体类型", f"The text format {value!r} is no media type")
        reading.report(element, "value.media_type", text, Text("改为 text/plain", "Make it text/plain"), "warning")


def _flow(reading: Reading, element: xml.Element) -> None:
    if element.get("isImmediate") is not None and not xml.is_true(element, "isImmediate"):
        zh, en = (
            "这条连线标为“不立即到达”，运行时不起作用",
            "It is marked as not immediate, which has no effect in a run",
        )
        fix = Text("取消这个标记，或在中间画出活动", "Remove the mark, or draw what happens in between")
        reading.report(element, "value.not_immediate", Text(zh, en), fix, "warning")


def _process(reading: Reading, element: xml.Element) -> None:
    if xml.attribute(element, "processType") == "Public" and xml.is_true(element, "isExecutable"):
        zh, en = (
            "公开流程只描述与外部的往来，不能标为可执行",
            "A public process only describes an exchange: it is not executable",
        )
        fix = Text("把流程类型改为私有", "Make it a private process")
        reading.report(element, "value.public_process", Text(zh, en), fix, "warning")
    if not element.get("id"):
        zh, en = "流程没有标识，无法部署", "The process has no id and can't be deployed"
        reading.report(element, "id.missing", Text(zh, en), Text("给流程一个标识", "Give the process an id"))


def _import(reading: Reading, element: xml.Element) -> None:
    if xml.attribute(element, "importType") in _BPMN_IMPORTS:
        place = xml.attribute(element, "location")
        text = Text(f"导入的文件“{place}”不会自动读取", f"The imported file {place} is not read by itself")
        fix = Text("请把它和本文件一起部署", "Deploy it along with this file")
        reading.report(element, "value.import", text, fix, "warning")


def _loop_twice(reading: Reading, element: xml.Element) -> None:
    if sum(len(xml.children(element, name)) for name in _LOOPS) > 1:
        zh, en = "一个活动只能有一种循环或多实例", "An activity has one loop or multi-instance marker"
        reading.report(element, "loop.twice", Text(zh, en), Text("删除其中一个", "Delete one of them"))


def _empty(severity: Severity, zh: str, en: str) -> Rule:
    """A rule for expression elements without text; `zh`, `en`: what is assumed then."""

    def rule(reading: Reading, element: xml.Element) -> None:
        holder = element.getparent()
        if holder is not None and not xml.text(element) and not _is_decided(reading, holder):
            word = _WORDS[xml.local(element)]
            text = Text(f"{word.zh}是空的：{zh}", f"The {word.en} is empty: {en}")
            reading.report(holder, "expression.empty", text, _FILL_IN, severity)

    return rule


def _is_decided(reading: Reading, flow: xml.Element) -> bool:
    """A way out of a gateway: of those the gate speaks."""
    return reading.kind_of(xml.reference(flow.get("sourceRef"))).endswith("Gateway")


def _behavior(reading: Reading, element: xml.Element) -> None:
    """What a multi-instance activity throws when its condition holds (13.3.7)."""
    if not xml.text(xml.child(element, "condition")):
        zh, en = "多实例的这条行为没有条件，永远不会发生", "The behaviour has no condition: it never happens"
        reading.report(element, "expression.empty", Text(zh, en), _FILL_IN)
    if xml.child(element, "event") is None:
        zh, en = "多实例的这条行为没有事件，什么也不触发", "The behaviour has no event: it throws nothing"
        reading.report(element, "multi.event_missing", Text(zh, en), Text("补上事件", "Add the event"), "warning")


_UNCONDITIONED = _empty("warning", "按没有条件处理", "it counts as no condition")
_RULES: dict[str, Rule] = {
    f"{{{xml.BPMN}}}{tag}": rule
    for rule, tags in {
        _media_type: ("documentation", "textAnnotation"),
        _flow: ("sequenceFlow",),
        _process: ("process",),
        _import: ("import",),
        _loop_twice: _ACTIVITIES,
        _UNCONDITIONED: ("conditionExpression", "completionCondition", "loopCondition", "activationCondition"),
        _empty("warning", "数据原样传递", "data go over as they are"): ("transformation",),
        _empty("error", "这一项不会赋值", "nothing is assigned"): ("from", "to"),
        _empty("error", "无法取得关联值", "no key can be read"): ("messagePath", "dataPath"),
        _behavior: ("complexBehaviorDefinition",),
    }.items()
    for tag in tags
}
