"""Item definitions: does a value fit its declared type? Source: DMN 1.5, 7.3.3 and 10.3.2.9.4."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from engine.feel import Tests, Value
from engine.feel.runtime import Run
from engine.feel.statictypes import UNKNOWN, function_type
from engine.feel.syntax import TypeName
from engine.feel.temporal import start_of_day
from engine.feel.temporal_literals import parse_at_literal
from engine.feel.types import conforms
from engine.feel.values import is_bounded, kind, number

BUILT_IN = {
    "number": "number",
    "string": "string",
    "boolean": "boolean",
    "date": "date",
    "time": "time",
    "date and time": "date and time",
    "dateTime": "date and time",
    "days and time duration": "days and time duration",
    "dayTimeDuration": "days and time duration",
    "years and months duration": "years and months duration",
    "yearMonthDuration": "years and months duration",
    "context": "context",
    "list": "list",
    "function": "function",
    "range": "range",
    "Any": "Any",
    "any": "Any",
}
_MAX_DEPTH = 100
_NUMBER = re.compile(r"-?[0-9]{1,100}(\.[0-9]{1,100})?(E[-+]?[0-9]{1,4})?")
_TRUTHS = {"true": True, "false": False}
_TEMPORAL = frozenset({"date", "time", "date and time", "days and time duration", "years and months duration"})


@dataclass(slots=True)
class ItemType:
    """One declared type. ``base`` is the name of another type, "" for one with components; ``takes`` and ``returns``
    are the types of a declared function's parameters and result, ``parameters`` the names of the former."""

    base: str = ""
    collection: bool = False
    components: dict[str, ItemType] = field(default_factory=dict)
    allowed: Tests | None = None
    constraint: Tests | None = None
    returns: str = ""
    takes: tuple[str, ...] | None = None
    parameters: tuple[str, ...] = ()


