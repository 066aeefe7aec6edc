"""Settings of jBPM and Kogito: due dates, priorities, subjects and deadlines of tasks, calls nobody waits for."""

from __future__ import annotations

import re

from engine.kernel.text import Text
from engine.workflow.bpmn import read_extensions, xml
from engine.workflow.doctor.document import Document, called, drop, extensions_of, make
from engine.workflow.doctor.foreign_expressions import is_braced, to_feel

DROOLS = "http://www.jboss.org/drools"
_DURATION = re.compile(r"P(?=[\dT])(?:\d+[YMWD])*(?:T(?:\d+[HMS])+)?")
_DEADLINES = ("NotStartedReassign", "NotCompletedReassign", "NotStartedNotify", "NotCompletedNotify")
_DUE = "customSLADueDate"


def treat(document: Document) -> None:
    """What stands at processes, calls and tasks as attributes and meta data."""
    for process in document.all("process"):
        if xml.attribute(process, "processType") == "Public" and xml.is_true(process, "isExecutable"):
            drop(process, "processType")
            zh, en = "“公开流程”标记已去掉：这个流程要运行", "It is no public process any more, for it is to run"
            document.rewritten(process, "process_type", zh, en)
    for call in document.all("callActivity"):
        if (call.get(f"{{{DROOLS}}}waitForCompletion") or "true") == "false":
            _tell_waiting(document, call)
    for task in document.all("userTask"):
        due = _meta(task, _DUE)
        if _DURATION.fullmatch(due):
            _set(document, task, "due", due)


def take_inputs(document: Document, task: xml.Element, given: dict[str, str]) -> None:
    """Inputs of fixed names: the task's priority, what it is about, and when somebody else is to be told."""
    priority, subject = given.get("Priority", ""), given.get("Comment", "")
    if priority.isdecimal():
        _set(document, task, "priority", priority)
    text = to_feel(subject) if is_braced(subject) else None
    if (text or (subject and not is_braced(subject))) and read_extensions.school(task, "title") is None:
        make(extensions_of(task), "title", xml.SCHOOL, text=f"={text}" if text else subject)
    told = [f"{name} {given[name]}" for name in _DEADLINES if given.get(name, "").strip("[]@ ")]
    if told:
        shown = "; ".join(told)[:120]
        text_of = Text(
            f"“{called(task)}”逾期时转给或通知别人的设置在这里不起作用（{shown}）",
            f"{called(task)}: who is told or takes over when it is late has no effect here ({shown})",
        )
        fix = Text("在属性面板里设期限和提醒", "Set its due date and reminders in the panel")
        document.note(task, "deadline", "warning", text_of, fix)


def _set(document: Document, task: xml.Element, name: str, value: str) -> None:
    ours = read_extensions.school(task, "task")
    if ours is None:
        ours = make(extensions_of(task), "task", xml.SCHOOL)
    if not ours.get(name):
        ours.set(name, value)
        document.is_changed = True


def _meta(element: xml.Element, name: str) -> str:
    """The value of its meta data of that name."""
    found = (one for one in xml.extensions(element) if one.tag == f"{{{DROOLS}}}metaData")
    return next((xml.text(one) for one in found if xml.attribute(one, "name") == name), "")


def _tell_waiting(document: Document, call: xml.Element) -> None:
    text = Text(
        f"“{called(call)}”在那里不等被调用的流程办完；这里会等",
        f"{called(call)} did not wait for the process it calls there; here it does",
    )
    fix = Text(
        "不需要等时，改为发消息启动它，或放到并行的一路上",
        "Start it by a message, or call it on a parallel way, if the case shall go on at once",
    )
    document.note(call, "call_awaited", "warning", text, fix)
