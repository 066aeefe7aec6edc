"""Boxed iterators and filters. Source: DMN 1.4 and later, 7.3.9 to 7.3.12."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from engine.feel import Value
from engine.feel.compiler_loops import NotIterable, elements, filter_values
from engine.feel.runtime import Scope
from engine.kernel.text import Text
from engine.workflow.bpmn.xml import Element
from engine.workflow.dmn.elements import attribute, child, local
from engine.workflow.dmn.model import DmnRun
from engine.workflow.dmn.reading import Boxed, Build, Names, within

ReadInner = Callable[[Element | None, Build, Names], Boxed]


class NotDecided(Exception):
    """A condition gave something that is neither true, false nor null: the whole box is null."""


def decided(element: Element, value: Value, scope: Scope) -> bool | None:
    """The value of a condition: boxes ask for true or false, unlike FEEL. Source: DMN 1.5, 7.3.9 to 7.3.12."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(scope.run, DmnRun):
        text = Text("条件必须是 true 或 false", "The condition must be true or false")
        scope.run.problem(attribute(element, "id"), text)
    raise NotDecided


def read_conditional(element: Element, build: Build, names: Names, read: ReadInner) -> Boxed:
    """``conditional`` with ``if``, ``then`` and ``else``; null is not true."""
    condition, then, otherwise = (read(child(element, name), build, names) for name in ("if", "then", "else"))

    def choose(scope: Scope) -> Value:
        try:
            holds = decided(element, condition(scope), scope)
        except NotDecided:
            return None
        return then(scope) if holds else otherwise(scope)

    return choose


def read_for(element: Element, build: Build, names: Names, read: ReadInner) -> Boxed:
    """``for`` with ``in`` and ``return``; ``partial`` holds the results so far."""
    name = attribute(element, "iteratorVariable")
    source = read(child(element, "in"), build, names)
    body = read(child(element, "return"), build, (*names, name, "partial"))

    def loop(scope: Scope) -> Value:
        results: list[Value] = []
        try:
            for item in elements(source(scope)):
                scope.run.spend(1 + len(scope.root) + (len(results) >> 6))
                results.append(body(within(scope, {"partial": list(results), name: item})))
        except NotIterable:
            return None
        return results

    return loop


def read_quantified(element: Element, build: Build, names: Names, read: ReadInner) -> Boxed:
    """``every`` and ``some`` with ``in`` and ``satisfies``."""
    name = attribute(element, "iteratorVariable")
    source = read(child(element, "in"), build, names)
    condition = read(child(element, "satisfies"), build, (*names, name))
    decisive = local(element) == "some"

    def decide(scope: Scope) -> bool | None:
        answer: bool | None = not decisive
        try:
            for item in elements(source(scope)):
                scope.run.spend(1 + len(scope.root))
                value = decided(element, condition(within(scope, {name: item})), scope)
                if value is decisive:
                    return value
                if value is None:
                    answer = None
        except (NotIterable, NotDecided):
            return None
        return answer

    return decide


def read_filter(element: Element, build: Build, names: Names, read: ReadInner) -> Boxed:
    """``filter`` with ``in`` and ``match``; the names of an element are in scope."""
    source = read(child(element, "in"), build, names)
    match = read(child(element, "match"), build, (*names, "*"))

    def condition(scope: Scope) -> Value:
        added: dict[str, Value] = {}
        at: Scope | None = scope
        while at is not None:
            added = {**at.names, **added}
            at = at.outer
        scope.run.spend(len(scope.root))
        value = match(within(scope, added))
        return value if isinstance(value, Decimal) else decided(element, value, scope)

    def choose(scope: Scope) -> Value:
        try:
            return filter_values(source(scope), condition, scope)
        except NotDecided:
            return None

    return choose
