"""How a built-in function is declared and called.

``@builtin("substring", "string: string", "start position: number", "length: number?")`` gives the parameters with
their names and types; ``?`` marks one that may be missing, ``...`` a last one that repeats, ``|`` joins types.
A wrong number or type of arguments gives null. Source: DMN 1.5, 10.3.4.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple, TypeVar

from engine.feel.durations import DaysAndTimeDuration, YearsAndMonthsDuration
from engine.feel.exact import Exact
from engine.feel.runtime import Run
from engine.feel.temporal import start_of_day
from engine.feel.values import RAW, FeelFunction, Range, Value, from_python

_CLASSES: dict[str, frozenset[type]] = {
    "number": frozenset({Decimal}),
    "string": frozenset({str}),
    "boolean": frozenset({bool}),
    "date": frozenset({date}),
    "time": frozenset({time}),
    "date and time": frozenset({datetime}),
    "exact": frozenset({Exact}),
    "duration": frozenset({DaysAndTimeDuration, YearsAndMonthsDuration}),
    "list": frozenset({list}),
    "context": frozenset({dict}),
    "range": frozenset({Range}),
    "function": frozenset({FeelFunction}),
}
_MISMATCH: Any = object()
_SHORT, _LONG = 30, 1_000
F = TypeVar("F", bound=Callable[..., Value])


class Parameter(NamedTuple):
    name: str
    classes: frozenset[type] | None
    optional: bool


class Signature:
    """One way to call a built-in."""

    def __init__(
        self, function: Callable[..., Value], specs: Sequence[str], needs_run: bool, constant_time: bool
    ) -> None:
        self.function = function
        self.needs_run = needs_run
        self.constant_time = constant_time
        self.names = [spec.partition(": ")[0] for spec in specs]
        self.repeats = bool(specs) and specs[-1].endswith("...")
        self.parameters = tuple(_parameter(spec) for spec in specs)
        self.required = sum(not parameter.optional for parameter in self.parameters)
        self.most = len(self.parameters) if not self.repeats else 1_000_000

    def bind(self, values: Sequence[Value]) -> list[Value] | None:
        """The converted arguments, or None when they do not fit."""
        if not self.required <= len(values) <= self.most:
            return None
        bound = []
        last = len(self.parameters) - 1
        for position, value in enumerate(values):
            parameter = self.parameters[position if position < last else last]
            if parameter.classes is not None and value.__class__ not in parameter.classes:
                converted = _convert(value, parameter)
                if converted is _MISMATCH:
                    return None
                bound.append(converted)
            else:
                bound.append(value)
        return bound

    def apply(self, bound: Sequence[Value], run: Run) -> Value:
        """The result for converted arguments; null when it cannot be calculated.

        Long lists and texts use up steps. Raises: FeelError when none are left.
        """
        if not self.constant_time:
            for value in bound:
                if value.__class__ is list and len(value) > _SHORT:
                    run.spend(len(value) >> 3)
                elif value.__class__ is str and len(value) > _LONG:
                    run.spend(len(value) >> 10)
        try:
            return self.function(run, *bound) if self.needs_run else self.function(*bound)
        except (ArithmeticError, ValueError):
            return None

    def order(self, values: Mapping[str, Value]) -> list[Value] | None:
        """Named arguments in the order of the parameters, or None when the names do not fit."""
        if not values.keys() <= set(self.names):
            return None
        ordered = [values.get(name) for name in self.names]
        while ordered and self.names[len(ordered) - 1] not in values:
            ordered.pop()
        return ordered


def _parameter(spec: str) -> Parameter:
    name, _, types = spec.partition(": ")
    optional = types.endswith("?")
    types = types.removesuffix("?").removesuffix("...")
    classes = None if types == "any" else frozenset[type]().union(*(_CLASSES[word] for word in types.split("|")))
    return Parameter(name, classes, optional)


def _convert(value: Value, parameter: Parameter) -> Value:
    """The implicit conversions of arguments. Source: DMN 1.5, 10.3.2.9.4."""
    classes = parameter.classes or frozenset()
    if value is None:
        return None if parameter.optional else _MISMATCH
    if value.__class__ in RAW:
        plain = from_python(value)
        if plain.__class__ in classes:
            return plain
    if value.__class__ is list and len(value) == 1 and value[0].__class__ in classes:
        return value[0]
    if list in classes:
        return [value]
    if value.__class__ is date and datetime in classes:
        return start_of_day(value)
    return _MISMATCH


class Builtin:
    """A built-in function with all its signatures."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.signatures: list[Signature] = []

    @cached_property
    def value(self) -> FeelFunction:
        """The function as a value, for example as an argument of ``sort``."""
        names = tuple(parameter.name for parameter in self.signatures[0].parameters)
        return FeelFunction(self.name, names, self.call, self.call_named)

    def call(self, values: Sequence[Value], run: Run) -> Value:
        """The result of the first signature that fits, else null."""
        for signature in self.signatures:
            bound = signature.bind(values)
            if bound is not None:
                return signature.apply(bound, run)
        return None

    def call_named(self, values: Mapping[str, Value], run: Run) -> Value:
        """The same with arguments by name; of two signatures with the same names, the one in the given order."""
        given = list(values)
        for signature in sorted(self.signatures, key=lambda one: one.names[: len(given)] != given):
            ordered = signature.order(values)
            bound = signature.bind(ordered) if ordered is not None else None
            if bound is not None:
                return signature.apply(bound, run)
        return None


BUILTINS: dict[str, Builtin] = {}


def builtin(name: str, *specs: str, needs_run: bool = False, constant_time: bool = False) -> Callable[[F], F]:
    """Declare a function as (one more signature of) the built-in ``name``; most take the longer the more they get."""

    def declare(function: F) -> F:
        BUILTINS.setdefault(name, Builtin(name)).signatures.append(Signature(function, specs, needs_run, constant_time))
        return function

    return declare
