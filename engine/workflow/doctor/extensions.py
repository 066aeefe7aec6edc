"""Extensions of Camunda, Flowable, Activiti and SpiffWorkflow: put into our words, read as they are, or left out."""

from __future__ import annotations

from engine.kernel.text import Text
from engine.workflow.bpmn import read_extensions, read_foreign, xml
from engine.workflow.bpmn.extensions import TaskExtension
from engine.workflow.doctor import listeners, office_tasks, offices, registry, spiff
from engine.workflow.doctor.connectors import field_value
from engine.workflow.doctor.document import Document, called, drop, extensions_of, make
from engine.workflow.doctor.foreign_expressions import is_braced, to_feel

_READ = frozenset(
    {
        *(
            "assignee",
            "candidateUsers",
            "candidateGroups",
            "dueDate",
            "priority",
            "formKey",
            "formRef",
            "topic",
            "type",
        ),
        *("decisionRef", "decisionRefBinding", "decisionTableReferenceKey", "resultVariable", "calledElementBinding"),
        *("in", "out", "inputOutput", "collection", "elementVariable", "formDefinition", "assignmentDefinition"),
        *("taskSchedule", "priorityDefinition", "taskDefinition", "calledDecision", "calledElement", "ioMapping"),
        *("loopCharacteristics", "script", "subscription", "adHoc", "calledDecisionId", "initiator"),
        *("errorCodeVariable", "errorMessageVariable", "escalationCodeVariable", "serviceTaskOperator"),
        *("variableAggregation", "elementIndexVariable", "variableName", "messagePayload"),
    }
)
_ATTRIBUTES = frozenset(
    {"assignee", "candidateUsers", "candidateGroups", "dueDate", "priority", "formKey", "formRef", "topic", "type"}
    | {"decisionRef", "decisionTableReferenceKey", "resultVariable", "collection", "elementVariable", "initiator"}
)
"""Read where they stand as attributes; some designers write elements of these names with words of their own."""
_NO_EFFECT = frozenset(
    {
        *("asyncBefore", "asyncAfter", "async", "exclusive", "historyTimeToLive", "versionTag", "jobPriority", "field"),
        *("isStartableInTasklist", "candidateStarterGroups", "candidateStarterUsers", "modelerTemplate", "userTask"),
        *("modelerTemplateVersion", "modelerTemplateIcon", "properties", "property", "connectorId"),
        *("followUpDate", "formRefBinding", "decisionRefVersion", "calledElementVersion", "mapDecisionResult"),
        *("unitTests", "taskMetadataValues", "variableEvents", "conditionalFilter"),
        *("executionPlatform", "executionPlatformVersion", "category", "diagramRelationId", "retries", "taskPriority"),
    }
)
_SAID_ELSEWHERE = (
    frozenset({"formData", "formProperty", "userTaskForm", "connector", "taskHeaders", "businessKey"})
    | listeners.NAMES
    | offices.NAMES
    | office_tasks.NAMES
    | spiff.NAMES
    | registry.NAMES
)
_START_FORMS = frozenset({"formKey", "formRef", "formDefinition"})
_SHAPES = {
    "resultList": Text("行的列表", "a list of rows"),
    "collectEntries": Text("各行值的列表", "a list of values"),
    "singleResult": Text("一行（按输出名）", "one row by the names of its outputs"),
}
_USUAL_STARTERS = frozenset({"initiator", "INITIATOR", "applyUser", "applyUserId", "startUser", "startUserId"})
_CODE = frozenset({"class", "expression", "delegateExpression"})


def treat(document: Document) -> None:
    """All elements with something of another tool."""
    starters = _starters(document)
    for element in list(document.root.iter()):
        if not xml.is_bpmn(element):
            continue
        kind = xml.local(element)
        if kind == "userTask":
            _user_task(document, element, starters)
        elif kind in {"serviceTask", "sendTask", "businessRuleTask"}:
            _mail(document, element)
            _computed(document, element)
        _spiff_decision(document, element)
        _result_shape(document, element)
        _report(document, element)


def _starters(document: Document) -> frozenset[str]:
    """Variables that hold who started the process: those it says, else those that designers fill in by themselves."""
    found = (read_foreign.attribute(start, "initiator") for start in document.all("startEvent"))
    return frozenset(name for name in found if name) or _USUAL_STARTERS


def _user_task(document: Document, element: xml.Element, starters: frozenset[str]) -> None:
    """Form, people, due date and priority become `school:task`, so that the studio shows them."""
    task, ours = read_foreign.task(element), read_extensions.school(element, "task")
    if task is None or (ours is not None and (len(ours.attrib) or xml.child(ours, "assignee", xml.SCHOOL) is not None)):
        return
    settings = {"form": task.form, "due": task.due, "priority": task.priority}
    given = {name: value for name, value in settings.items() if value and not is_braced(value)}
    rules = _rules(task, starters)
    if not (given or rules):
        return
    if ours is None:
        ours = make(extensions_of(element), "task", xml.SCHOOL)
    for name, value in given.items():
        ours.set(name, value)
    for rule in rules:
        make(ours, "assignee", xml.SCHOOL, rule=rule)
    document.rewritten(
        element,
        "user_task",
        f"任务“{called(element)}”的表单、处理人和期限已转成本系统的设置",
        f"Form, people and due date of {called(element)} were taken over",
    )


