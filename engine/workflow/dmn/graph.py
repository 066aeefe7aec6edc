"""The requirements graph: every decision is asked once in an evaluation. Source: DMN 1.5, 6.3 and 10.4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.feel import FeelFunction, Value
from engine.feel.runtime import Run
from engine.feel.syntax import TypeName
from engine.kernel.text import Text
from engine.workflow.dmn.model import DmnRun
from engine.workflow.dmn.reading import Boxed, Build, top


@dataclass(slots=True)
class InputData:
    """A value that comes from outside, given by its name or its title (the name of the element)."""

    id: str
    name: str
    type: str
    title: str


@dataclass(slots=True)
class Decision:
    """A node; ``inputs``, ``decisions`` and ``knowledge`` are ids. Without logic of its own its value is given."""

    id: str
    name: str
    inputs: tuple[str, ...]
    decisions: tuple[str, ...]
    knowledge: tuple[str, ...]
    logic: Boxed | None
    type: str = ""


@dataclass(slots=True)
class Knowledge:
    """A business knowledge model: ``define`` gives the function in the scope of what it requires; ``type`` is the
    function's type, ``takes`` are the types of its parameters by name."""

    id: str
    name: str
    knowledge: tuple[str, ...]
    parameters: tuple[str, ...]
    define: Boxed
    type: TypeName | None = None
    takes: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Service:
    """A decision service; ``inputs`` and ``given`` (decisions) are its parameters, in this order; ``type`` is that of
    its result, ``takes`` are the types of parameters by name that its function type declares."""

    id: str
    name: str
    outputs: tuple[str, ...]
    encapsulated: tuple[str, ...]
    given: tuple[str, ...]
    inputs: tuple[str, ...]
    type: str = ""
    takes: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Foreign:
    """A node of an imported model, known as ``prefix.name``."""

    prefix: str
    graph: Graph
    key: str

    def given(self, given: Mapping[str, Value]) -> Mapping[str, Value]:
        """The inputs as the imported model sees them: first those under its prefix (``prefix.name``, a context)."""
        return {**given, **self.own(given)}

    def own(self, given: Mapping[str, Value]) -> Mapping[str, Value]:
        """The inputs under its prefix alone."""
        start = f"{self.prefix}."
        own = {name.removeprefix(start): value for name, value in given.items() if name.startswith(start)}
        under = given.get(self.prefix)
        return {**own, **(under if isinstance(under, dict) else {})}


