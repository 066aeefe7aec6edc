"""What one compilation knows: the process, its names, and the findings so far."""

from __future__ import annotations

from engine.feel import FeelError, name_advice
from engine.kernel.text import Text
from engine.workflow.bpmn import expressions
from engine.workflow.bpmn.expressions import Broken, Name, Source
from engine.workflow.bpmn.extensions import Mapped
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.model import DataAssociation, EventKind, Expression, Model, Node, NodeKind, Process
from engine.workflow.bpmn.program import Association, Mappings


class Compiling:
    """One process being compiled. `scripts`: formats of script tasks that the host runs itself."""

    def __init__(self, model: Model, process: Process, scripts: frozenset[str] = frozenset()) -> None:
        self.model = model
        self.scripts = scripts
        self.process = process
        self.findings: list[Finding] = []
        self.declared = _declared_names(process)
        self.names = tuple(sorted(name for name in self.declared if not name.isidentifier()))
        self.links = _links(process)
        self.flow_messages = _flow_messages(model)

    def feel(self, element_id: str, text: str) -> Source:
        """A FEEL text; a finding when it cannot be parsed, or calls what is no function."""
        found = expressions.feel(text, self.names)
        if isinstance(found, Broken):
            self._broken(element_id, found.error)
        elif "(" in text and (unknown := expressions.unknown_functions(found)):
            self.findings += [_no_function(element_id, name) for name in unknown]
            return Broken(FeelError(self.findings[-1].text, code="feel_unknown_function"))
        return found

    def value(self, element_id: str, text: str) -> Source:
        """An extension's text: FEEL with `=`, else literal."""
        return self.feel(element_id, text) if text.lstrip().startswith("=") else expressions.value(text)

    def optional(self, element_id: str, text: str | None) -> Source | None:
        """As `value`; None for an empty text."""
        return self.value(element_id, text) if text else None

    def expression(self, element_id: str, expression: Expression | None) -> Source | None:
        """A BPMN expression; None when missing. A text that is the name of declared data is that variable."""
        if expression is None:
            return None
        text = expression.text.strip()
        if text in self.declared:
            return Name(text)
        return self.feel(element_id, text)

    def mappings(self, element_id: str, items: tuple[Mapped, ...]) -> Mappings:
        """Name and value pairs."""
        return tuple((item.name, self.value(element_id, item.value)) for item in items if item.name)

    def association(self, node: Node, item: DataAssociation) -> Association:
        """A data association: copied as it is, transformed, or assigned part by part (BPMN 2.0.2 10.4.2)."""
        source: Source | None = None
        if item.transformation is not None:
            source = self.expression(node.id, item.transformation)
        elif item.sources and not item.assignments:
            source = Name(item.sources[0])
        pairs = tuple(
            (self._path(to.text.strip().removeprefix("=").strip()), value)
            for start, to in item.assignments
            if (value := self.expression(node.id, start)) is not None
        )
        named = zip(item.source_ids, item.sources, strict=False)
        reads = tuple(name for identity, name in named if self._is_store(identity))
        return Association(item.target, source, item.sources, pairs, reads, self._is_store(item.target_id))

    def _path(self, text: str) -> tuple[str, ...]:
        """A name, or the parts of a path into what has one."""
        return (text,) if text in self.declared else tuple(part.strip() for part in text.split("."))

    def _is_store(self, identity: str | None) -> bool:
        """The id is that of a data store, or of a reference to one."""
        return self.model.ids.get(identity or "") in {"dataStoreReference", "dataStore"}

    def _broken(self, element_id: str, error: FeelError) -> None:
        text = Text(f"表达式有误：{error.message.zh}", f"The expression is not valid: {error.message.en}")
        hint = Text("请改正表达式", "Correct the expression")
        self.findings.append(Finding(element_id, "expression.invalid", "error", text, hint))


def _no_function(element_id: str, name: str) -> Finding:
    text = Text(f"没有函数 {name}", f"There is no function {name}")
    hint = name_advice(name, ()) or Text("检查拼写；数据里没有函数", "Check the spelling; data holds no functions")
    return Finding(element_id, "expression.function_unknown", "error", text, hint)


def _declared_names(process: Process) -> frozenset[str]:
    """Names of data; FEEL must be told of those that are no plain identifiers, and may reserve others (`in`)."""
    names = [item.name for item in process.data_objects]
    if process.extension is not None:
        names += [item.name for item in process.extension.variables]
    for node in process.nodes.values():
        names += [association.target for association in node.data_inputs if association.target]
        names += [mapped.name for mapped in node.mapped_out]
        if node.multi is not None:
            names += [name for name in (node.multi.item, node.multi.output_collection) if name]
            names += [item.text for item in (node.multi.collection, node.multi.output_item) if item is not None]
        if node.kind is NodeKind.USER:
            names.append(node.id)
    return frozenset(name for name in names if not name.startswith("="))


def _links(process: Process) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for node in process.nodes.values():
        if node.kind is NodeKind.CATCH:
            for event in node.events:
                if event.kind is EventKind.LINK:
                    found.setdefault(node.scope, {})[event.name or ""] = node.id
    return found


def _flow_messages(model: Model) -> dict[str, str]:
    """Message name by node, from the message flows: for nodes that name no message of their own.

    A flow that carries no message is of the message that one of its ends names.
    """
    nodes = [node for process in model.processes for node in process.nodes.values()] if model.message_flows else []
    own = {node.id: name for node in nodes if (name := _sent(model, node))}
    found: dict[str, str] = {}
    for flow in model.message_flows:
        named = model.messages.get(flow.message or "")
        name = named.name if named is not None else own.get(flow.source) or own.get(flow.target) or flow.id
        found.setdefault(flow.source, name)
        found.setdefault(flow.target, name)
    return found


def _sent(model: Model, node: Node) -> str:
    """The name of the message that a node names itself; empty when there is none."""
    references = (node.message, *(event.reference for event in node.events if event.kind is EventKind.MESSAGE))
    named = (model.messages.get(reference or "") for reference in references)
    return next((message.name for message in named if message is not None), "")
