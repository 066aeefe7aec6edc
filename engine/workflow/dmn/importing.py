"""Models that a model imports by a name: their parts are known as ``prefix.name``.

Source: DMN 1.5, 6.3.3 and 10.3.2.10.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from engine.kernel.text import Text
from engine.workflow.bpmn.xml import Element
from engine.workflow.dmn.elements import attribute, children
from engine.workflow.dmn.graph import Foreign, Graph
from engine.workflow.dmn.items import ItemType, Types
from engine.workflow.dmn.model import DecisionModel
from engine.workflow.dmn.reading import Build


def read_import_types(
    root: Element, build: Build, models: Mapping[str, DecisionModel], circular: Collection[str]
) -> None:
    """Make the imported types known as ``prefix.name``, and the names that may follow a prefix or an imported value;
    an import that was not given or is ``circular`` is a finding."""
    build.imported = frozenset(attribute(element, "namespace") for element in children(root, "import"))
    for element in children(root, "import"):
        namespace, prefix = attribute(element, "namespace"), attribute(element, "name")
        model = models.get(namespace)
        if not prefix and (model is not None or namespace in (*circular, attribute(root, "namespace"))):
            continue
        if model is not None:
            types = model.graph.build.types
            for name, item in types.items.items():
                build.types.items[f"{prefix}.{name}"] = _prefixed(item, prefix, types)
            build.members += (*model.graph.build.members, *model.graph.names())
        elif namespace in circular:
            zh, en = (
                f"导入成环：{namespace} 又导入本模型",
                f"The imports run in a circle: {namespace} imports this model",
            )
            build.note(element, "import_circle", Text(zh, en))
        elif "/DMN/" in attribute(element, "importType"):
            zh, en = f"未提供所导入的模型 {namespace}", f"The imported model {namespace} was not given"
            build.note(element, "import_missing", Text(zh, en))


def _prefixed(item: ItemType, prefix: str, types: Types) -> ItemType:
    def renamed(reference: str) -> str:
        return f"{prefix}.{reference}" if reference in types.items else reference

    components = {name: _prefixed(part, prefix, types) for name, part in item.components.items()}
    takes = None if item.takes is None else tuple(renamed(one) for one in item.takes)
    return replace(item, base=renamed(item.base), components=components, returns=renamed(item.returns), takes=takes)


def read_import_nodes(root: Element, graph: Graph, models: Mapping[str, DecisionModel]) -> dict[str, str]:
    """Add the imported nodes to the graph; gives the prefix of each by ``namespace#id``."""
    names: dict[str, str] = {}
    for element in children(root, "import"):
        namespace, prefix = attribute(element, "namespace"), attribute(element, "name")
        model = models.get(namespace)
        if model is None or not prefix:
            continue
        for key in model.graph.own_ids():
            graph.foreign[f"{namespace}#{key}"] = Foreign(prefix, model.graph, key)
            names[f"{namespace}#{key}"] = prefix
    return names
