"""Settings of approvals in Chinese office products on Flowable (Yudao and its kin): nobody found, the starter's own
approval, buttons, reasons, what happens in time.

Their engine does on rejecting what no flow shows: it ends the case or goes back. Here a person sends back, to a step or
to the end.
"""

from __future__ import annotations

from engine.kernel.text import Text
from engine.workflow.bpmn import read_extensions, read_foreign, xml
from engine.workflow.doctor import drawing
from engine.workflow.doctor.document import Document, called, drop, extensions_of, make, remove

_EMPTY = {"1": "skip", "4": "admin"}
_SELF = {"1": "ask", "2": "skip", "3": "superior"}
_OPERATIONS = {
    **dict.fromkeys(("2", "6"), "return"),
    **{"3": "transfer", "4": "delegate", "5": "add_signer remove_signer", "7": "cc"},
}
_ALWAYS = ("claim", "withdraw", "urge", "save")
_IN_TIME = {"1": "urge", "2": "approve", "3": "reject"}
_AUTOMATIC = "2"
NAMES = frozenset(
    {"assignEmptyHandlerType", "assignEmptyUserIds", "assignStartUserHandlerType", "buttonsSetting", "reasonRequire"}
    | {"signEnable", "approveType", "approveMethod", "rejectHandlerType", "rejectReturnTaskId", "timeoutHandlerType"}
    | {"boundaryEventType", "nodeType", "taskCreateListener", "taskAssignListener", "taskCompleteListener"}
)
_LISTENERS = ("taskCreateListener", "taskAssignListener", "taskCompleteListener")


def treat(document: Document) -> None:
    """Every user task with such settings, and the timers at its border."""
    for event in document.all("boundaryEvent"):
        _in_time(document, event)
    for task in document.all("userTask"):
        if any(xml.local(one) in NAMES and xml.namespace(one) in xml.KINDRED for one in xml.extensions(task)):
            _settings(document, task)
            _tell(document, task)
            if said(task, "approveType") == _AUTOMATIC:
                _pass_by(document, task)


def said(element: xml.Element, *names: str) -> str:
    """An attribute, or an extension element of the product with that text."""
    if found := read_foreign.attribute(element, *names):
        return found
    parts = (one for one in xml.extensions(element) if xml.namespace(one) in xml.KINDRED and xml.local(one) in names)
    return next((text for one in parts if (text := xml.text(one))), "")


def _ours(task: xml.Element) -> xml.Element:
    found = read_extensions.school(task, "task")
    return found if found is not None else make(extensions_of(task), "task", xml.SCHOOL)


def _settings(document: Document, task: xml.Element) -> None:
    """What has an equal among the settings of a task of ours; those that are there stay."""
    given = {"empty": _EMPTY.get(said(task, "assignEmptyHandlerType"), "")}
    given["self"] = _SELF.get(said(task, "assignStartUserHandlerType"), "")
    buttons = [one for one in xml.extensions(task) if xml.local(one) == "buttonsSetting"]
    enabled = {_of(one, "id"): _of(one, "displayName") for one in buttons if _of(one, "enable") == "true"}
    if buttons:
        words = [word for key in sorted(enabled) if key in _OPERATIONS for word in _OPERATIONS[key].split()]
        given["operations"] = " ".join(dict.fromkeys([*_ALWAYS, *words]))
    ours = _ours(task)
    fresh = {name: value for name, value in given.items() if value and ours.get(name) is None}
    for name, value in fresh.items():
        ours.set(name, value)
    is_reasoned = said(task, "reasonRequire") == "true"
    if (enabled.get("1") or is_reasoned) and xml.child(ours, "outcome", xml.SCHOOL) is None:
        label = enabled.get("1") or "通过"
        comment = "required" if is_reasoned else "optional"
        button = make(ours, "outcome", xml.SCHOOL, name="approve", label_zh=label, label_en="Approve", style="primary")
        button.set("comment", comment)
        fresh["outcome"] = label
    if fresh:
        shown = ", ".join(f"{name}={value}" for name, value in fresh.items())[:120]
        zh, en = f"“{called(task)}”的审批设置已转成 {shown}", f"The settings of {called(task)} are now {shown}"
        document.rewritten(task, "office_task", zh, en)


