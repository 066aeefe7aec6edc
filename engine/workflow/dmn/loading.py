"""From the bytes of a DMN file to a compiled model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial

from engine.feel import FeelFunction, Value
from engine.feel.runtime import Scope
from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.workflow.bpmn.xml import Element, Limits, parse
from engine.workflow.dmn.boxed import has_expression, inner_expression, read_function, typed
from engine.workflow.dmn.elements import attribute, child, children, local, target, type_of
from engine.workflow.dmn.graph import Decision, Graph, InputData, Knowledge, Service
from engine.workflow.dmn.importing import read_import_nodes, read_import_types
from engine.workflow.dmn.including import Origin, include
from engine.workflow.dmn.items import Types
from engine.workflow.dmn.model import DecisionModel, DmnError, DmnRun, Invocable
from engine.workflow.dmn.read_items import read_items
from engine.workflow.dmn.reading import NODES, Boxed, Build, Names, nothing

NO_IMPORTS: Mapping[str, DecisionModel] = {}
NO_FILES: Mapping[str, bytes] = {}
LIMITS = Limits(size=5 * 1024 * 1024)
_NAMESPACE = re.compile(r"https?://www\.omg\.org/spec/DMN/\d{8}/(MODEL/?|dmn\.xsd)")
_BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"


def load_decisions(
    xml: bytes, imports: Mapping[str, DecisionModel] = NO_IMPORTS, circular: Mapping[str, bytes] = NO_FILES
) -> DecisionModel:
    """Read and compile a model; what is wrong inside it becomes findings. ``imports`` are models by namespace,
    ``circular`` the files, by namespace, of those that import this one in turn and of what these import.

    Raises: DmnError when the bytes are no DMN document, or too many with those that it includes.
    """
    root = _parse(xml)
    if not _is_dmn(root):
        raise DmnError(message=Text("这不是 DMN 文件", "This is no DMN file"))
    imported = frozenset(attribute(element, "namespace") for element in children(root, "import"))
    origin = Origin(xml, {key: imports[key] for key in imported if key in imports}, circular)
    try:
        included = include(root, origin, _parse)
    except UserError as error:
        raise DmnError(error.code, error.message) from error
    build = Build(Types(), included=included.parts)
    read_import_types(root, build, included.imports, circular)
    read_items(root, build)
    graph = Graph(build)
    _read_nodes(root, graph, read_import_nodes(root, graph, included.imports))
    _check(graph)
    titles = _titles(root)
    return DecisionModel(
        id=attribute(root, "id"),
        name=attribute(root, "name"),
        namespace=attribute(root, "namespace"),
        decisions=_invocables(graph, titles),
        graph=graph,
        findings=tuple(build.findings),
        knowledge={key: _callable(graph, node, titles[key]) for key, node in graph.knowledge.items()},
        imported=imported,
        missing=imported - imports.keys() - {attribute(root, "namespace")},
        origin=origin,
    )


def _parse(xml: bytes) -> Element:
    try:
        return parse(xml, LIMITS)
    except UserError as error:
        raise DmnError(message=error.message) from error


def _is_dmn(root: Element) -> bool:
    """Definitions in a namespace of DMN; some tools declare it and forget to use it."""
    own = root.tag.partition("}")[0].lstrip("{") if isinstance(root.tag, str) else ""
    declared = (own,) if own == _BPMN else (own, *root.nsmap.values())
    return local(root) == "definitions" and any(_NAMESPACE.fullmatch(one) for one in declared)


def _read_nodes(root: Element, graph: Graph, names: dict[str, str]) -> None:
    for element in children(root, *NODES):
        key = attribute(element, "id") or attribute(element, "name")
        if not key or key in names:
            graph.build.note(element, "id", Text("编号缺失或重复", "The id is missing or double"))
            continue
        names[key] = _name(element)
    for element in children(root, "inputData"):
        variable = child(element, "variable")
        key = attribute(element, "id") or attribute(element, "name")
        graph.inputs[key] = InputData(key, _name(element), type_of(variable), attribute(element, "name"))
    for element in children(root, "decisionService"):
        service = _read_service(element, graph.build, names)
        graph.services[service.id] = service
    for element in children(root, "businessKnowledgeModel"):
        knowledge = _read_knowledge(element, graph.build, names)
        graph.knowledge[knowledge.id] = knowledge
    for element in children(root, "decision"):
        decision = _read_decision(element, graph, names)
        graph.decisions[decision.id] = decision


def _name(element: Element) -> str:
    return attribute(child(element, "variable"), "name") or attribute(element, "name")


def _required(element: Element, build: Build, names: Mapping[str, str], kind: str, inner: str) -> tuple[str, ...]:
    found = []
    for requirement in children(element, kind):
        for reference in children(requirement, inner):
            key = target(reference, names, build.imported)
            if key not in names:
                zh, en = f"引用的“{key}”不存在", f"The required {key!r} does not exist"
                build.note(element, "requirement_missing", Text(zh, en))
            found.append(key)
    return tuple(found)


def _read_information(
    element: Element, graph: Graph, names: Mapping[str, str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The inputs and the decisions that a decision requires, by what they are: some tools ask for one as the other."""
    build = graph.build
    asked = _required(element, build, names, "informationRequirement", "requiredInput")
    others = _required(element, build, names, "informationRequirement", "requiredDecision")
    for key in (*(one for one in asked if not graph.is_input(one)), *filter(graph.is_input, others)):
        if key in names:
            zh, en = f"“{names[key]}”的引用类别不符", f"{names[key]!r} is required as what it is not"
            build.note(element, "requirement_kind", Text(zh, en), "warning")
    known = tuple(key for key in (*asked, *others) if graph.is_input(key))
    return known, tuple(key for key in (*asked, *others) if key not in known)


