"""Functions of Java's own library that models of other engines call: those that only calculate, by their meaning.

No Java runs, and there is nothing beside this table. Numbers are Java's doubles and come back with the digits that
Java prints. Source: DMN 1.5, 10.3.2.13.3 (external functions).
"""

import math
import struct
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple

from engine.feel.java_format import formatted
from engine.feel.values import FeelFunction, Value

_REST = frozenset(("[Ljava.lang.Object;", "java.lang.Object[]", "java.lang.Object..."))
_WHOLE = {"byte": 8, "short": 16, "int": 32, "long": 64}
_BOXED = {"byte": "Byte", "short": "Short", "int": "Integer", "long": "Long", "float": "Float", "double": "Double"}
_TEXT = "java.lang.String"


class Method(NamedTuple):
    """A function of Java and the Java types of its parameters."""

    types: tuple[str, ...]
    function: Callable[..., Any]


def external_function(definition: Value, parameters: tuple[str, ...]) -> FeelFunction:
    """``function(n) external {java: {class: …, method signature: …}}``; one that is not in the table gives null."""
    method = method_of(definition)

    def call(values: Sequence[Value], run: object) -> Value:
        if method is None or len(values) != len(parameters):
            return None
        try:
            return _result(method.function(*_arguments(method.types, values)), method.types)
        except (ArithmeticError, ValueError):
            return None

    return FeelFunction("external", parameters, call)


def method_of(definition: Value) -> Method | None:
    """The method that the context of an external function names, None for what is no method of the table."""
    java = definition.get("java") if isinstance(definition, Mapping) else None
    if not isinstance(java, Mapping):
        return None
    place, signature = java.get("class"), java.get("method signature")
    return find_method(place, signature) if isinstance(place, str) and isinstance(signature, str) else None


@lru_cache(maxsize=256)
def find_method(place: str, signature: str) -> Method | None:
    """``find_method("java.lang.Math", "max(int, int)")``"""
    name, opened, rest = signature.strip().partition("(")
    if not opened or not rest.endswith(")"):
        return None
    types = tuple(part.strip() for part in rest[:-1].split(",")) if rest[:-1].strip() else ()
    function = _METHODS.get((f"{place.strip()}.{name.strip()}", types))
    return None if function is None else Method(types, function)


def _arguments(types: Sequence[str], values: Sequence[Value]) -> list[Any]:
    """The arguments as the types want them. Raises: ValueError when one is of another type or out of range."""
    if types and types[-1] in _REST:
        fixed, rest = list(values[: len(types) - 1]), list(values[len(types) - 1 :])
        given = rest[0] if len(rest) == 1 and isinstance(rest[0], list) else rest
        return [*_arguments(types[:-1], fixed), *given]
    return [_argument(one, value) for one, value in zip(types, values, strict=True)]


def _argument(wanted: str, value: Value) -> Any:
    kind = next((primitive for primitive, boxed in _BOXED.items() if wanted == f"java.lang.{boxed}"), wanted)
    if kind in _WHOLE and isinstance(value, Decimal) and value == value.to_integral_value():
        limit = 1 << (_WHOLE[kind] - 1)
        if -limit <= value < limit:
            return int(value)
    if kind == "double" and isinstance(value, Decimal):
        return float(value)
    if kind == "float" and isinstance(value, Decimal):
        return _single(float(value))
    if (kind == _TEXT and isinstance(value, str)) or (kind == "boolean" and isinstance(value, bool)):
        return value
    if kind == "char" and isinstance(value, str) and len(value) == 1:
        return value
    raise ValueError


def _result(value: Any, types: Sequence[str]) -> Value:
    """A Python value as a value of FEEL; NaN and infinities are null."""
    if isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, Single) or (isinstance(value, float) and "float" in types):
        return _shortest(float(value))
    return Decimal(repr(value + 0.0)) if isinstance(value, float) and math.isfinite(value) else None


class Single(float):
    """A number of Java's type ``float``."""


def _single(value: float) -> Single:
    return Single(struct.unpack("f", struct.pack("f", value))[0])


def _shortest(value: float) -> Decimal | None:
    """The fewest digits that make this single-precision number."""
    if not math.isfinite(value):
        return None
    texts = (f"{value:.{digits}g}" for digits in range(1, 10))
    return Decimal(next((text for text in texts if _single(float(text)) == value), repr(value)))


def _round(value: float) -> int:
    return math.floor(value + 0.5)


def _cube_root(value: float) -> float:
    return math.copysign(abs(value) ** (1 / 3), value)


def _signum(value: float) -> float:
    return math.copysign(1.0, value) if value else value


def _parsed(primitive: str) -> Callable[[str], Any]:
    """``Integer.valueOf("12")``: digits with a sign alone, a number of Java's notation for the others."""
    if primitive in _WHOLE:

        def whole(text: str) -> Any:
            if not text.lstrip("+-").isascii() or not text.lstrip("+-").isdigit() or len(text) > 20:
                raise ValueError(text)
            return _argument(primitive, Decimal(text))

        return whole

    def real(text: str) -> Any:
        if "_" in text:
            raise ValueError(text)
        return (_single if primitive == "float" else float)(float(text.strip().rstrip("dDfF")))

    return real


def _methods() -> dict[tuple[str, tuple[str, ...]], Callable[..., Any]]:
    found: dict[tuple[str, tuple[str, ...]], Callable[..., Any]] = {}
    for name, function in _OF_DOUBLE.items():
        found[(f"java.lang.Math.{name}", ("double",))] = function
    for name, of_two in _OF_DOUBLES.items():
        found[(f"java.lang.Math.{name}", ("double", "double"))] = of_two
    for primitive in ("int", "long", "float", "double"):
        found[("java.lang.Math.abs", (primitive,))] = abs
        for place in ("Math", _BOXED[primitive]):
            found[(f"java.lang.{place}.max", (primitive, primitive))] = max
            found[(f"java.lang.{place}.min", (primitive, primitive))] = min
    for primitive, boxed in _BOXED.items():
        read = _parsed(primitive)
        found[(f"java.lang.{boxed}.valueOf", (_TEXT,))] = read
        found[(f"java.lang.{boxed}.parse{primitive.capitalize()}", (_TEXT,))] = read
        found[(f"java.lang.{boxed}.valueOf", (primitive,))] = lambda value: value
    for kind in ("char", "boolean", "int", "long"):
        found[("java.lang.String.valueOf", (kind,))] = formatted_one
    for name in ("valueOf", "parseBoolean"):
        found[(f"java.lang.Boolean.{name}", (_TEXT,))] = lambda text: text.lower() == "true"
    for rest in _REST:
        found[("java.lang.String.format", (_TEXT, rest))] = formatted
    return found


def formatted_one(value: Any) -> str:
    """``String.valueOf(3)``"""
    return formatted("%s", value)


_OF_DOUBLE: dict[str, Callable[[float], Any]] = {
    **{name: getattr(math, name) for name in ("acos", "asin", "atan", "cos", "cosh", "exp", "log", "log10", "sin")},
    **{name: getattr(math, name) for name in ("sinh", "sqrt", "tan", "tanh")},
    "cbrt": _cube_root,
    "ceil": lambda value: float(math.ceil(value)),
    "floor": lambda value: float(math.floor(value)),
    "rint": lambda value: float(round(value)),
    "round": _round,
    "signum": _signum,
    "toDegrees": math.degrees,
    "toRadians": math.radians,
}
_OF_DOUBLES: dict[str, Callable[[float, float], Any]] = {
    "atan2": math.atan2,
    "hypot": math.hypot,
    "pow": math.pow,
}
_METHODS = _methods()
