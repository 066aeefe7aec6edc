"""Function calls and definitions. Source: DMN 1.5, 10.3.2.13 (an argument that does not fit makes the call null),
10.3.2.9.4 (argument conversion)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from engine.feel.builtins import BUILTINS, Builtin
from engine.feel.compiler import COMPILERS, Closure, Static, compile_node
from engine.feel.java import external_function
from engine.feel.runtime import Run, Scope
from engine.feel.statictypes import type_of
from engine.feel.syntax import Call, Function, Name, Parameter
from engine.feel.types import convert
from engine.feel.values import FeelFunction, Value

Conversion = Callable[[Value, Run], tuple[bool, Value]]


def _call(node: Call, static: Static) -> Closure:
    arguments = tuple(compile_node(argument, static) for argument in node.arguments)
    callee = node.callee
    if isinstance(callee, Name) and not static.is_local(callee.name):
        builtin = BUILTINS.get(callee.name)
        if builtin is not None:
            return _call_builtin(builtin, arguments, node.names)
    function = compile_node(callee, static)
    names = node.names

    def call(scope: Scope) -> Value:
        found = function(scope)
        values = [argument(scope) for argument in arguments]
        if found.__class__ is not FeelFunction:
            return None
        if names is None:
            return found.call(values, scope.run)
        return call_named(found, dict(zip(names, values, strict=True)), scope.run)

    return call


def call_named(function: FeelFunction, values: Mapping[str, Value], run: Run) -> Value:
    """Call with arguments by name; null when the names are not those of the parameters."""
    if function.named is not None:
        return function.named(values, run)
    if values.keys() != set(function.parameters):
        return None
    return function.call([values[name] for name in function.parameters], run)


def _call_builtin(builtin: Builtin, arguments: tuple[Closure, ...], names: list[str] | None) -> Closure:
    name = builtin.name
    if names is not None:
        keys = tuple(names)

        def call_by_name(scope: Scope) -> Value:
            values = {key: argument(scope) for key, argument in zip(keys, arguments, strict=True)}
            own = scope.root.get(name)
            if own.__class__ is FeelFunction:
                return call_named(own, values, scope.run)
            return builtin.call_named(values, scope.run)

        return call_by_name

    def call(scope: Scope) -> Value:
        values = [argument(scope) for argument in arguments]
        own = scope.root.get(name)
        if own.__class__ is FeelFunction:
            return own.call(values, scope.run)
        return builtin.call(values, scope.run)

    return call


def _function(node: Function, static: Static) -> Closure:
    names = tuple(parameter.name for parameter in node.parameters)
    declared = type_of(node, {})
    body = compile_node(node.body, static.inner(frozenset(names)))
    if node.external:
        return lambda scope: replace(external_function(body(scope), names), type=declared)
    parameters = tuple((one.name, _conversion(one, static)) for one in node.parameters)

    def define(scope: Scope) -> FeelFunction:
        return FeelFunction("function", names, _Body(scope, parameters, body), type=declared)

    return define


def _conversion(parameter: Parameter, static: Static) -> Conversion:
    """What makes an argument one of the parameter's type: named types may allow some values only."""
    coerce, reference, expected = static.coerce, parameter.reference, parameter.type
    if reference and coerce is not None:
        return lambda value, run: coerce(value, reference, run)
    return lambda value, run: convert(value, expected)


class _Body:
    """A function's body with the scope it was defined in."""

    __slots__ = ("body", "parameters", "scope")

    def __init__(self, scope: Scope, parameters: Sequence[tuple[str, Conversion]], body: Closure) -> None:
        self.scope = scope
        self.parameters = parameters
        self.body = body

    def __call__(self, values: Sequence[Value], run: Run) -> Value:
        if len(values) != len(self.parameters):
            return None
        names: dict[str, Value] = {}
        for (name, conversion), value in zip(self.parameters, values, strict=True):
            fits, names[name] = conversion(value, run)
            if not fits:
                return None
        run.enter()
        run.spend(1)
        try:
            return self.body(Scope(names, self.scope, self.scope.root, run))
        finally:
            run.calls -= 1


COMPILERS[Call] = _call
COMPILERS[Function] = _function