def _read_decision(element: Element, graph: Graph, names: Mapping[str, str]) -> Decision:
    build = graph.build
    inputs, decisions = _read_information(element, graph, names)
    knowledge = _required(element, build, names, "knowledgeRequirement", "requiredKnowledge")
    scope: Names = tuple(names[key] for key in (*inputs, *decisions, *knowledge) if key in names)
    variable = child(element, "variable")
    key = attribute(element, "id") or attribute(element, "name")
    logic: Boxed | None = None
    if has_expression(element):
        logic = typed(inner_expression(element, build, scope), type_of(variable), element, build)
    else:
        text = Text("决策没有内容，其值须由外部给出", "The decision has no logic: its value is to be given")
        build.note(element, "expression_missing", text, "warning")
    return Decision(key, _name(element), inputs, decisions, knowledge, logic, type_of(variable))


def _read_knowledge(element: Element, build: Build, names: Mapping[str, str]) -> Knowledge:
    key = attribute(element, "id") or attribute(element, "name")
    name = _name(element)
    required = _required(element, build, names, "knowledgeRequirement", "requiredKnowledge")
    logic = child(element, "encapsulatedLogic")
    if logic is None:
        build.note(element, "expression_missing", Text("业务知识模型没有内容", "The knowledge model has no logic"))
        return Knowledge(key, name, required, (), lambda scope: FeelFunction(name, (), lambda values, run: None))
    known = tuple(names[one] for one in required if one in names)
    result = build.types.returned(type_of(child(element, "variable"))) or build.types.results_of(type_of(logic))
    define = read_function(logic, build, (*known, name), name, result)
    formal = list(children(logic, "formalParameter"))
    parameters = tuple(attribute(one, "name") for one in formal)
    takes = dict(zip(parameters, map(type_of, formal), strict=True))
    declared = build.types.function_type([type_of(one) for one in formal], result)

    def with_itself(scope: Scope) -> Value:
        inner = dict(scope.root)
        function = define(Scope({}, None, inner, scope.run))
        inner[name] = function
        return function

    return Knowledge(key, name, required, parameters, with_itself, declared, takes)