def _of(button: xml.Element, name: str) -> str:
    """An attribute that some designers write with their prefix."""
    return read_foreign.attribute(button, name) or xml.attribute(button, name)


def _tell(document: Document, task: xml.Element) -> None:
    """What people do here where their engine did it."""
    told: list[Text] = []
    if said(task, "rejectHandlerType") == "2" and (target := said(task, "rejectReturnTaskId")):
        told.append(Text(f"拒绝后自动退回到 {target}", f"rejecting went back to {target} by itself"))
    if said(task, "approveType") == "3":
        told.append(Text("自动拒绝", "it rejected by itself"))
    if said(task, "assignEmptyHandlerType") == "2":
        told.append(Text("找不到处理人时自动拒绝", "it rejected when nobody was found"))
    if people := said(task, "assignEmptyUserIds"):
        told.append(Text(f"找不到处理人时交给 {people}", f"{people} took over when nobody was found"))
    if said(task, "signEnable") == "true":
        told.append(Text("要手写签名", "it asked for a signature"))
    if said(task, "approveMethod") == "1" and not xml.children(task, "multiInstanceLoopCharacteristics"):
        told.append(Text("随机挑一人审批", "one of them was picked at random"))
    listeners = (one for one in xml.extensions(task) if xml.local(one) in _LISTENERS and _of(one, "enable") == "true")
    told += [Text(f"通知 {_of(one, 'path')[:60]}", f"it told {_of(one, 'path')[:60]}") for one in listeners]
    if told:
        zh, en = "；".join(one.zh for one in told), "; ".join(one.en for one in told)
        text = Text(f"“{called(task)}”在那边{zh}，这里不会", f"{called(task)}: {en} there; not here")
        fix = Text(
            "拒绝时由办理人选择退回哪一步或结束；其余在属性面板里设置",
            "Who rejects chooses where it goes back to, or ends it; set the rest in the panel",
        )
        document.note(task, "office_untaken", "warning", text, fix)


def _pass_by(document: Document, task: xml.Element) -> None:
    """A task that approves by itself is nobody's: the case passes through."""
    task.tag = f"{{{xml.BPMN}}}task"
    for one in [*xml.children(task, "multiInstanceLoopCharacteristics"), *_settings_of(task)]:
        remove(one)
    for space in xml.KINDRED:
        for name in ("assignee", "candidateUsers", "candidateGroups", "formKey"):
            drop(task, f"{{{space}}}{name}")
    zh, en = f"“{called(task)}”自动通过，不需要人办理", f"{called(task)} approves by itself: nobody has to do it"
    document.rewritten(task, "office_passes", zh, en)


def _settings_of(task: xml.Element) -> list[xml.Element]:
    found = read_extensions.school(task, "task")
    return [found] if found is not None else []


def _in_time(document: Document, event: xml.Element) -> None:
    """A timer at the border that reminds, approves or rejects, and leads nowhere, is a reminder of the task."""
    action = _IN_TIME.get(said(event, "timeoutHandlerType"), "")
    task = document.by_id(xml.reference(event.get("attachedToRef")) or "")
    duration = xml.text(next(event.iter(f"{{{xml.BPMN}}}timeDuration"), None))
    identity = xml.attribute(event, "id")
    leads_on = any(xml.reference(one.get("sourceRef")) == identity for one in document.all("sequenceFlow"))
    if not action or task is None or not duration.startswith("P") or leads_on:
        return
    make(_ours(task), "reminder", xml.SCHOOL, after=duration, action=action)
    drawing.erase(document, identity)
    remove(event)
    zh = f"“{called(task)}”{duration} 未办的处理已转成提醒：{action}"
    document.rewritten(task, "office_reminder", zh, f"{called(task)} has a reminder now: {action} after {duration}")
