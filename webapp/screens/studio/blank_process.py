"""The smallest process that can be deployed: where a new one in the studio begins."""

import re
from collections.abc import Collection
from itertools import chain, count
from xml.sax.saxutils import escape, quoteattr

from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata.pinyin import search_forms
from engine.workflow import deployments

_KEY = re.compile(r"[a-z][a-z0-9_]{1,59}")
_DRAWN = re.compile(r"process(?:_[a-z0-9]*\d[a-z0-9]*)?|(?:sid|id)_.*")
"""Ids that drawing tools give by themselves."""

_STEPS = {"start": Text("开始", "Start"), "handle": Text("处理", "Handle"), "end": Text("结束", "End")}
_SOURCE = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC"
 xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:school="https://schoolflow.example/bpmn"
 id={definitions} targetNamespace="https://schoolflow.example/processes"
 expressionLanguage="https://www.omg.org/spec/DMN/20191111/FEEL/">
  <bpmn:process id={key} name={name} isExecutable="true">
    <bpmn:documentation>{text}</bpmn:documentation>
    <bpmn:startEvent id="started" name={start}><bpmn:outgoing>started_to_handle</bpmn:outgoing></bpmn:startEvent>
    <bpmn:userTask id="handle" name={handle}>
      <bpmn:extensionElements><school:task><school:assignee rule="starter" /></school:task></bpmn:extensionElements>
      <bpmn:incoming>started_to_handle</bpmn:incoming><bpmn:outgoing>handle_to_ended</bpmn:outgoing>
    </bpmn:userTask>
    <bpmn:endEvent id="ended" name={end}><bpmn:incoming>handle_to_ended</bpmn:incoming></bpmn:endEvent>
    <bpmn:sequenceFlow id="started_to_handle" sourceRef="started" targetRef="handle" />
    <bpmn:sequenceFlow id="handle_to_ended" sourceRef="handle" targetRef="ended" />
  </bpmn:process>
  <bpmndi:BPMNDiagram id="diagram"><bpmndi:BPMNPlane id="plane" bpmnElement={key}>
    <bpmndi:BPMNShape id="started_shape" bpmnElement="started">
      <dc:Bounds x="160" y="142" width="36" height="36" /></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="handle_shape" bpmnElement="handle">
      <dc:Bounds x="260" y="120" width="100" height="80" /></bpmndi:BPMNShape>
    <bpmndi:BPMNShape id="ended_shape" bpmnElement="ended">
      <dc:Bounds x="560" y="142" width="36" height="36" /></bpmndi:BPMNShape>
    <bpmndi:BPMNEdge id="started_to_handle_edge" bpmnElement="started_to_handle">
      <di:waypoint x="196" y="160" /><di:waypoint x="260" y="160" /></bpmndi:BPMNEdge>
    <bpmndi:BPMNEdge id="handle_to_ended_edge" bpmnElement="handle_to_ended">
      <di:waypoint x="360" y="160" /><di:waypoint x="560" y="160" /></bpmndi:BPMNEdge>
  </bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>
"""


def suggested_key(name: str) -> str:
    """A key made of the name's pinyin, for those who leave it open.

    >>> suggested_key("请假申请")
    'qingjiashenqing'
    """
    full = search_forms(name).split(" ")[0]
    clean = re.sub(r"[^a-z0-9]+", "_", full).strip("_")[:60]
    return clean if _KEY.fullmatch(clean) else f"process_{clean}"[:60].rstrip("_")


def wished_key(key: str, name: str, taken: Collection[str] = ()) -> str:
    """The key a model brings along where it says something (`Process_1` does not), else one made of its name; free.

    >>> wished_key("leaveRequest", "请假"), wished_key("Process_0ab12cd", "请假", {"qingjia"})
    ('leaverequest', 'qingjia_2')
    """
    clean = re.sub(r"[^a-z0-9]+", "_", key.lower()).strip("_")[:60]
    wish = clean if _KEY.fullmatch(clean) and not _DRAWN.fullmatch(clean) else suggested_key(name or key)
    return next(one for one in chain([wish], (f"{wish[:56]}_{number}" for number in count(2))) if one not in taken)


def problems(tx: Tx, name: str, key: str) -> dict[str, Text]:
    """What is wrong with a name and key, by field; a key that is taken would overwrite another process."""
    found: dict[str, Text] = {}
    if not name or len(name) > 100:
        found["name"] = Text("请填写名称，不超过 100 字", "Give a name of at most 100 characters")
    if not _KEY.fullmatch(key):
        found["key"] = Text(
            "标识用小写字母、数字和下划线，以字母开头", "Lower-case letters, digits and _, a letter first"
        )
    elif any(row.key == key for row in deployments.processes(tx)):
        found["key"] = Text("已有流程使用这个标识，请换一个", "Another process has this key; choose another one")
    return found


def source(name: str, key: str, locale: str = "zh") -> str:
    """BPMN with one task for the starter, laid out; its steps are named in the language of whoever begins it."""
    steps = {step: quoteattr(words.in_locale(locale)) for step, words in _STEPS.items()}
    return _SOURCE.format(
        definitions=quoteattr(f"{key}_definitions"),
        key=quoteattr(key),
        name=quoteattr(name),
        text=escape(name),
        **steps,
    )