def _read_service(element: Element, build: Build, names: Mapping[str, str]) -> Service:
    kinds = ("outputDecision", "encapsulatedDecision", "inputDecision", "inputData")
    outputs, encapsulated, given, inputs = (
        tuple(target(one, names, build.imported) for one in children(element, kind)) for kind in kinds
    )
    key = attribute(element, "id") or attribute(element, "name")
    for missing in {*outputs, *encapsulated, *given, *inputs} - names.keys():
        zh, en = f"引用的“{missing}”不存在", f"The required {missing!r} does not exist"
        build.note(element, "requirement_missing", Text(zh, en))
    if not outputs:
        zh, en = "决策服务没有输出决策", "The decision service has no output decision"
        build.note(element, "service_output", Text(zh, en))
    declared = type_of(child(element, "variable"))
    result, takes = build.types.returned(declared), build.types.parameters_of(declared)
    return Service(key, _name(element), outputs, encapsulated, given, inputs, result, takes)


def _check(graph: Graph) -> None:
    """Requirements must not run in circles; a circle loses its logic, so that an evaluation ends."""
    settled: set[str] = set()
    for start in graph.decisions:
        path: set[str] = set()
        pending: list[tuple[str, bool]] = [(start, False)]
        while pending:
            at, leave = pending.pop()
            if leave:
                path.discard(at)
                settled.add(at)
            elif at in path:
                node = graph.decisions[at]
                graph.build.note(at, "cycle", Text("决策依赖成环", "The requirements run in a circle"))
                node.decisions, node.logic = (), nothing
            elif at in graph.decisions and at not in settled:
                path.add(at)
                pending.append((at, True))
                pending.extend((source, False) for source in graph.decisions[at].decisions)


def _titles(root: Element) -> dict[str, str]:
    """The names of the elements by id; those of their variables may differ."""
    elements = children(root, "decision", "businessKnowledgeModel", "decisionService")
    return {attribute(one, "id") or attribute(one, "name"): attribute(one, "name") for one in elements}


def _invocables(graph: Graph, titles: Mapping[str, str]) -> dict[str, Invocable]:
    found: dict[str, Invocable] = {}
    for key, service in graph.services.items():
        found[key] = _served(graph, service, titles[key])
    for key, decision in graph.decisions.items():
        evaluate, list_inputs = partial(graph.evaluate, key), partial(_inputs_of, graph, key)
        found[key] = Invocable(key, decision.name, evaluate, list_inputs, titles[key])
    return found


def _served(graph: Graph, service: Service, title: str) -> Invocable:
    """A decision service, asked with its inputs by name."""

    def serve(given: Mapping[str, Value], run: DmnRun) -> Value:
        return graph.serve(service, {**given, **_read(graph, service.takes, given)}, run)

    return Invocable(service.id, service.name, serve, partial(_parameters_of, graph, service), title)


def _read(graph: Graph, takes: Mapping[str, str], given: Mapping[str, Value]) -> dict[str, Value]:
    """What is given from outside for parameters, read by their types."""
    types = graph.build.types
    return {name: types.read_input(given[name], reference) for name, reference in takes.items() if name in given}


def _callable(graph: Graph, node: Knowledge, title: str) -> Invocable:
    """A knowledge model, asked with its parameters by name."""

    def call(given: Mapping[str, Value], run: DmnRun) -> Value:
        function, read = graph.function(node.id), _read(graph, node.takes, given)
        return function.call([read.get(name) for name in node.parameters], run) if function is not None else None

    return Invocable(node.id, node.name, call, lambda: node.parameters, title)


def _parameters_of(graph: Graph, service: Service) -> tuple[str, ...]:
    return tuple(map(graph.label, (*service.inputs, *service.given)))


def _inputs_of(graph: Graph, key: str) -> tuple[str, ...]:
    """The names of all input data that a decision depends on, those of imported models with their prefixes."""
    names: dict[str, None] = {}
    pending, seen = [(graph, key, "")], {(id(graph), key)}
    while pending:
        at, one, prefix = pending.pop()
        foreign = at.foreign.get(one)
        if foreign is not None:
            inner = f"{prefix}{foreign.prefix}." if foreign.prefix else prefix
            pending.append((foreign.graph, foreign.key, inner))
            continue
        node = at.decisions.get(one)
        if node is not None:
            names.update(dict.fromkeys(prefix + at.label(source) for source in node.inputs))
            fresh = [source for source in node.decisions if (id(at), source) not in seen]
            seen.update((id(at), source) for source in fresh)
            pending.extend((at, source, prefix) for source in fresh)
    return tuple(names)
