"""A model of decisions and what an evaluation gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from engine.feel import FeelEnv, Value, from_python
from engine.feel.runtime import Run, too_deep
from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.workflow.bpmn.findings import Finding
from engine.workflow.dmn.including import Origin

if TYPE_CHECKING:
    from engine.workflow.dmn.graph import Graph


class DmnError(UserError):
    """The bytes are no DMN model, or the model has no such decision."""

    default_code = "dmn_invalid"
    default_message = Text("不是有效的 DMN 决策模型", "Not a valid DMN model")


@dataclass(frozen=True, slots=True)
class TableMatch:
    """One table that was asked: the ids of the rules that matched and the values of its inputs."""

    table_id: str
    rules: tuple[str, ...]
    inputs: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a value became null."""

    element_id: str
    text: Text


@dataclass(frozen=True, slots=True)
class DecisionResult:
    """The value, the rules that matched for the audit trail, the decisions on the way (by name), and problems."""

    value: Value
    matches: tuple[TableMatch, ...]
    decisions: Mapping[str, Value]
    problems: tuple[Problem, ...]


def value_of(answer: Value | DecisionResult) -> Value:
    """The value alone."""
    return answer.value if isinstance(answer, DecisionResult) else answer


class DmnRun(Run):
    """One evaluation of a decision with all it requires."""

    __slots__ = ("matches", "memo", "problems")

    def __init__(self, env: FeelEnv) -> None:
        super().__init__(env)
        self.matches: list[TableMatch] = []
        self.problems: list[Problem] = []
        self.memo: dict[str, Value] = {}

    def problem(self, element_id: str, text: Text) -> None:
        """Note why a value becomes null."""
        self.problems.append(Problem(element_id, text))


Evaluator = Callable[[Mapping[str, Value], DmnRun], Value]


@dataclass(frozen=True, slots=True)
class Invocable:
    """A decision, decision service or knowledge model that can be asked from outside. ``name`` is that of its variable,
    ``title`` that of the element, which should be the same (DMN 1.5, 6.3.7) and is not in every tool's files."""

    id: str
    name: str
    evaluate: Evaluator = field(repr=False)
    list_inputs: Callable[[], tuple[str, ...]] = field(repr=False)
    title: str = ""

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names of all input data that it depends on."""
        return self.list_inputs()


@dataclass(frozen=True, slots=True)
class DecisionModel:
    """A compiled model. ``findings`` say what is wrong with it; with an error among them it may still be evaluated,
    the faulty parts giving null. ``imported`` are the namespaces it imports, ``missing`` those that were not given,
    ``origin`` what it was read from."""

    id: str
    name: str
    namespace: str
    decisions: Mapping[str, Invocable]
    graph: Graph = field(repr=False)
    findings: tuple[Finding, ...] = field(default=())
    knowledge: Mapping[str, Invocable] = field(default_factory=dict)
    imported: frozenset[str] = frozenset()
    missing: frozenset[str] = frozenset()
    origin: Origin = field(default=Origin(b"", {}, {}), repr=False)

    def knows(self, name: str) -> bool:
        """Is there a decision, service or knowledge model of this id or name?"""
        return self._lookup(name) is not None

    def _lookup(self, name: str) -> Invocable | None:
        known = (*self.decisions.values(), *self.knowledge.values())
        found = self.decisions.get(name) or self.knowledge.get(name)
        return found or next((one for one in known if name in (one.title, one.name)), None)

    def find(self, decision: str) -> Invocable:
        """A decision, service or knowledge model by id or by name. Raises: DmnError."""
        found = self._lookup(decision)
        if found is None:
            raise DmnError("dmn_unknown_decision", Text(f"没有决策“{decision}”", f"There is no decision {decision!r}"))
        return found

    def evaluate(self, decision: str, inputs: Mapping[str, object], env: FeelEnv) -> DecisionResult:
        """Evaluate a decision or a decision service with ``inputs`` by the names of input data, or a knowledge model
        with its parameters.

        Raises: DmnError when there is no such decision or an input is no value, FeelError when the budget of ``env`` is
        used up.
        """
        found = self.find(decision)
        run = DmnRun(env)
        values = {name: _given(name, value) for name, value in inputs.items()}
        try:
            value = found.evaluate(values, run)
        except RecursionError:
            raise too_deep() from None
        return DecisionResult(value, tuple(run.matches), dict(run.memo), tuple(run.problems))


def _given(name: str, value: object) -> Value:
    """An input as a FEEL value. Raises: DmnError."""
    try:
        return from_python(value)
    except (TypeError, RecursionError) as error:
        zh, why = f"{type(value).__name__} 不是决策里能用的值", str(error)
        if isinstance(error, RecursionError):
            zh, why = "嵌套过深，或包含自身", "it is nested too deeply, or contains itself"
        text = Text(f"输入“{name}”的值有误：{zh}", f"The input {name!r} is no value: {why}")
        raise DmnError("dmn_input_invalid", text) from error
