"""Boxed iterators and filters. Source: DMN 1.4 and later, 7.3.9 to 7.3.12."""

from __future__ import annotations

from collections.abc import Callable

from engine.feel import Value
from engine.feel.compiler_loops import NotIterable, elements, filter_values
from engine.feel.runtime import Scope
from engine.workflow.bpmn.xml import Element
from engine.workflow.dmn.reading import Boxed, Build, Names, attribute, child, local, within

ReadInner = Callable[[Element | None, Build, Names], Boxed]


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
                value = condition(within(scope, {name: item}))
                if value is decisive:
                    return bool(value)
                if not isinstance(value, bool):
                    answer = None
        except NotIterable:
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
        return match(within(scope, added))

    return lambda scope: filter_values(source(scope), condition, scope)
