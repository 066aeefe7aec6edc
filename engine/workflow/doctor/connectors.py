"""Steps that another engine does by connectors of its own: here they wait as outside jobs of that type.

Camunda 7's `connector` with its parameters, element templates of Camunda 8 (`io.camunda:http-json:1`), operators of
SpiffWorkflow.
"""

from __future__ import annotations

from engine.kernel.text import Text
from engine.workflow.bpmn import read_extensions, read_foreign, xml
from engine.workflow.doctor.document import Document, called, extensions_of, make
from engine.workflow.doctor.foreign_expressions import to_feel
from engine.workflow.doctor.foreign_methods import quoted

_BUILT_IN = "io.camunda"
_TYPES = frozenset({"http", "shell", "camel", "mule", "send-event"})
"""Kinds of service tasks Flowable and Activiti do themselves, with fields as parameters."""


def treat(document: Document) -> None:
    """Service, send and rule tasks, and message events that send."""
    for element in document.all("serviceTask", "sendTask", "businessRuleTask", "intermediateThrowEvent", "endEvent"):
        found = next((one for one in xml.extensions(element) if _is_connector(one)), None)
        if read_extensions.school(element, "job") is None:
            if found is not None:
                _take_over(document, element, found)
            elif read_foreign.attribute(element, "type") in _TYPES:
                _take_fields(document, element)
            elif topic := _topic(element):
                make(extensions_of(element), "job", xml.SCHOOL, type=topic)
                zh, en = f"“{called(element)}”改为外部任务 {topic}", f"{called(element)} is an outside job {topic} now"
                document.rewritten(element, "connector", zh, en)
            elif read_foreign.zeebe(element, "taskHeaders") is not None:
                _take_headers(document, element)
        _signal_data(document, element)
        name = _built_in(element)
        if name:
            text = Text(
                f"“{called(element)}”在那里由引擎自带的 {name} 完成；这里会等外部程序来取这种任务",
                f"{called(element)} was done by the engine's own {name}; here it waits for a program that fetches it",
            )
            fix = Text("改用发送渠道或处理器，或让外部程序取走", "Use a channel or handler, or have a program fetch it")
            document.note(element, "foreign_connector", "warning", text, fix)
    for event in document.all("startEvent", "intermediateCatchEvent", "boundaryEvent", "receiveTask"):
        _tell_inbound(document, event)
    for body in document.all("adHocSubProcess"):
        _tell_agent(document, body)


def _tell_inbound(document: Document, event: xml.Element) -> None:
    """Camunda 8's inbound connectors: webhooks, mail boxes, queues."""
    holder = read_foreign.zeebe(event, "properties")
    parts = xml.children(holder, "property", xml.ZEEBE) if holder is not None else []
    kind = next((xml.attribute(one, "value") for one in parts if xml.attribute(one, "name") == "inbound.type"), "")
    if kind:
        text = Text(
            f"“{called(event)}”在那里由连接器 {kind} 触发；这里等消息",
            f"{called(event)} was triggered by the connector {kind} there; here it waits for the message",
        )
        fix = Text("由设备、渠道或接口发送这个消息", "Have a device, a channel or the API send the message")
        document.note(event, "inbound_connector", "warning", text, fix)


def _tell_agent(document: Document, body: xml.Element) -> None:
    """Ad-hoc sub-processes whose steps a worker chooses (AI agents), and what it gathers of them."""
    worker, listed = read_foreign.zeebe(body, "taskDefinition"), read_foreign.zeebe(body, "adHoc")
    gathered = xml.attribute(listed, "outputCollection") if listed is not None else ""
    if worker is None and not gathered:
        return
    by = xml.attribute(worker, "type") if worker is not None else gathered
    text = Text(
        f"“{called(body)}”在那里由程序 {by} 选择步骤并收集结果；这里由人选择",
        f"{called(body)}: the program {by} chose its steps and gathered their results there; here people choose",
    )
    fix = Text(
        "没有人工步骤时各步自动各做一次；要固定顺序请画成普通子流程",
        "Without steps for people each is done once by itself; draw a plain sub-process where the order is fixed",
    )
    document.note(body, "adhoc_worker", "warning", text, fix)


def _is_connector(item: xml.Element) -> bool:
    return xml.namespace(item) in xml.KINDRED and xml.local(item) == "connector"


