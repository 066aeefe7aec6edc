"""Types of functions, known before they are called."""

import pytest

from engine.feel.statictypes import is_conforming, joined
from engine.feel.syntax import TypeName
from tests.unit.feel.cases import shown

FUNCTIONS = [
    ('(function() "north") instance of function<> -> string', "true"),
    ('(function() "north") instance of function<> -> Any', "true"),
    ('(function() "north") instance of function<> -> number', "false"),
    ('(function(x) "north") instance of function<> -> string', "false"),
    ("(function(x: number) x * 2 + 1) instance of function<number> -> number", "true"),
    ("(function(x: number) x > 2) instance of function<number> -> boolean", "true"),
    ("(function(x: number) x > 2) instance of function<number> -> number", "false"),
    ("(function(x: number) [x, 1]) instance of function<number> -> list<number>", "true"),
    ('(function(x: number) [x, "a"]) instance of function<number> -> list<number>', "false"),
    ("(function(x: number) [1..x]) instance of function<number> -> range<number>", "true"),
    ('(function(x: number) if x > 1 then "many" else null) instance of function<number> -> string', "true"),
    ("(function(x: number) for i in [x] return i = x) instance of function<number> -> list<boolean>", "true"),
    (
        "(function(x: number) function(y: number) x - y) instance of function<number> -> function<number> -> number",
        "true",
    ),
    ("(function(x) x + 1) instance of function<string> -> string", "true"),
    ("abs instance of function<number> -> number", "true"),
    ("abs instance of function<number, number> -> number", "false"),
    ("(function() 1) instance of function", "true"),
    ("(function(x: string) {a: 1}) instance of function<string> -> context<a: number, b: number>", "false"),
    ("(function(x: string) {a: 1, b: a}) instance of function<string> -> context<b: number>", "true"),
    ("(function(x: context<a: number>) 1) instance of function<context<a: number, b: number>> -> number", "true"),
    ("(function(x: context<a: number, b: number>) 1) instance of function<context<a: number>> -> number", "false"),
    ("{f: function(x: number) x} instance of context<f: function<number> -> number>", "true"),
    ("{f: function(x: string) x} instance of context<f: function<number> -> number>", "false"),
    ("[function(x: number) x, function(y: number) y] instance of list<function<number> -> number>", "true"),
    ("[function(x: number) 1, function(y: string) 1] instance of list<function<number> -> number>", "true"),
    ("[function(x: number) 1, function(y: number) true] instance of list<function<number> -> number>", "false"),
    ("[function(x: number) 1, 2] instance of list<function<number> -> number>", "false"),
]


@pytest.mark.parametrize(("text", "expected"), FUNCTIONS)
def test_function_conforms_by_its_parameters_and_its_result(text: str, expected: str) -> None:
    assert shown(text) == expected


def test_call_with_a_function_of_another_type_is_null() -> None:
    apply = 'function(f: function<number> -> number) if f = null then "none" else f(20)'
    assert shown(f"{{apply: {apply}, r: apply(function(x: number) x / 8)}}.r") == "2.5"
    assert shown(f"{{apply: {apply}, r: apply(function(x: number) x > 8)}}.r") == "null"


def test_function_in_a_long_context_is_typed_in_linear_time() -> None:
    entries = ", ".join(f"k{place}: {place}" for place in range(4000))
    assert shown(f"(function() {{{entries}}}) instance of function<> -> context<k3999: number>") == "true"


def test_types_that_share_their_parts_are_compared_in_linear_time() -> None:
    towers = []
    for _ in range(2):
        at = TypeName("number")
        for _ in range(200):
            at = TypeName("context", (at, at), ("a", "b"))
        towers.append(at)
    assert is_conforming(*towers)
    assert joined(towers) is towers[0]
    assert not is_conforming(towers[0], TypeName("context", (towers[1], TypeName("string")), ("a", "b")))
    assert repr(towers[0]) == "TypeName('context')"
