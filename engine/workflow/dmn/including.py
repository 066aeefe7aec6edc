"""Imports without a name: the imported parts become parts of the importing model, as if they were written there.

Parts of the importing model go before imported ones of the same name, those of earlier imports before those of later
ones; a requirement of what was left out means the part that was kept. Models may include each other.

Source: DMN 1.5, 6.3.3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.workflow.bpmn.xml import Element
from engine.workflow.dmn.elements import attribute, children, local
from engine.workflow.dmn.reading import NODES

if TYPE_CHECKING:
    from engine.workflow.dmn.model import DecisionModel

Parse = Callable[[bytes], Element]
MAX_SIZE = 5 * 1024 * 1024
"""Of a file with all that it includes, in bytes."""
_TOO_LARGE = Text("不写名称导入的模型合计超过 5 MB", "The models imported without a name are together larger than 5 MB")


class Origin(NamedTuple):
    """What a model was read from: its file, the models it imports by namespace, and the files, by namespace, of those
    that import it in turn."""

    source: bytes
    imports: Mapping[str, DecisionModel]
    circular: Mapping[str, bytes]

    def part(self, namespace: str) -> Origin | None:
        """The origin of an import, None when it was not given."""
        model = self.imports.get(namespace)
        if model is not None:
            return model.origin
        source = self.circular.get(namespace)
        return None if source is None else Origin(source, self.imports, self.circular)


class Included(NamedTuple):
    """The elements that were added, and the models of all named imports by namespace."""

    parts: frozenset[Element]
    imports: Mapping[str, DecisionModel]


@dataclass(slots=True)
class _Kept:
    """What was taken so far: the ids of nodes by name, the names of types and imports, and the id by which each node
    of each file is known now."""

    nodes: dict[str, str] = field(default_factory=dict)
    others: set[tuple[str, str]] = field(default_factory=set)
    ids: dict[tuple[str, str], str] = field(default_factory=dict)


def include(root: Element, origin: Origin, parse: Parse) -> Included:
    """Add to a parsed file the parts of all that it imports without a name."""
    own = attribute(root, "namespace")
    files = _reached(root, origin, parse)
    if not files:
        return Included(frozenset(), origin.imports)
    kept, imports = _Kept(), dict(origin.imports)
    parts = [(own, part) for part in _take(kept, own, root)]
    for namespace, (one, other) in files.items():
        imports = {**one.imports, **imports}
        added = _take(kept, namespace, other)
        for part in added:
            part.set("expressionLanguage", attribute(other, "expressionLanguage") or "feel")
        root.extend(added)
        parts += [(namespace, part) for part in added]
    _point_to_kept(parts, kept.ids)
    return Included(frozenset(part for namespace, part in parts if namespace != own), imports)


def unnamed(root: Element) -> Iterator[str]:
    """The namespaces that a file imports without a name."""
    return (attribute(one, "namespace") for one in children(root, "import") if not attribute(one, "name"))


def _reached(root: Element, origin: Origin, parse: Parse) -> dict[str, tuple[Origin, Element]]:
    """All that a file imports without a name, directly or not, in order; each before what it imports itself.

    Raises: UserError when they are too large together.
    """
    found: dict[str, tuple[Origin, Element]] = {}
    size = len(origin.source)
    pending = [(namespace, origin) for namespace in reversed(list(unnamed(root)))]
    while pending:
        namespace, above = pending.pop()
        part = above.part(namespace)
        if part is not None and namespace not in found and namespace != attribute(root, "namespace"):
            size += len(part.source)
            if size > MAX_SIZE:
                raise UserError("dmn_too_large", _TOO_LARGE)
            other = parse(part.source)
            found[namespace] = (part, other)
            pending += [(one, part) for one in reversed(list(unnamed(other)))]
    return found


def _take(kept: _Kept, namespace: str, root: Element) -> list[Element]:
    """The parts of a file that no file before it has; nodes get an id that no other one has."""
    taken, known, others = set(kept.ids.values()), dict(kept.nodes), set(kept.others)
    parts = []
    for part in root:
        kind, name = local(part), attribute(part, "name")
        key = attribute(part, "id") or name
        if kind in NODES and name not in known:
            here = f"{namespace}#{key}" if key in taken else key
            part.set("id", here)
            kept.nodes.setdefault(name, here)
            kept.ids.setdefault((namespace, key), here)
            parts.append(part)
        elif kind in NODES:
            kept.ids.setdefault((namespace, key), known[name])
        elif kind in ("itemDefinition", "import") and name and (kind, name) not in others:
            kept.others.add((kind, name))
            parts.append(part)
    return parts


def _point_to_kept(parts: Iterable[tuple[str, Element]], ids: Mapping[tuple[str, str], str]) -> None:
    """Let each reference mean what was kept: that of its own file first, then that of the first file that has it."""
    plain: dict[str, str] = {}
    for (_, key), kept in ids.items():
        plain.setdefault(key, kept)
    for namespace, part in parts:
        for element in part.iter("{*}*"):
            space, _, key = attribute(element, "href").rpartition("#")
            found = ids.get((space or namespace, key)) or (None if space else plain.get(key))
            if found is not None:
                element.set("href", found if "#" in found else f"#{found}")