def _take_over(document: Document, element: xml.Element, connector: xml.Element) -> None:
    """Its id becomes the job's type, its parameters inputs and outputs."""
    space = xml.namespace(connector)
    kind = xml.text(xml.child(connector, "connectorId", space))
    if not kind or xml.local(element) not in {"serviceTask", "sendTask", "businessRuleTask"}:
        return
    holder = extensions_of(element)
    make(holder, "job", xml.SCHOOL, type=kind)
    for mapping in xml.children(connector, "inputOutput", space):
        for direction in ("input", "output"):
            for item in xml.children(mapping, f"{direction}Parameter", space):
                if not len(item):
                    make(holder, direction, xml.SCHOOL, name=xml.attribute(item, "name"), value=xml.text(item))
    zh, en = (
        f"“{called(element)}”的连接器 {kind} 改为外部任务",
        f"The connector {kind} of {called(element)} is now an outside job",
    )
    document.rewritten(element, "connector", zh, en)


def _topic(event: xml.Element) -> str:
    """What a message event leaves to a worker that sends it."""
    definitions = xml.children(event, "messageEventDefinition")
    return next((topic for one in definitions if (topic := read_foreign.attribute(one, "topic"))), "")


def _signal_data(document: Document, event: xml.Element) -> None:
    """The variables a signal takes along."""
    given = [
        (xml.attribute(one, "target"), one.get("sourceExpression") or f"={xml.attribute(one, 'source')}")
        for definition in xml.children(event, "signalEventDefinition")
        for one in xml.extensions(definition)
        if xml.namespace(one) in xml.KINDRED and xml.local(one) == "in" and one.get("target")
    ]
    if not given or read_extensions.school(event, "input") is not None:
        return
    for name, value in given:
        make(extensions_of(event), "input", xml.SCHOOL, name=name, value=value)
    names = ", ".join(name for name, _ in given)
    zh, en = f"“{called(event)}”的信号带上 {names}", f"The signal of {called(event)} takes {names} along"
    document.rewritten(event, "signal_data", zh, en)


def _take_fields(document: Document, element: xml.Element) -> None:
    """The type is the job's, each field an input."""
    holder, kind = extensions_of(element), read_foreign.attribute(element, "type")
    fields = [one for one in holder if xml.local(one) == "field" and xml.namespace(one) in xml.KINDRED]
    make(holder, "job", xml.SCHOOL, type=kind)
    for one in fields:
        make(holder, "input", xml.SCHOOL, name=xml.attribute(one, "name"), value=field_value(one))
    zh, en = f"“{called(element)}”的 {kind} 改为外部任务", f"The {kind} of {called(element)} is now an outside job"
    document.rewritten(element, "connector", zh, en)


def _take_headers(document: Document, element: xml.Element) -> None:
    """What a worker is told besides the variables: one input, a context of texts."""
    headers = read_foreign.zeebe(element, "taskHeaders")
    parts = xml.children(headers, "header", xml.ZEEBE) if headers is not None else []
    entries = [f"{quoted(xml.attribute(one, 'key'))}: {quoted(xml.attribute(one, 'value'))}" for one in parts]
    holder = extensions_of(element)
    if not entries or any(xml.attribute(one, "name") == "headers" for one in holder):
        return
    make(holder, "input", xml.SCHOOL, name="headers", value=f"={{{', '.join(entries)}}}")
    zh, en = (
        f"“{called(element)}”的任务头作为输入 headers",
        f"The headers of {called(element)} are the input headers now",
    )
    document.rewritten(element, "headers", zh, en)


def field_value(element: xml.Element) -> str:
    """The text or expression of a `field`, as one attribute or inside it."""
    inner = next((xml.text(one) for one in element if xml.text(one)), "")
    text = (element.get("stringValue") or element.get("expression") or xml.text(element) or inner).strip()
    found = to_feel(text) if "${" in text else None
    return f"={found}" if found is not None else text


def _built_in(element: xml.Element) -> str:
    """What the engine itself did there; empty when a program of the company's did it."""
    ours = read_extensions.school(element, "job")
    if ours is not None:
        connectors = [one for one in xml.extensions(element) if _is_connector(one)]
        is_own = bool(connectors) or read_foreign.attribute(element, "type") in _TYPES
        return xml.attribute(ours, "type") if is_own else ""
    operator = read_foreign.operator(element)
    if operator is not None:
        return xml.attribute(operator, "id")
    definition = read_foreign.zeebe(element, "taskDefinition")
    kind = xml.attribute(definition, "type") if definition is not None else ""
    return kind if kind.startswith(_BUILT_IN) else ""
