"""Who does a task in the standard's own words: performers and potential owners become assignee rules.

Source: BPMN 2.0.2 10.3.1 (resource roles), 10.3.4.1 (human involvement). The texts are written as engines of the
Activiti family read them: `user(li), group(finance)`; a bare word is a user where one person performs, else a group.
"""

from __future__ import annotations

import re

from engine.workflow.bpmn import read_extensions, read_foreign, xml
from engine.workflow.doctor.document import Document, called, extensions_of, make
from engine.workflow.doctor.foreign_expressions import is_braced, to_feel

_ROLES = {"humanPerformer": "user", "performer": "user", "potentialOwner": "group"}
_WORD = re.compile(r"(?:(?P<kind>user|group)\(\s*)?(?P<name>[\w.@-]+)\s*\)?")


def treat(document: Document) -> None:
    """User and manual tasks that name nobody in our words."""
    for element in document.all("userTask", "manualTask"):
        task = read_extensions.school(element, "task")
        if task is not None and any(xml.local(one) == "assignee" for one in task):
            continue
        rules = [rule for role, kind in _ROLES.items() for rule in _rules(element, role, kind)]
        if not rules:
            continue
        ours = task if task is not None else make(extensions_of(element), "task", xml.SCHOOL)
        for rule in dict.fromkeys(rules):
            make(ours, "assignee", xml.SCHOOL, rule=rule)
        document.rewritten(
            element,
            "people",
            f"任务“{called(element)}”的处理人已转成本系统的规则：{', '.join(rules)[:80]}",
            f"The people of {called(element)} are now rules of ours: {', '.join(rules)[:80]}",
        )


def _rules(element: xml.Element, role: str, kind: str) -> list[str]:
    found: list[str] = []
    for one in xml.children(element, role):
        found += _resource(one)
        expression = xml.child(one, "resourceAssignmentExpression")
        text = xml.text(expression)
        if is_braced(text):
            feel = to_feel(text)
            found += [f"={feel}"] if feel is not None else []
        elif text.startswith("="):
            found.append(text)
        else:
            found += _words(text, kind)
    return found


def _resource(role: xml.Element) -> list[str]:
    """A resource of the model (a role, a team) is a group here, by its name."""
    reference = xml.reference(xml.text(xml.child(role, "resourceRef")))
    root = role.getroottree().getroot()
    named = (one for one in xml.children(root, "resource") if reference and xml.attribute(one, "id") == reference)
    return [f"group:{read_foreign.key_of(name)}" for one in named if (name := xml.attribute(one, "name"))]


def _words(text: str, kind: str) -> list[str]:
    matches = [_WORD.fullmatch(part.strip()) for part in text.split(",")]
    return [f"{match['kind'] or kind}:{match['name']}" for match in matches if match is not None]
