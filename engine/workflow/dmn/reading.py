"""What is known and collected while a model is built."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from engine.feel import (
    Expression,
    FeelError,
    Tests,
    Value,
    compile_expression,
    compile_unary_tests,
    doubts,
    name_advice,
    with_advice,
)
from engine.feel.runtime import Run, Scope
from engine.feel.syntax import TypeName
from engine.kernel.text import Text
from engine.workflow.bpmn.findings import Finding, Severity
from engine.workflow.bpmn.xml import Element
from engine.workflow.dmn.elements import attribute
from engine.workflow.dmn.items import Types
from engine.workflow.dmn.places import at_place

Boxed = Callable[[Scope], Value]
Names = tuple[str, ...]
NODES = ("inputData", "decision", "businessKnowledgeModel", "decisionService")
_FEEL = re.compile(r"|feel|dmn|https?://www\.omg\.org/spec/(feel|dmn)(?!.*b-feel).*")
"""Of DMN's own languages; B-FEEL (DMN 1.6) reads the same but gives other values."""


@dataclass(slots=True)
class Build:
    """What is known while a model is built; ``imported`` are the namespaces it imports, ``included`` the elements of
    other files, in which those files' own findings name what is wrong."""

    types: Types
    members: Names = ()
    named_types: Mapping[str, TypeName] = field(default_factory=dict)
    imported: frozenset[str] = frozenset()
    included: frozenset[Element] = frozenset()
    findings: list[Finding] = field(default_factory=list)

    def note(self, element: Element | str, rule: str, text: Text, severity: Severity = "error") -> None:
        """Add a finding, unless it stands in an included element."""
        if not isinstance(element, str) and not self.included.isdisjoint((element, *element.iterancestors())):
            return
        key = element if isinstance(element, str) else _id_of(element)
        self.findings.append(Finding(key, f"dmn.{rule}", severity, text))

    def expression(self, element: Element, text: str, names: Names) -> Expression | None:
        """Compile; a fault becomes a finding."""
        if not self._is_feel(element):
            return None
        try:
            compiled = compile_expression(
                text, names, members=self.members, types=self.named_types, coerce=self.types.coerce
            )
        except FeelError as error:
            self.note(element, "expression", at_place(element, error.message))
            return None
        self.note_unknown(element, compiled, names)
        self._note_doubts(element, compiled)
        return compiled

    def tests(self, element: Element, text: str, names: Names) -> Tests | None:
        """Compile the unary tests of a cell; a fault becomes a finding."""
        if not self._is_feel(element):
            return None
        try:
            compiled = compile_unary_tests(
                text, names, members=self.members, types=self.named_types, coerce=self.types.coerce
            )
        except FeelError as error:
            self.note(element, "expression", at_place(element, error.message))
            return None
        self.note_unknown(element, compiled, names)
        self._note_doubts(element, compiled)
        return compiled

    def _is_feel(self, element: Element) -> bool:
        """Is the text written in FEEL? Another language is a finding."""
        language = _inherited_language(element).lower()
        found = _FEEL.fullmatch(language) is not None
        if not found:
            said = Text(f"不支持的表达式语言 {language}", f"Unsupported language {language}")
            self.note(element, "language", at_place(element, said))
        return found

    def _note_doubts(self, element: Element, compiled: Expression | Tests) -> None:
        for doubt in doubts(compiled):
            self.note(element, "always_null", at_place(element, doubt.message), "warning")

    def note_unknown(self, element: Element, compiled: Expression | Tests, names: Names) -> None:
        """Warn of names that nothing in scope declares; ``*`` among the names means that anything may be there."""
        if "*" in names:
            return
        for unknown in compiled.unknown:
            zh, en = f"“{unknown.name}”不在作用域内，其值为空", f"{unknown.name!r} is not in scope and will be null"
            said = with_advice(Text(zh, en), name_advice(unknown.name, names))
            self.note(element, "unknown_name", at_place(element, said), "warning")


def _id_of(element: Element) -> str:
    at: Element | None = element
    while at is not None:
        if at.get("id"):
            return str(at.get("id"))
        at = at.getparent()
    return ""


def _inherited_language(element: Element) -> str:
    said = (attribute(one, "expressionLanguage") for one in (element, *element.iterancestors()))
    return next(filter(None, said), "")


def within(scope: Scope, names: dict[str, Value]) -> Scope:
    """A scope that adds names to those of ``scope``."""
    return Scope({}, None, {**scope.root, **names}, scope.run)


def top(names: dict[str, Value], run: Run) -> Scope:
    """A scope of these names only."""
    return Scope({}, None, names, run)


def nothing(scope: Scope) -> Value:
    """The logic of what could not be read: null."""
    return None
