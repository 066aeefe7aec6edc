"""Does a value conform to a type? Source: DMN 1.5, 10.3.2.9.4 and 10.3.2.9.5."""

from collections.abc import Mapping
from datetime import date

from engine.feel.fuel import Fuel
from engine.feel.statictypes import is_conforming, joined, parts_of
from engine.feel.syntax import TypeName
from engine.feel.temporal import start_of_day
from engine.feel.values import FeelFunction, Range, Value, kind

_SIMPLE = frozenset(
    {
        "number",
        "string",
        "boolean",
        "date",
        "time",
        "date and time",
        "days and time duration",
        "years and months duration",
    }
)


def conforms(value: Value, expected: TypeName, fuel: Fuel | None = None) -> bool:
    """``value instance of expected``: null is an instance of Null only."""
    name = expected.name
    found = kind(value)
    if found == "null":
        return name == "Null"
    if name == "Any":
        return True
    if name in _SIMPLE or not (expected.arguments or expected.members):
        return found == name
    if found != name:
        return False
    fuel = fuel or Fuel()
    if name == "list":
        fuel.spend(len(value))
        if expected.arguments[0].name == "function" and all(_declared(item) for item in value):
            return is_conforming(joined([item.type for item in value]), expected.arguments[0])
        return all(allows(item, expected.arguments[0], fuel) for item in value)
    if name == "range":
        return _range_conforms(value, expected.arguments[0], fuel)
    if name == "context":
        return _context_conforms(value, expected, fuel)
    return _function_conforms(value, expected)


def allows(value: Value, expected: TypeName, fuel: Fuel) -> bool:
    """Like ``conforms``, with null allowed everywhere (a part may always be null)."""
    return value is None or conforms(value, expected, fuel)


def _range_conforms(value: Range, expected: TypeName, fuel: Fuel) -> bool:
    return allows(value.start, expected, fuel) and allows(value.end, expected, fuel)


def _context_conforms(value: Mapping[str, Value], expected: TypeName, fuel: Fuel) -> bool:
    fuel.spend(1)
    pairs = zip(expected.members, expected.arguments, strict=True)
    return all(key in value and allows(value[key], wanted, fuel) for key, wanted in pairs)


def _function_conforms(value: FeelFunction, expected: TypeName) -> bool:
    if value.type is not None:
        return is_conforming(value.type, expected)
    return len(value.parameters) == len(parts_of(expected)[0])


def _declared(value: Value) -> bool:
    return value.__class__ is FeelFunction and value.type is not None


def convert(value: Value, expected: TypeName | None) -> tuple[bool, Value]:
    """(fits, value) for a parameter: a list of one element gives its element, a single value becomes a list of one,
    a date its midnight in UTC; what does not fit is null.

    Source: DMN 1.5, 10.3.2.9.4 (implicit conversions).
    """
    if expected is None or value is None or conforms(value, expected):
        return True, value
    if value.__class__ is list and len(value) == 1 and conforms(value[0], expected):
        return True, value[0]
    if expected.name == "list" and value.__class__ is not list and conforms([value], expected):
        return True, [value]
    if expected.name == "date and time" and value.__class__ is date:
        return True, start_of_day(value)
    return False, None