@dataclass(slots=True)
class Graph:
    """All nodes of one model by id."""

    build: Build
    inputs: dict[str, InputData] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)
    knowledge: dict[str, Knowledge] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    foreign: dict[str, Foreign] = field(default_factory=dict)

    def own_ids(self) -> tuple[str, ...]:
        """The ids of its own nodes."""
        return (*self.inputs, *self.decisions, *self.knowledge, *self.services)

    def names(self) -> tuple[str, ...]:
        """The names of its own nodes."""
        return tuple(map(self.name_of, self.own_ids()))

    def name_of(self, key: str) -> str:
        """The name under which the node's value is known, "" for an unknown id."""
        foreign = self.foreign.get(key)
        if foreign is not None:
            return foreign.graph.name_of(foreign.key)
        for nodes in (self.inputs, self.decisions, self.knowledge, self.services):
            node = nodes.get(key)
            if node is not None:
                return str(node.name)
        return ""

    def is_input(self, key: str) -> bool:
        """Is the node an input, here or in the model it comes from?"""
        foreign = self.foreign.get(key)
        return key in self.inputs if foreign is None else foreign.graph.is_input(foreign.key)

    def label(self, key: str) -> str:
        """The name by which the node is given from outside: that of an imported one with its prefix."""
        foreign = self.foreign.get(key)
        return self.name_of(key) if foreign is None else f"{foreign.prefix}.{self.name_of(key)}"

    def evaluate(
        self, key: str, given: Mapping[str, Value], run: DmnRun, known: Mapping[str, Value] | None = None
    ) -> Value:
        """The value of a decision; ``known`` are values of decisions (by id) that are not asked again."""
        foreign = self.foreign.get(key)
        if foreign is not None and self.name_of(key) in (own := foreign.own(given)):
            return foreign.graph._given(foreign.key, own, run)
        if foreign is not None:
            inside = {one.key: value for id, value in (known or {}).items() if (one := self._beside(id, foreign))}
            return foreign.graph.evaluate(foreign.key, foreign.given(given), run, inside)
        done: dict[str, Value] = dict(known or {})
        for node in self._order(key, done):
            names: dict[str, Value] = {}
            for source in node.inputs:
                self._put(names, source, self._input(source, given, run))
            for source in node.decisions:
                self._put(names, source, done[source] if source in done else self.evaluate(source, given, run, done))
            self._put_functions(names, node.knowledge)
            value = self._given(node.id, given, run) if node.logic is None else node.logic(top(names, run))
            done[node.id] = run.memo[node.name] = value
        return done.get(key)

    def _order(self, key: str, done: Mapping[str, Value]) -> list[Decision]:
        """The decision after everything it requires (requirements have no cycles: ``check`` refused them)."""
        order: list[Decision] = []
        seen: set[str] = set()
        pending: list[tuple[str, bool]] = [(key, False)]
        while pending:
            at, ready = pending.pop()
            node = self.decisions.get(at)
            if node is None or at in done or (at in seen and not ready):
                continue
            if ready:
                order.append(node)
                continue
            seen.add(at)
            pending.append((at, True))
            pending.extend((source, False) for source in node.decisions)
        return order

    def _input(self, key: str, given: Mapping[str, Value], run: DmnRun) -> Value:
        foreign = self.foreign.get(key)
        if foreign is not None:
            return foreign.graph._input(foreign.key, foreign.given(given), run)
        data = self.inputs.get(key)
        if data is None:
            return None
        value = next((given[name] for name in (data.name, data.title, data.id) if name in given), None)
        types = self.build.types
        fits, value = types.coerce(types.read_input(value, data.type), data.type, run)
        if not fits:
            zh, en = f"输入“{data.name}”不是 {data.type} 类型", f"The input {data.name!r} is not of type {data.type}"
            run.problem(data.id, Text(zh, en))
        return value

    def _beside(self, key: str, other: Foreign) -> Foreign | None:
        """The imported node of this id, when it comes from the same model as ``other``."""
        foreign = self.foreign.get(key)
        return foreign if foreign is not None and foreign.graph is other.graph else None

    def _put(self, names: dict[str, Value], key: str, value: Value) -> None:
        foreign = self.foreign.get(key)
        if foreign is not None:
            names[foreign.prefix] = {**names.get(foreign.prefix, {}), self.name_of(key): value}
        else:
            names[self.name_of(key)] = value

    def _put_functions(self, names: dict[str, Value], keys: Sequence[str]) -> None:
        for key in keys:
            self._put(names, key, self.function(key))

    def function(self, key: str) -> FeelFunction | None:
        """A knowledge model or a decision service as a function."""
        foreign = self.foreign.get(key)
        if foreign is not None:
            return foreign.graph.function(foreign.key)
        knowledge = self.knowledge.get(key)
        if knowledge is not None:
            return FeelFunction(
                knowledge.name,
                knowledge.parameters,
                lambda values, run: self._call(knowledge, values, run),
                type=knowledge.type,
            )
        service = self.services.get(key)
        return None if service is None else self._service_function(service)

    def _service_function(self, service: Service) -> FeelFunction:
        keys = (*service.inputs, *service.given)
        parameters = tuple(map(self.label, keys))

        def call(values: Sequence[Value], run: Run) -> Value:
            if len(values) != len(parameters):
                return None
            if not all(self._accepts(one, value, run) for one, value in zip(keys, values, strict=True)):
                return None
            return self.serve(service, dict(zip(parameters, values, strict=True)), run)

        declared = self.build.types.function_type([self._type_of(one) for one in keys], service.type)
        return FeelFunction(service.name, parameters, call, type=declared)

    def _accepts(self, key: str, value: Value, run: Run) -> bool:
        foreign = self.foreign.get(key)
        if foreign is not None:
            return foreign.graph._accepts(foreign.key, value, run)
        return self.build.types.coerce(value, self._type_of(key), run)[0]

    def _type_of(self, key: str) -> str:
        node = self.inputs.get(key) or self.decisions.get(key)
        return node.type if node is not None else ""

    def _call(self, knowledge: Knowledge, values: Sequence[Value], run: Run) -> Value:
        names: dict[str, Value] = {}
        self._put_functions(names, knowledge.knowledge)
        return knowledge.define(top(names, run)).call(values, run)

    def serve(self, service: Service, given: Mapping[str, Value], run: Run) -> Value:
        """The value of a decision service: of its output decision, or a context of several; null when an argument is
        not of the type that its function type declares."""
        inner = run if isinstance(run, DmnRun) else DmnRun(run.env)
        taken = self._taken(service, given, inner)
        if taken is None:
            return None
        given = {**given, **taken}
        run.enter()
        try:
            known = {key: self._given(key, given, inner) for key in service.given if key not in service.outputs}
            values = {self.label(key): self.evaluate(key, given, inner, known) for key in service.outputs}
        finally:
            run.calls -= 1
        value = next(iter(values.values()), None) if len(service.outputs) == 1 else values
        return self.build.types.coerce(value, service.type, inner)[1]

    def _taken(self, service: Service, given: Mapping[str, Value], run: DmnRun) -> dict[str, Value] | None:
        """The arguments of declared types, converted to them; None when one does not fit."""
        taken: dict[str, Value] = {}
        for name, reference in service.takes.items():
            fits, taken[name] = self.build.types.coerce(given.get(name), reference, run)
            if not fits:
                zh, en = (
                    f"“{service.name}”的参数“{name}”不是 {reference} 类型",
                    f"{name!r} of {service.name!r} is no {reference}",
                )
                run.problem(service.id, Text(zh, en))
                return None
        return {name: value for name, value in taken.items() if name in given}

    def _given(self, key: str, given: Mapping[str, Value], run: Run) -> Value:
        """The value given for a decision, converted to its type."""
        foreign = self.foreign.get(key)
        if foreign is not None:
            return foreign.graph._given(foreign.key, foreign.given(given), run)
        decision, types = self.decisions.get(key), self.build.types
        reference = decision.type if decision is not None else ""
        return types.coerce(types.read_input(given.get(self.name_of(key)), reference), reference, run)[1]
