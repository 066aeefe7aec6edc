"""Decision tables. Source: DMN 1.5, chapter 8."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from engine.feel import Expression, Tests, Value, compile_unary_tests
from engine.feel.runtime import Run, Scope
from engine.kernel.text import Text
from engine.workflow.bpmn.xml import Element
from engine.workflow.dmn.elements import attribute, body_text, child, children, type_of
from engine.workflow.dmn.model import DmnRun, TableMatch
from engine.workflow.dmn.policies import EMPTY, LISTS, POLICIES, Columns, Outputs
from engine.workflow.dmn.reading import Boxed, Build, Names, nothing


class Input(NamedTuple):
    label: str
    expression: Expression | None
    allowed: Tests | None


class Rule(NamedTuple):
    id: str
    tests: tuple[Tests | None, ...]
    outputs: tuple[Expression | None, ...]
    types: tuple[str, ...]


_NEVER = compile_unary_tests("< null")
"""The values of an input whose list of values cannot be read."""
_WHY_NOT = {
    "UNIQUE": Text("规则 {} 同时命中，而命中策略要求唯一", "The rules {} hit together where one alone may"),
    "ANY": Text("规则 {} 同时命中，输出却不相同", "The rules {} hit together with different outputs"),
    **dict.fromkeys(
        ("COLLECT SUM", "COLLECT MIN", "COLLECT MAX"),
        Text("规则 {} 的输出不能汇总", "The outputs of the rules {} cannot be brought together"),
    ),
}


@dataclass(frozen=True, slots=True)
class Table:
    """One table, ready to be evaluated."""

    id: str
    policy: str
    inputs: tuple[Input, ...]
    columns: Columns
    outcomes: tuple[Tests | None, ...]
    types: tuple[str, ...]
    rules: tuple[Rule, ...]
    defaults: tuple[Expression | None, ...] | None
    build: Build

    def __call__(self, scope: Scope) -> Value:
        """The result for the names of ``scope``; the rules that matched go into the trail of the run."""
        run = scope.run
        given = [_value(part.expression, scope) for part in self.inputs]
        values = [self._allowed(part, value, run) for part, value in zip(self.inputs, given, strict=True)]
        matching = [rule for rule in self.rules if self._matches(rule, values, scope)]
        if isinstance(run, DmnRun):
            named = {part.label: value for part, value in zip(self.inputs, given, strict=True)}
            run.matches.append(TableMatch(self.id, tuple(rule.id for rule in matching), named))
        if not matching:
            return self._without_hit(scope)
        if self.policy == "FIRST":
            matching = matching[:1]
        hits = [self._outputs(rule.outputs, scope, rule.types) for rule in matching]
        result = POLICIES[self.policy](self.columns, hits, run)
        if result is None and len(hits) > 1 and self.policy in _WHY_NOT:
            self._explain(matching, run)
        return result

    def _explain(self, matching: list[Rule], run: Run) -> None:
        """Say why several hits give nothing."""
        places = [str(place) for place, rule in enumerate(self.rules, 1) if rule in matching]
        why = _WHY_NOT[self.policy]
        if isinstance(run, DmnRun):
            run.problem(self.id, Text(why.zh.format("、".join(places)), why.en.format(", ".join(places))))

    def _allowed(self, part: Input, value: Value, run: Run) -> Value:
        """The value of an input, null where the column does not allow it."""
        if part.allowed is None or value is None or part.allowed.run(value, {}, run) is True:
            return value
        if isinstance(run, DmnRun):
            run.problem(self.id, Text(f"输入“{part.label}”的值不被允许", f"The input {part.label!r} is not allowed"))
        return None

    def _matches(self, rule: Rule, values: list[Value], scope: Scope) -> bool:
        scope.run.spend(1)
        for tests, value in zip(rule.tests, values, strict=True):
            if tests is None or tests.run(value, scope.root, scope.run) is not True:
                return False
        return True

    def _outputs(
        self, expressions: tuple[Expression | None, ...], scope: Scope, own: tuple[str, ...] | None = None
    ) -> Outputs:
        """The values of a row, converted to the types of the cells (``own``) and of the columns."""
        values = []
        for expression, *references in zip(expressions, own or self.types, self.types, strict=True):
            value = _value(expression, scope)
            for reference in references:
                fits, value = self.build.types.coerce(value, reference, scope.run)
                if not fits and isinstance(scope.run, DmnRun):
                    zh, en = f"输出不是 {reference} 类型", f"The output is not of type {reference}"
                    scope.run.problem(self.id, Text(zh, en))
            values.append(value)
        return [self._among(value, tests, scope.run) for value, tests in zip(values, self.outcomes, strict=True)]

    def _among(self, value: Value, tests: Tests | None, run: Run) -> Value:
        """The value of an output, null where it, or one of a list, is not among the column's output values."""
        if tests is None or value is None or tests.run(value, {}, run) is True:
            return value
        if isinstance(value, list) and all(tests.run(part, {}, run) is True for part in value):
            return value
        if isinstance(run, DmnRun):
            run.problem(self.id, Text("输出不在输出值列表里", "The output is not among the output values"))
        return None

    def _without_hit(self, scope: Scope) -> Value:
        if self.defaults is None:
            empty = EMPTY.get(self.policy)
            return empty() if empty is not None else None
        result = self.columns.shape(self._outputs(self.defaults, scope))
        return [result] if self.policy in LISTS and not isinstance(result, list) else result