class Types:
    """All types of one model."""

    def __init__(self) -> None:
        self.items: dict[str, ItemType] = {}
        self._shapes: dict[str, TypeName] = {}

    def named(self, reference: str) -> ItemType | None:
        """The type of a ``typeRef``; None when it says nothing or is unknown."""
        if not reference:
            return None
        short = reference.rpartition(":")[2]
        found = self.items.get(reference) or self.items.get(short)
        if found is not None:
            return found
        built_in = BUILT_IN.get(short)
        return ItemType(built_in) if built_in is not None and built_in != "Any" else None

    def returned(self, reference: str) -> str:
        """The type of the results of a function whose variable has this type; the type itself when it is none."""
        item = self.named(reference)
        return item.returns if item is not None and item.base == "function" else reference

    def results_of(self, reference: str) -> str:
        """The type of the results of this type of functions; "" when it is none."""
        item = self.named(reference)
        return item.returns if item is not None and item.base == "function" else ""

    def parameters_of(self, reference: str) -> dict[str, str]:
        """The types of the parameters by name that this type of functions declares; none when it is no such type."""
        item = self.named(reference)
        return dict(zip(item.parameters, item.takes or (), strict=False)) if item is not None else {}

    def structures(self) -> dict[str, TypeName]:
        """The types as FEEL's ``instance of`` knows them: lists, contexts and built-in types; circles end in Any."""
        self._shapes = {}
        for name in self.items:
            self._structure_of(name, self._shapes, 0)
        return self._shapes

    def _structure_of(self, name: str, found: dict[str, TypeName], depth: int) -> TypeName:
        if name not in found:
            if depth > _MAX_DEPTH:
                return TypeName("Any")
            found[name] = TypeName("Any")
            if name in self.items:
                found[name] = self._structure(self.items[name], found, depth + 1)
        return found[name]

    def _structure(self, item: ItemType, found: dict[str, TypeName], depth: int) -> TypeName:
        if item.components:
            parts = tuple(self._structure(part, found, depth + 1) for part in item.components.values())
            shape = TypeName("context", parts, tuple(item.components))
        elif item.takes is not None:
            shape = self._function(item.takes, item.returns, found, depth)
        elif item.base in BUILT_IN and item.base not in self.items:
            shape = TypeName(BUILT_IN[item.base])
        else:
            shape = self._structure_of(item.base, found, depth)
        return TypeName("list", (shape,)) if item.collection else shape

    def _function(self, takes: Sequence[str], returns: str, found: dict[str, TypeName], depth: int) -> TypeName:
        parts = [self._referred(one, found, depth + 1) if one else UNKNOWN for one in takes]
        return function_type(parts, self._referred(returns, found, depth + 1) if returns else UNKNOWN)

    def _referred(self, reference: str, found: dict[str, TypeName], depth: int) -> TypeName:
        short = reference.rpartition(":")[2]
        name = reference if reference in self.items else short
        return self._structure_of(name, found, depth) if name in self.items else TypeName(BUILT_IN.get(short, "Any"))

    def function_type(self, takes: Sequence[str], returns: str) -> TypeName:
        """The type of a function whose parameters and result have these types."""
        return self._function(takes, returns, self._shapes, 0)

    def is_known(self, reference: str) -> bool:
        """Does the name mean anything?"""
        short = reference.rpartition(":")[2]
        return not reference or reference in self.items or short in self.items or short in BUILT_IN

    def fits(self, value: Value, expected: ItemType | None, run: Run, any_value: bool = False) -> bool:
        """Is the value of the type? Null fits every type. With ``any_value`` its allowed values do not matter."""
        if value is None or expected is None:
            return True
        if not expected.collection:
            return self._fits_item(value, expected, run, any_value) and _passes(expected.constraint, value, run)
        if not isinstance(value, list):
            return False
        run.spend(len(value))
        fit = all(self._fits_item(item, expected, run, any_value) for item in value)
        return fit and _passes(expected.constraint, value, run)

    def _fits_item(self, value: Value, expected: ItemType, run: Run, any_value: bool) -> bool:
        """The allowed values of a type are all it has: those of the type it is based on do not count then.

        Source: DMN 1.5, 7.3.3.
        """
        if value is None:
            return True
        run.spend(1)
        if expected.components:
            if not isinstance(value, dict):
                return False
            parts = expected.components.items()
            if not all(name in value and self.fits(value[name], part, run) for name, part in parts):
                return False
        elif expected.base in BUILT_IN and expected.base not in self.items:
            takes = expected.takes
            wanted = TypeName(expected.base) if takes is None else self.function_type(takes, expected.returns)
            if not conforms(value, wanted):
                return False
        elif not self.fits(value, self.named(expected.base), run, any_value or expected.allowed is not None):
            return False
        return any_value or _passes(expected.allowed, value, run)

    def coerce(self, value: Value, reference: str, run: Run) -> tuple[bool, Value]:
        """(fits, value) with the implicit conversions: a list of one to its element and back, a date to a date-time."""
        expected = self.named(reference)
        if value is None or expected is None or self.fits(value, expected, run):
            return True, value
        if isinstance(value, list) and len(value) == 1 and self.fits(value[0], expected, run):
            return True, value[0]
        if not isinstance(value, list) and self.fits([value], expected, run):
            return True, [value]
        if kind(value) == "date" and isinstance(value, date):
            moment = start_of_day(value)
            if self.fits(moment, expected, run):
                return True, moment
        return False, None

    def read_input(self, value: Value, reference: str) -> Value:
        """A value from outside: texts become numbers, ``true`` or ``false``, dates, times and durations, as ``to_json``
        writes them, where the type says so, missing parts null."""
        return self._read(value, self.named(reference), 0)

    def _read(self, value: Value, expected: ItemType | None, depth: int) -> Value:
        if expected is None or depth > 30:
            return value
        if isinstance(value, list):
            return [self._read(item, expected, depth + 1) for item in value]
        if isinstance(value, dict) and expected.components:
            parts = expected.components
            return {
                key: self._read(value.get(key), parts.get(key), depth + 1) for key in dict.fromkeys((*value, *parts))
            }
        if isinstance(value, str) and expected.base == "number":
            return _number(value)
        if isinstance(value, str) and expected.base == "boolean":
            return _TRUTHS.get(value, value)
        if isinstance(value, str) and expected.base in _TEMPORAL:
            found = parse_at_literal(value)
            return found if found is not None else value
        if expected.base and expected.base not in BUILT_IN:
            return self._read(value, self.named(expected.base), depth + 1)
        return value


def _number(text: str) -> Value:
    found = Decimal(text) if _NUMBER.fullmatch(text) else None
    return number(found) if found is not None and is_bounded(found) else text


def _passes(tests: Tests | None, value: Value, run: Run) -> bool:
    return tests is None or tests.run(value, {}, run) is True
