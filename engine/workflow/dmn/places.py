"""Where in a model a text stands, as a person finds it: the decision, the rule, the column."""

from __future__ import annotations

from engine.kernel.text import Text
from engine.workflow.bpmn.xml import Element
from engine.workflow.dmn.elements import attribute, body_text, child, children, local

_OWNERS = ("decision", "businessKnowledgeModel")
_CELLS = {"inputEntry": "input", "outputEntry": "output"}


def at_place(element: Element, said: Text) -> Text:
    """What is said of a text, behind its place: ``'Discount', rule 3, 'amount': …``."""
    zh, en = [], []
    owner = next((one for one in element.iterancestors() if local(one) in _OWNERS), None)
    if owner is not None and attribute(owner, "name"):
        zh.append(f"“{attribute(owner, 'name')}”")
        en.append(repr(attribute(owner, "name")))
    place = _cell(element)
    if place is not None:
        rule, column = place
        zh.append(f"第 {rule} 条规则“{column}”")
        en.append(f"rule {rule}, {column!r}")
    if not zh:
        return said
    return Text(f"{''.join(zh)}：{said.zh}", f"{', '.join(en)}: {said.en}")


def _cell(element: Element) -> tuple[int, str] | None:
    """The number of the rule and the name of the column, when the text is that of a cell."""
    rule = element.getparent()
    table = rule.getparent() if rule is not None and local(rule) == "rule" else None
    kind = _CELLS.get(local(element))
    if rule is None or table is None or kind is None:
        return None
    number = list(children(table, "rule")).index(rule)
    place = list(children(rule, local(element))).index(element)
    columns = list(children(table, kind))
    if place >= len(columns):
        return None
    column = columns[place]
    named = attribute(column, "label") or attribute(column, "name") or body_text(child(column, "inputExpression"))
    return number + 1, named or str(place + 1)
