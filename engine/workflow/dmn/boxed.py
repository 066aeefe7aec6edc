"""Boxed expressions to closures of the scope. Source: DMN 1.5, 7.3 and 10.2."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from engine.feel import FeelEnv, FeelError, FeelFunction, Value
from engine.feel.compiler_calls import call_named
from engine.feel.java import external_function, method_of
from engine.feel.runtime import Run, Scope
from engine.kernel.text import Text
from engine.workflow.bpmn.xml import Element
from engine.workflow.dmn.elements import attribute, body_text, child, children, local, type_of
from engine.workflow.dmn.loops import read_conditional, read_filter, read_for, read_quantified
from engine.workflow.dmn.model import DmnRun
from engine.workflow.dmn.reading import Boxed, Build, Names, nothing, top, within
from engine.workflow.dmn.tables import read_table

Reader = Callable[[Element, Build, Names], Boxed]
_MAX_DEPTH = 25
_NEVER = FeelEnv(now=datetime(1970, 1, 1, tzinfo=UTC), max_steps=1_000)
"""For the class and the signature of an external function, which are texts."""


def read_boxed(element: Element, build: Build, names: Names, depth: int = 0) -> Boxed:
    """The closure of a boxed expression, with the type it declares enforced."""
    reader = _READERS.get(local(element))
    if reader is None or depth > _MAX_DEPTH:
        zh, en = "未知或嵌套过深的表达式", "An unknown or too deeply nested expression"
        build.note(element, "expression_kind", Text(zh, en))
        return nothing
    return typed(reader(element, build, names), type_of(element), element, build)


def inner_expression(element: Element | None, build: Build, names: Names) -> Boxed:
    """The one boxed expression inside an element; a missing one is a finding."""
    found = child(element, *_READERS) if element is not None else None
    if element is not None and found is None:
        build.note(element, "expression_missing", Text("缺少表达式", "An expression is missing"))
    if found is None:
        return nothing
    return read_boxed(found, build, names, sum(local(at) in _READERS for at in found.iterancestors()))


def has_expression(element: Element) -> bool:
    """Does the element hold a boxed expression?"""
    return child(element, *_READERS) is not None


def typed(logic: Boxed, reference: str, element: Element, build: Build) -> Boxed:
    """The same logic, whose value is converted to the declared type or becomes null."""
    if build.types.named(reference) is None:
        return logic
    key = attribute(element, "id")

    def check(scope: Scope) -> Value:
        fits, value = build.types.coerce(logic(scope), reference, scope.run)
        if not fits and isinstance(scope.run, DmnRun):
            scope.run.problem(key, Text(f"结果不是 {reference} 类型", f"The result is not of type {reference}"))
        return value

    return check


def _literal(element: Element, build: Build, names: Names) -> Boxed:
    text = body_text(element)
    if not text:
        build.note(element, "expression_missing", Text("表达式为空", "The expression is empty"), "warning")
        return nothing
    expression = build.expression(element, text, names)
    if expression is None:
        return nothing
    return lambda scope: expression.run(scope.root, scope.run)


def _context(element: Element, build: Build, names: Names) -> Boxed:
    entries: list[tuple[str, Boxed]] = []
    for entry in children(element, "contextEntry"):
        variable = child(entry, "variable")
        name = attribute(variable, "name")
        logic = typed(inner_expression(entry, build, names), type_of(variable), entry, build)
        entries.append((name, logic))
        names = (*names, name) if name else names

    def evaluate(scope: Scope) -> Value:
        inner = within(scope, {})
        found: dict[str, Value] = {}
        for name, logic in entries:
            value = logic(inner)
            if not name:
                return value
            found[name] = value
            inner = within(inner, {name: value})
        return found

    return evaluate


def _list(element: Element, build: Build, names: Names) -> Boxed:
    items = [read_boxed(item, build, names, 1) for item in children(element, *_READERS)]
    return lambda scope: [item(scope) for item in items]


def _relation(element: Element, build: Build, names: Names) -> Boxed:
    columns = [(attribute(column, "name"), type_of(column)) for column in children(element, "column")]
    rows = []
    for row in children(element, "row"):
        cells = list(children(row, *_READERS))
        if len(cells) != len(columns):
            build.note(row, "row_shape", Text("行的单元格数不对", "The row has a wrong number of cells"))
            continue
        pairs = zip(columns, cells, strict=True)
        rows.append(
            [(name, typed(read_boxed(cell, build, names, 1), kind, cell, build)) for (name, kind), cell in pairs]
        )
    return lambda scope: [{name: logic(scope) for name, logic in row} for row in rows]


def _invocation(element: Element, build: Build, names: Names) -> Boxed:
    function = inner_expression(element, build, names)
    bindings: list[tuple[str, Boxed]] = []
    for binding in children(element, "binding"):
        parameter = child(binding, "parameter")
        logic = inner_expression(binding, build, names) if has_expression(binding) else nothing
        bindings.append((attribute(parameter, "name"), typed(logic, type_of(parameter), binding, build)))

    def call(scope: Scope) -> Value:
        found = function(scope)
        values = {name: logic(scope) for name, logic in bindings}
        if not isinstance(found, FeelFunction):
            if isinstance(scope.run, DmnRun):
                zh, en = "要调用的不是函数", "What is invoked is no function"
                scope.run.problem(attribute(element, "id"), Text(zh, en))
            return None
        if found.named is None and values.keys() != set(found.parameters) and isinstance(scope.run, DmnRun):
            zh, en = f"“{found.name}”的参数名不符", f"The names of the arguments are not those of {found.name!r}"
            scope.run.problem(attribute(element, "id"), Text(zh, en))
        return call_named(found, values, scope.run)

    return call


def _function(element: Element, build: Build, names: Names) -> Boxed:
    return read_function(element, build, names, attribute(element, "name") or "function")


def read_function(
    element: Element, build: Build, names: Names, name: str, result: str = ""
) -> Callable[[Scope], FeelFunction]:
    """A function definition: given the scope it is defined in, the function, whose value is converted to the type
    ``result``, else to that of the function type it declares. Only FEEL bodies run."""
    result = result or build.types.results_of(type_of(element))
    parameters = [(attribute(one, "name"), type_of(one)) for one in children(element, "formalParameter")]
    own = tuple(parameter for parameter, _ in parameters)
    declared = build.types.function_type(
        [reference for _, reference in parameters], result or type_of(child(element, *_READERS))
    )
    body = _body(element, build, names, own)

    def define(scope: Scope) -> FeelFunction:
        def call(values: Sequence[Value], run: Run) -> Value:
            if len(values) != len(parameters):
                return None
            names = _bind(name, parameters, values, build, run)
            if names is None:
                return None
            return build.types.coerce(_enter(body, {**scope.root, **names}, run), result, run)[1]

        return FeelFunction(name, own, call, type=declared)

    return define


def _body(element: Element, build: Build, names: Names, own: Names) -> Boxed:
    """What a function does with its parameters ``own``; nothing where it is written in another language."""
    kind = attribute(element, "kind").upper() or "FEEL"
    if kind in ("FEEL", "F"):
        return inner_expression(element, build, (*names, *own))
    if kind in ("JAVA", "J"):
        said = {"java": _constant(inner_expression(element, build, ()))}
        if method_of(said) is not None:
            function = external_function(said, own)
            return lambda scope: function.call([scope.root[name] for name in own], scope.run)
    zh, en = f"不支持 {kind} 函数，其结果为空", f"{kind} functions are not run; the result is null"
    if kind in ("JAVA", "J"):
        zh, en = "没有这个 Java 方法，其结果为空", "This method of Java is not known here; the result is null"
    build.note(element, "function_kind", Text(zh, en), "warning")
    return nothing


def _constant(logic: Boxed) -> Value:
    """The value of what asks for nothing, null when that takes too long."""
    try:
        return logic(top({}, DmnRun(_NEVER)))
    except FeelError:
        return None


def _bind(
    function: str, parameters: Sequence[tuple[str, str]], values: Sequence[Value], build: Build, run: Run
) -> dict[str, Value] | None:
    """The arguments by name, converted to their types; None when one does not fit, for then nothing is called.

    Source: DMN 1.5, 10.3.2.13.2.
    """
    bound: dict[str, Value] = {}
    for (name, reference), value in zip(parameters, values, strict=True):
        fits, bound[name] = build.types.coerce(value, reference, run)
        if not fits:
            if isinstance(run, DmnRun):
                zh, en = (
                    f"“{function}”的参数“{name}”不是 {reference} 类型",
                    f"{name!r} of {function!r} is no {reference}",
                )
                run.problem("", Text(zh, en))
            return None
    return bound


def _enter(body: Boxed, names: dict[str, Value], run: Run) -> Value:
    run.enter()
    run.spend(1 + len(names))
    try:
        return body(top(names, run))
    finally:
        run.calls -= 1


_READERS: dict[str, Reader] = {
    "literalExpression": _literal,
    "decisionTable": read_table,
    "context": _context,
    "list": _list,
    "relation": _relation,
    "invocation": _invocation,
    "functionDefinition": _function,
    "conditional": lambda element, build, names: read_conditional(element, build, names, inner_expression),
    "for": lambda element, build, names: read_for(element, build, names, inner_expression),
    "every": lambda element, build, names: read_quantified(element, build, names, inner_expression),
    "some": lambda element, build, names: read_quantified(element, build, names, inner_expression),
    "filter": lambda element, build, names: read_filter(element, build, names, inner_expression),
}
