"""Files that import each other, whatever their order: an import is found by its namespace.

Source: DMN 1.5, 6.3.3 (``locationURI`` tells files of one namespace apart).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from graphlib import TopologicalSorter
from typing import NamedTuple

from engine.kernel.errors import UserError
from engine.workflow.bpmn.xml import parse
from engine.workflow.dmn.elements import attribute, children
from engine.workflow.dmn.loading import LIMITS, load_decisions
from engine.workflow.dmn.model import DecisionModel, DmnError


class Import(NamedTuple):
    """What a file imports; ``location`` is the last part of its ``locationURI``."""

    namespace: str
    location: str


class Links(NamedTuple):
    """The namespace of a file and the models it imports."""

    namespace: str
    imports: tuple[Import, ...]


_NONE = Links("", ())


@lru_cache(maxsize=512)
def links_of(content: str) -> Links:
    """The links of a file; none for a text that is no XML."""
    try:
        root = parse(content.encode(), LIMITS)
    except UserError:
        return _NONE
    found = [
        Import(attribute(one, "namespace"), attribute(one, "locationURI").replace("\\", "/").rpartition("/")[2])
        for one in children(root, "import")
    ]
    return Links(attribute(root, "namespace"), tuple(found))


def needed(name: str, files: Mapping[str, str]) -> dict[str, str]:
    """Of ``files`` (contents by name) the file itself and all it imports, directly or not."""
    found: dict[str, str] = {}
    pending = [name]
    while pending:
        at = pending.pop()
        if at not in found:
            found[at] = files[at]
            wanted = links_of(files[at]).imports
            pending += [one for part in wanted if (one := target_of(at, part, files)) is not None]
    return found


def target_of(name: str, wanted: Import, files: Mapping[str, str]) -> str | None:
    """The file that an import of the file ``name`` means: the only one of its namespace or of its location."""
    same = [one for one in files if one != name and links_of(files[one]).namespace == wanted.namespace]
    if len(same) > 1:
        same = [one for one in same if one.replace("\\", "/").rpartition("/")[2] == wanted.location]
    return same[0] if len(same) == 1 else None


def load_file(name: str, files: Mapping[str, str]) -> DecisionModel:
    """The file ``name`` with what it imports of ``files``. Raises: DmnError when it is no DMN document."""
    model = load_files(needed(name, files))[name]
    if isinstance(model, DmnError):
        raise model
    return model


def load_files(files: Mapping[str, str]) -> dict[str, DecisionModel | DmnError]:
    """Every file with those it imports, by name; for what is no DMN document the error. Imports by name that run in a
    circle and files that cannot be read count as not given, which is a finding of the file that imports them."""
    reach = {name: needed(name, files).keys() for name in files}
    targets: dict[str, dict[str, str]] = {name: {} for name in files}
    circular: dict[str, dict[str, bytes]] = {name: {} for name in files}
    for name in files:
        for wanted in links_of(files[name]).imports:
            target = target_of(name, wanted, files)
            if target is not None and name in reach[target]:
                found = {links_of(files[one]).namespace: files[one].encode() for one in reach[target]}
                circular[name] |= {**found, wanted.namespace: files[target].encode()}
            elif target is not None:
                targets[name][wanted.namespace] = target
    loaded: dict[str, DecisionModel | DmnError] = {}
    for name in TopologicalSorter({one: set(wanted.values()) for one, wanted in targets.items()}).static_order():
        given = {namespace: loaded[target] for namespace, target in targets[name].items()}
        models = {namespace: one for namespace, one in given.items() if isinstance(one, DecisionModel)}
        try:
            loaded[name] = load_decisions(files[name].encode(), models, circular[name])
        except DmnError as error:
            loaded[name] = error
    return loaded
