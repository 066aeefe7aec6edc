"""Expressions that can be read but are always null: wrong arguments, types that never mix, dates that are none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from engine.feel import FeelError, compile_expression, doubts
from engine.feel.syntax import TypeName
from engine.kernel.text import Text
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.model import Model, Process
from engine.workflow.gate import variables, wording
from engine.workflow.gate.surroundings import Surroundings

_DECLARED = {
    "text": "string",
    **dict.fromkeys(("number", "money", "hours"), "number"),
    "boolean": "boolean",
    "date": "date",
    "dateTime": "date and time",
    "list": "list",
}
_BARE = re.compile(r"[\dRPTZ:/+.-]+")
_FIX = Text("照提示改写；结果为空的条件永远不成立", "Rewrite it as said; a condition that is null never holds")


def check(process: Process, model: Model, surroundings: Surroundings) -> Iterator[Finding]:
    """One warning for each part of an expression that has no value whatever the data."""
    declared = process.extension.variables if process.extension is not None else ()
    known = {one.name: TypeName(kind) for one in declared if (kind := _DECLARED.get(one.type)) is not None}
    names = tuple(one.name for one in declared)
    for element, text in dict.fromkeys(_texts(process, model)):
        for message in _doubts(text, names, known):
            said = Text(f"{text[:80]}：{message.zh}", f"{text[:80]}: {message.en}")
            yield Finding(element, "expression.always_null", "warning", said, _FIX)


def _texts(process: Process, model: Model) -> Iterator[tuple[str, str]]:
    """(element, FEEL text); a time that is no FEEL, such as 2026-03-01, is left to the check of times."""
    for element, text, _ in wording.texts(process, model):
        if not _BARE.fullmatch(text.strip()):
            yield element, text.strip().removeprefix("=").strip()
    for element, text in variables.texts(process, model):
        yield element, text.strip().removeprefix("=").strip()
    for node in process.nodes.values():
        if node.script:
            yield node.id, node.script.strip()


def _doubts(text: str, names: tuple[str, ...], known: Mapping[str, TypeName]) -> list[Text]:
    try:
        return [doubt.message for doubt in doubts(compile_expression(text, names=names), known)]
    except FeelError:
        return []
