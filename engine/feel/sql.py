"""The comparable subset of FEEL as a PostgreSQL condition that is true for exactly the rows for which FEEL says true.

Traps this file answers: an unknown name is refused, never null (null would make ``!=`` match every row); the whole
condition is wrapped in ``coalesce(…, false)``, beside plain comparisons that follow from it and that an index knows;
``=`` and ``!=`` are two-valued in FEEL, so ``IS [NOT] DISTINCT FROM``; types never mix; texts are ordered by code
point; a division by zero is null; every constant is a bound parameter.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from typing import NamedTuple, NoReturn

from engine.feel.compiler import Static, compile_node
from engine.feel.errors import error_at
from engine.feel.exact import Exact
from engine.feel.expression import Expression
from engine.feel.references import References
from engine.feel.runtime import FeelEnv, Run, Scope
from engine.feel.syntax import (
    Arithmetic,
    Between,
    Call,
    Compare,
    If,
    In,
    Interval,
    Items,
    Logic,
    Name,
    Negate,
    Node,
    OperatorTest,
    Path,
)
from engine.feel.values import Range, Value, kind
from engine.kernel.text import Text

_CASTS = {
    "number": "numeric",
    "string": "text",
    "boolean": "boolean",
    "date": "date",
    "time": "time",
    "date and time": "timestamptz",
    "null": "text",
}
_INDEXED = frozenset({"=", "<", "<=", ">", ">="})
_ORDERED = frozenset({"number", "string", "date", "time", "date and time", "null"})


@dataclass(frozen=True, slots=True)
class SqlColumn:
    """A column (or any expression) and its FEEL type: number, string, boolean, date, time or
    ``date and time`` (always zoned)."""

    sql: str
    type: str


@dataclass(frozen=True, slots=True)
class SqlValue:
    """A value that the caller knows, such as a property of the acting user; a list may stand after ``in``."""

    value: Value


@dataclass(frozen=True, slots=True)
class SqlCondition:
    """``sql`` with named parameters ``:name`` and their values."""

    sql: str
    parameters: Mapping[str, object]


Resolve = Callable[[tuple[str, ...]], SqlColumn | SqlValue | None]


class _Term(NamedTuple):
    sql: str
    type: str


def to_sql(expression: Expression, resolve: Resolve, env: FeelEnv, *, prefix: str = "feel") -> SqlCondition:
    """The expression as a condition. ``resolve`` gives the column of a path, None for an unknown one.

    ``prefix`` keeps the parameters of several conditions apart. Raises: FeelError outside of the subset.
    """
    translator = _Translator(expression, resolve, env, prefix)
    term = translator.boolean(expression.node)
    implied = translator.implied(expression.node)
    whole = " AND ".join([*implied, f"coalesce({term}, false)"])
    return SqlCondition(f"({whole})" if implied else whole, translator.parameters)


class _Translator:
    def __init__(self, expression: Expression, resolve: Resolve, env: FeelEnv, prefix: str) -> None:
        self.text = expression.text
        self.names = frozenset(path[0] for path in expression.references)
        self.resolve = resolve
        self.env = env
        self.prefix = prefix
        self.parameters: dict[str, object] = {}

    def implied(self, node: Node) -> list[str]:
        """Plain comparisons that hold wherever the condition does: an index can answer those, but no `coalesce`.

        Where one of them is null the condition is not true, so the whole stays true or false.
        """
        if isinstance(node, Logic) and node.operator == "and":
            return [part for operand in node.operands for part in self.implied(operand)]
        if not isinstance(node, Compare) or node.operator not in _INDEXED or not isinstance(node.left, Name):
            return []
        column, value = self._known(node.left), self._known(node.right)
        if not isinstance(column, _Term) or not isinstance(value, SqlValue) or value.value is None:
            return []
        if node.operator != "=" and column.type == "string":
            return []
        return [f"({column.sql} {node.operator} {self.bind(node.right, value.value).sql})"]

    def refuse(self, node: Node, zh: str, en: str) -> NoReturn:
        raise error_at(self.text, node.at, Text(zh, en), "feel_not_sql")

    def bind(self, node: Node, value: Value) -> _Term:
        name = kind(value)
        if name not in _CASTS:
            self.refuse(node, "此处只能使用简单的值", f"A {name} cannot be used here")
        self._check_constant(node, value)
        return _Term(self._parameter(value, _CASTS[name]), name)

    def _parameter(self, value: object, cast: str) -> str:
        key = f"{self.prefix}_{len(self.parameters) + 1}"
        self.parameters[key] = value
        return f"CAST(:{key} AS {cast})"

    def _check_constant(self, node: Node, value: Value) -> None:
        if isinstance(value, datetime) and value.tzinfo is None:
            self.refuse(node, "日期时间缺少时区", "A date and time needs a zone here")
        if isinstance(value, time) and value.tzinfo is not None:
            self.refuse(node, "时间不能带时区", "A time cannot have a zone here")
        if value.__class__ is Exact:
            self.refuse(node, "数据库不支持这么远的年份或纳秒", "The database has neither such years nor nanoseconds")
        if isinstance(value, str) and "\0" in value:
            self.refuse(node, "文本含有空字符", "The text has a null character")

    def value(self, node: Node) -> _Term:
        """A term of any type."""
        known = self._known(node)
        if known is not None:
            return known if isinstance(known, _Term) else self.bind(node, known.value)
        if isinstance(node, Arithmetic):
            return self._arithmetic(node)
        if isinstance(node, Negate):
            return _Term(f"(- {self._typed(node.operand, 'number')})", "number")
        if isinstance(node, If):
            return self._if(node)
        if isinstance(node, Call) and isinstance(node.callee, Name) and node.callee.name == "string length":
            return _Term(f"CAST(length({self._typed(node.arguments[0], 'string')}) AS numeric)", "number")
        return _Term(self._condition(node), "boolean")

    def _known(self, node: Node) -> "_Term | SqlValue | None":
        """A column, or the value of a part that reads no column."""
        path = _path(node)
        if path is not None:
            found = self.resolve(path)
            if found is None:
                name = ".".join(path)
                self.refuse(node, f"没有名为“{name}”的字段", f"There is no field {name!r}")
            return _Term(found.sql, found.type) if isinstance(found, SqlColumn) else found
        references = References(self.names)
        references.visit(node, {})
        if references.paths:
            return None
        closure = compile_node(node, Static())
        return SqlValue(closure(Scope({}, None, {}, Run(self.env))))

    def boolean(self, node: Node) -> str:
        """The SQL of a condition (true, false or null)."""
        return self._typed(node, "boolean")

    def _typed(self, node: Node, wanted: str) -> str:
        term = self.value(node)
        if term.type == "null":
            return f"CAST(NULL AS {_CASTS[wanted]})"
        if term.type != wanted:
            self.refuse(node, f"此处应为 {wanted}，却是 {term.type}", f"Expected {wanted}, found {term.type}")
        return term.sql

    def _pair(self, node: Node, left: _Term, right: _Term) -> None:
        if left.type != right.type and "null" not in (left.type, right.type):
            self.refuse(node, f"不能比较 {left.type} 与 {right.type}", f"Cannot compare {left.type} with {right.type}")

    def _arithmetic(self, node: Arithmetic) -> _Term:
        left, right = self.value(node.left), self.value(node.right)
        if left.type == right.type == "null":
            return left
        if node.operator == "+" and "string" in (left.type, right.type):
            return _Term(f"({self._typed(node.left, 'string')} || {self._typed(node.right, 'string')})", "string")
        a, b = self._typed(node.left, "number"), self._typed(node.right, "number")
        if node.operator == "/":
            return _Term(f"(round({a}, 40) / NULLIF({b}, 0))", "number")
        if node.operator == "**":
            self.refuse(node, "此处不能使用乘方", "Powers cannot be used here")
        return _Term(f"({a} {node.operator} {b})", "number")

    def _if(self, node: If) -> _Term:
        then, otherwise = self.value(node.then), self.value(node.otherwise)
        self._pair(node, then, otherwise)
        result = then.type if then.type != "null" else otherwise.type
        sides = self._typed(node.then, result), self._typed(node.otherwise, result)
        return _Term(f"(CASE WHEN {self.boolean(node.condition)} THEN {sides[0]} ELSE {sides[1]} END)", result)

    def _condition(self, node: Node) -> str:
        if isinstance(node, Logic):
            return "(" + f" {node.operator.upper()} ".join(self.boolean(part) for part in node.operands) + ")"
        if isinstance(node, Compare):
            return self._compare(node, node.operator, self.value(node.left), self.value(node.right))
        if isinstance(node, Between):
            operand = self.value(node.operand)
            low, high = self.value(node.low), self.value(node.high)
            above, below = self._compare(node, ">=", operand, low), self._compare(node, "<=", operand, high)
            return f"({above} AND {below})"
        if isinstance(node, In):
            operand = self.value(node.operand)
            return "(" + " OR ".join(self._in(operand, test) for test in node.tests) + ")"
        if isinstance(node, Call) and isinstance(node.callee, Name) and node.names is None:
            return self._call(node, node.callee.name)
        return self.refuse(node, "此处不能使用这种写法", "This form cannot be used here")

    def _compare(self, node: Node, operator: str, left: _Term, right: _Term) -> str:
        self._pair(node, left, right)
        if operator in ("=", "!="):
            if "null" in (left.type, right.type):
                side = left if right.type == "null" else right
                return f"({side.sql} IS {'NOT ' if operator == '!=' else ''}NULL)"
            return f"({left.sql} IS {'NOT ' if operator == '=' else ''}DISTINCT FROM {right.sql})"
        if left.type not in _ORDERED or right.type not in _ORDERED:
            self.refuse(node, "此类型没有大小之分", "This type has no order")
        if "null" in (left.type, right.type):
            return "CAST(NULL AS boolean)"
        collate = ' COLLATE "C"' if left.type == "string" else ""
        return f"({left.sql} {operator} {right.sql}{collate})"

    def _in(self, operand: _Term, test: Node) -> str:
        if isinstance(test, OperatorTest):
            return self._compare(test, test.operator, operand, self.value(test.operand))
        if isinstance(test, Interval) and not test.operator:
            return self._in_interval(test, operand)
        known = self._known(test)
        if isinstance(known, SqlValue):
            return self._in_known(test, operand, known.value)
        if isinstance(test, Items):
            if any(isinstance(item, Items | Interval) for item in test.items):
                self.refuse(test, "列表不能再含列表或区间", "The list cannot hold lists or intervals of fields")
            return self._or(self._in(operand, item) for item in test.items)
        return self._compare(test, "=", operand, self.value(test))

    def _or(self, parts: Iterable[str]) -> str:
        found = [f"coalesce({part}, false)" for part in parts]
        return "(" + " OR ".join(found) + ")" if found else "false"

    def _in_interval(self, test: Interval, operand: _Term) -> str:
        parts = []
        if test.start is not None:
            parts.append(self._compare(test, ">=" if test.start_included else ">", operand, self.value(test.start)))
        if test.end is not None:
            parts.append(self._compare(test, "<=" if test.end_included else "<", operand, self.value(test.end)))
        return "(" + " AND ".join(parts) + ")"

    def _in_known(self, test: Node, operand: _Term, value: Value) -> str:
        if isinstance(value, Range) and value.operator:
            return self._compare(test, value.operator, operand, self.bind(test, value.start))
        if isinstance(value, Range):
            parts = []
            if value.start is not None:
                low = self.bind(test, value.start)
                parts.append(self._compare(test, ">=" if value.start_included else ">", operand, low))
            if value.end is not None:
                high = self.bind(test, value.end)
                parts.append(self._compare(test, "<=" if value.end_included else "<", operand, high))
            return "(" + " AND ".join(parts) + ")"
        if isinstance(value, list):
            return self._in_list(test, operand, value)
        return self._compare(test, "=", operand, self.bind(test, value))

    def _in_list(self, test: Node, operand: _Term, items: list[Value]) -> str:
        """A list of constants: one array parameter whatever its length."""
        plain = [item for item in items if item is not None and not isinstance(item, Range | list)]
        parts = [self._in_known(test, operand, item) for item in items if isinstance(item, Range)]
        if len(plain) < len([item for item in items if item is not None]) - len(parts):
            self.refuse(test, "列表不能再含列表", "The list cannot hold lists")
        kinds = {kind(item) for item in plain}
        if kinds - {operand.type} and operand.type != "null":
            self.refuse(test, f"列表的值应为 {operand.type}", f"The list must hold {operand.type} only")
        for item in plain:
            self._check_constant(test, item)
        if plain and operand.type != "null":
            array = self._parameter(plain, f"{_CASTS[operand.type]}[]")
            parts.append(f"({operand.sql} = ANY({array}))")
        if len(items) > len([item for item in items if item is not None]):
            parts.append(f"({operand.sql} IS NULL)")
        return self._or(parts)

    def _call(self, node: Call, name: str) -> str:
        if name == "not" and len(node.arguments) == 1:
            return f"(NOT {self.boolean(node.arguments[0])})"
        template = _TEXT_CALLS.get(name)
        if template is None or len(node.arguments) != 2:
            self.refuse(node, f"此处不能使用函数“{name}”", f"The function {name!r} cannot be used here")
        if name == "list contains":
            return self._in(self.value(node.arguments[1]), node.arguments[0])
        first, second = (self._typed(argument, "string") for argument in node.arguments)
        return template.format(first, second)


_TEXT_CALLS = {
    "contains": "(strpos({0}, {1}) > 0)",
    "starts with": "starts_with({0}, {1})",
    "ends with": "(right({0}, length({1})) = {1})",
    "list contains": "",
}


def _path(node: Node) -> tuple[str, ...] | None:
    names: list[str] = []
    while isinstance(node, Path):
        names.append(node.name)
        node = node.base
    if not isinstance(node, Name):
        return None
    return (node.name, *reversed(names))