def _rules(task: TaskExtension, starters: frozenset[str]) -> list[str]:
    names = {f"={name}" for name in starters} | {f"user:${{{name}}}" for name in starters} | {"user:$INITIATOR"}
    rules = ["starter" if one.rule in names else one.rule for one in task.assignees]
    return [one for one in rules if not is_braced(one)]


def _mail(document: Document, element: xml.Element) -> None:
    """Flowable's mail task sends an e-mail."""
    if read_foreign.attribute(element, "type") != "mail" or read_extensions.school(element, "send") is not None:
        return
    holder = extensions_of(element)
    fields = {xml.attribute(one, "name"): field_value(one) for one in holder if xml.local(one) == "field"}
    send = make(holder, "send", xml.SCHOOL, connector="email", to=fields.pop("to", ""))
    for name, value in fields.items():
        if name in {"subject", "text", "html"}:
            make(send, "input", xml.SCHOOL, name=name, value=value)
    document.rewritten(
        element,
        "mail",
        f"“{called(element)}”是邮件任务，改为通过邮件渠道发送",
        f"{called(element)} sends an e-mail: it now uses the e-mail channel",
    )


def _computed(document: Document, element: xml.Element) -> None:
    """A service task that only computes an expression is a script task."""
    text = read_foreign.attribute(element, "expression")
    found = to_feel(text) if text else None
    if found is None or xml.local(element) != "serviceTask" or read_foreign.attribute(element, "type", "topic"):
        return
    for space in xml.KINDRED:
        drop(element, f"{{{space}}}expression")
    drop(element, "implementation")
    element.tag = f"{{{xml.BPMN}}}scriptTask"
    element.set("scriptFormat", "feel")
    make(element, "script").text = found
    document.rewritten(
        element,
        "computed",
        f"“{called(element)}”只计算表达式，改为脚本任务：{found[:80]}",
        f"{called(element)} only computes an expression: it is now a script task: {found[:80]}",
    )


def _spiff_decision(document: Document, element: xml.Element) -> None:
    """`spiffworkflow:calledDecisionId` names a decision."""
    names = [one for one in xml.extensions(element) if xml.local(one) == "calledDecisionId"]
    if not names or xml.local(element) != "businessRuleTask" or read_extensions.school(element, "decision") is not None:
        return
    make(extensions_of(element), "decision", xml.SCHOOL, ref=xml.text(names[0]))
    document.rewritten(
        element,
        "decision",
        f"“{called(element)}”使用决策 {xml.text(names[0])}",
        f"{called(element)} uses the decision {xml.text(names[0])}",
    )


def _result_shape(document: Document, element: xml.Element) -> None:
    """Camunda 7 gives the rows of a decision as a list unless it is told otherwise; here its result is its value."""
    shape = read_foreign.attribute(element, "mapDecisionResult") or "resultList"
    variable = read_foreign.attribute(element, "resultVariable")
    if not (read_foreign.attribute(element, "decisionRef") and variable) or shape == "singleEntry":
        return
    text = Text(
        f"“{called(element)}”的结果 {variable} 在那里是{_SHAPES.get(shape, Text(shape, shape)).zh}，在这里就是决策的值",
        f"{called(element)}: its result {variable} was {_SHAPES.get(shape, Text(shape, shape)).en} there; "
        "here it is the decision's value",
    )
    fix = Text("检查读取它的条件，如 结果.档次", "Look at the conditions that read it, such as result.grade")
    document.note(element, "result_shape", "warning", text, fix)


def _kind(name: str) -> str:
    return name.partition(":")[2]


def _report(document: Document, element: xml.Element) -> None:
    """Which foreign settings are understood, and which are left out although they did something there."""
    elsewhere = _SAID_ELSEWHERE | (_START_FORMS if xml.local(element) == "startEvent" else frozenset())
    names = {name: text for name, text in read_foreign.leftovers(element).items() if _kind(name) not in elsewhere}
    elements = {f"{xml.PREFIXES.get(xml.namespace(one))}:{xml.local(one)}" for one in xml.extensions(element)}
    unread = {name for name in elements if _kind(name) in _ATTRIBUTES} | {n for n in names if _kind(n) not in _READ}
    read = sorted(name for name, text in names.items() if name not in unread and not is_braced(text))
    lost = sorted(name for name in names if name in unread and _kind(name) not in _NO_EFFECT | _CODE)
    code = sorted(name for name in names if _kind(name) in _CODE)
    where = called(element)
    if read:
        text = Text(f"“{where}”：按 {', '.join(read)} 的设置运行", f"{where}: {', '.join(read)} is understood and used")
        document.note(element, "foreign_read", "info", text)
    if lost:
        document.note(
            element,
            "foreign_ignored",
            "warning",
            Text(f"“{where}”：{', '.join(lost)} 在这里不起作用", f"{where}: {', '.join(lost)} has no effect here"),
            Text("需要时用本系统的设置重新配置", "Set it again with this system's settings if you need it"),
        )
    if code:
        document.note(
            element,
            "foreign_code",
            "warning",
            Text(
                f"“{where}”原来由程序代码执行（{names[code[0]][:80]}）",
                f"{where} was done by program code there ({names[code[0]][:80]})",
            ),
            Text("请为它选择一个处理器、发送渠道或外部任务类型", "Choose a handler, a channel or a job type for it"),
        )
