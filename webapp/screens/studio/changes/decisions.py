"""Differences between two DMN files: rules and their cells, told by the heads of their columns."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.kernel.text import Text
from engine.workflow.bpmn import xml
from webapp.screens.studio.changes.change import Change, Facts, differences

_NUMBER = re.compile(r"\d")
_HIT = Text("命中策略", "Hit policy")
_EXPRESSION = Text("表达式", "Expression")


@dataclass(frozen=True, slots=True)
class _Row:
    """One rule: its place counted from 1, its note, its cells by column."""

    place: int
    note: str
    cells: Facts


def compare_decisions(file: str, before: str, after: str) -> Iterator[Change]:
    """Decisions that came, went or changed; within a table rule by rule."""
    old, new = _decisions(before), _decisions(after)
    for identity, decision in old.items():
        if identity not in new:
            yield Change(file, identity, "removed", _what(decision), is_limit=True)
    for identity, decision in new.items():
        if identity not in old:
            yield Change(file, identity, "added", _what(decision), is_limit=True)
            continue
        yield from _settings(file, identity, old[identity], decision)
        yield from _rules(file, decision, _rows(old[identity]), _rows(decision))


def _decisions(source: str) -> dict[str, xml.Element]:
    return {
        str(element.get("id")): element
        for element in xml.parse(source).iter()
        if xml.local(element) == "decision" and element.get("id")
    }


def _what(decision: xml.Element) -> Text:
    name = decision.get("name") or decision.get("id")
    return Text(f"决策表“{name}”", f"Decision “{name}”")


def _settings(file: str, identity: str, old: xml.Element, new: xml.Element) -> Iterator[Change]:
    was, now = (
        {
            "hit": (_HIT, "".join(str(one.get("hitPolicy") or "UNIQUE") for one in _all(decision, "decisionTable"))),
            "text": (_EXPRESSION, " ".join(xml.text(one) for one in _all(decision, "literalExpression"))),
        }
        for decision in (old, new)
    )
    details = tuple(differences(was, now))
    if details:
        yield Change(file, identity, "changed", _what(new), details, is_limit=True)


def _rules(file: str, decision: xml.Element, old: dict[str, _Row], new: dict[str, _Row]) -> Iterator[Change]:
    for identity, row in old.items():
        if identity not in new:
            yield Change(file, identity, "removed", _rule(decision, row), is_limit=True)
    for identity, row in new.items():
        if identity not in old:
            details = tuple(differences({}, row.cells))
            yield Change(file, identity, "added", _rule(decision, row), details, is_limit=True)
            continue
        before = old[identity].cells
        details = tuple(differences(before, row.cells))
        if details:
            yield Change(file, identity, "changed", _rule(decision, row), details, _moves_limit(before, row.cells))
    kept = [identity for identity in new if identity in old]
    if kept != [identity for identity in old if identity in new]:
        text = Text("规则的先后次序变了", "The order of the rules changed")
        yield Change(file, str(decision.get("id")), "changed", _what(decision), (text,), is_limit=True)


def _rule(decision: xml.Element, row: _Row) -> Text:
    table = _what(decision)
    note = f"（{row.note}）" if row.note else ""
    return Text(f"{table.zh}规则 {row.place}{note}", f"{table.en}, rule {row.place} {note}".strip())


def _moves_limit(before: Facts, after: Facts) -> bool:
    pairs = [(before.get(key, ("", ""))[1], after.get(key, ("", ""))[1]) for key in (*before, *after)]
    return any(old != new and bool(_NUMBER.search(old + new)) for old, new in pairs)


def _rows(decision: xml.Element) -> dict[str, _Row]:
    heads = [*_heads(decision, "input"), *_heads(decision, "output")]
    found: dict[str, _Row] = {}
    for place, rule in enumerate(_all(decision, "rule"), 1):
        entries = [*_all(rule, "inputEntry"), *_all(rule, "outputEntry")]
        cells = {
            str(number): (head, _cell(entry)) for number, (head, entry) in enumerate(zip(heads, entries, strict=False))
        }
        note = " ".join(xml.text(one) for one in _all(rule, "annotationEntry"))
        found[str(rule.get("id") or place)] = _Row(place, note, cells)
    return found


def _heads(decision: xml.Element, kind: str) -> Iterator[Text]:
    for column in _all(decision, kind):
        name = column.get("label") or column.get("name") or xml.text(column)
        yield Text(str(name), str(name))


def _cell(entry: xml.Element) -> str:
    text = xml.text(entry)
    return "" if text == "-" else text


def _all(element: xml.Element, name: str) -> list[xml.Element]:
    return [one for one in element.iter() if xml.local(one) == name]