def _value(expression: Expression | None, scope: Scope) -> Value:
    return expression.run(scope.root, scope.run) if expression is not None else None


def read_table(element: Element, build: Build, names: Names) -> Boxed:
    """A ``decisionTable`` as boxed logic."""
    policy = _policy(element)
    if policy not in POLICIES:
        build.note(element, "hit_policy", Text(f"未知的命中策略 {policy}", f"Unknown hit policy {policy}"))
        return nothing
    inputs = tuple(_read_input(part, build, names) for part in children(element, "input"))
    outputs = list(children(element, "output"))
    if not outputs:
        build.note(element, "output_missing", Text("决策表没有输出列", "The table has no output column"))
        return nothing
    allowed = tuple(_allowed(part, "outputValues", build) for part in outputs)
    types = [type_of(part) for part in outputs]
    priorities = tuple(tests or _type_values(build, reference) for tests, reference in zip(allowed, types, strict=True))
    if policy in ("PRIORITY", "OUTPUT ORDER") and not any(priorities):
        build.note(element, "priority", Text("该命中策略需要输出值列表", "This hit policy needs output values"))
    return Table(
        id=attribute(element, "id"),
        policy=policy,
        inputs=inputs,
        columns=Columns(_column_names(outputs), priorities),
        outcomes=allowed,
        types=tuple(types),
        rules=tuple(_read_rules(element, build, names, len(inputs), len(outputs))),
        defaults=_read_defaults(outputs, build, names),
        build=build,
    )


def _policy(element: Element) -> str:
    policy = attribute(element, "hitPolicy").upper() or "UNIQUE"
    aggregation = attribute(element, "aggregation").upper()
    return f"{policy} {aggregation}" if aggregation and policy == "COLLECT" else policy


def _read_input(element: Element, build: Build, names: Names) -> Input:
    inner = child(element, "inputExpression")
    text = body_text(inner)
    if inner is None or not text:
        build.note(element, "input_missing", Text("输入列没有表达式", "The input column has no expression"))
        return Input(attribute(element, "label"), None, None)
    expression = build.expression(inner, text, names)
    label = attribute(element, "label") or text
    allowed = _allowed(element, "inputValues", build)
    return Input(label, expression, _NEVER if allowed is None and _is_limited(element) else allowed)


def _allowed(element: Element, name: str, build: Build) -> Tests | None:
    values = child(element, name)
    text = body_text(values)
    return build.tests(values, text, ("*",)) if values is not None and text else None


def _is_limited(element: Element) -> bool:
    return bool(body_text(child(element, "inputValues")))


def _type_values(build: Build, reference: str) -> Tests | None:
    item = build.types.named(reference)
    return item.allowed if item is not None else None


def _column_names(outputs: list[Element]) -> tuple[str, ...]:
    return tuple(attribute(part, "name") or f"output{place}" for place, part in enumerate(outputs, 1))


def _read_rules(element: Element, build: Build, names: Names, inputs: int, outputs: int) -> list[Rule]:
    rules = []
    for place, rule in enumerate(children(element, "rule"), 1):
        tests = list(children(rule, "inputEntry"))
        results = list(children(rule, "outputEntry"))
        if len(tests) != inputs or len(results) != outputs:
            zh, en = f"第 {place} 条规则的单元格数不对", f"Rule {place} has a wrong number of cells"
            build.note(rule, "rule_shape", Text(zh, en))
            continue
        cells = tuple(build.tests(cell, body_text(cell) or "-", names) for cell in tests)
        values = tuple(_read_value(cell, build, names) for cell in results)
        rules.append(Rule(attribute(rule, "id") or str(place), cells, values, tuple(map(type_of, results))))
    return rules


def _read_value(cell: Element, build: Build, names: Names) -> Expression | None:
    text = body_text(cell)
    return build.expression(cell, text, names) if text and text != "-" else None


def _read_defaults(outputs: list[Element], build: Build, names: Names) -> tuple[Expression | None, ...] | None:
    entries = [child(part, "defaultOutputEntry") for part in outputs]
    if not any(entry is not None for entry in entries):
        return None
    return tuple(_read_value(entry, build, names) if entry is not None else None for entry in entries)
