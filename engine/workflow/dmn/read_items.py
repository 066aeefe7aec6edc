"""``itemDefinition`` elements to types."""

from __future__ import annotations

from difflib import get_close_matches

from engine.feel import Tests, with_advice
from engine.kernel.text import Text
from engine.workflow.bpmn.xml import Element
from engine.workflow.dmn.elements import attribute, body_text, child, children, type_of
from engine.workflow.dmn.items import BUILT_IN, ItemType
from engine.workflow.dmn.reading import Build

_MEANT = {
    **dict.fromkeys(("integer", "int", "long", "short", "double", "float", "decimal"), "number"),
    **{"text": "string", "bool": "boolean", "datetime": "date and time", "duration": "days and time duration"},
}
"""What types of other engines are here."""


def read_items(root: Element, build: Build) -> None:
    """Fill ``build.types`` and the member names that expressions may use."""
    members: list[str] = []
    for definition in children(root, "itemDefinition"):
        name = attribute(definition, "name")
        if not name:
            build.note(definition, "name_missing", Text("数据类型没有名称", "The item definition has no name"))
            continue
        build.types.items[name] = _read_item(definition, build, members)
    build.members = tuple(dict.fromkeys((*build.members, *members)))
    _break_circles(root, build)
    build.named_types = build.types.structures()
    _check_references(root, build)


def _read_item(element: Element, build: Build, members: list[str]) -> ItemType:
    reference, function = type_of(element), child(element, "functionItem")
    short = reference.rpartition(":")[2]
    parameters = [] if function is None else list(children(function, "parameters"))
    item = ItemType(
        base="function" if function is not None else BUILT_IN.get(short, reference),
        collection=attribute(element, "isCollection") == "true",
        allowed=_read_tests(child(element, "allowedValues"), build),
        constraint=_read_tests(child(element, "typeConstraint"), build),
        returns=attribute(function, "outputTypeRef"),
        takes=None if function is None else tuple(map(type_of, parameters)),
        parameters=tuple(attribute(one, "name") for one in parameters),
    )
    for component in children(element, "itemComponent"):
        name = attribute(component, "name")
        members.append(name)
        item.components[name] = _read_item(component, build, members)
    if not item.base and not item.components:
        item.base = "Any"
    return item


def _read_tests(element: Element | None, build: Build) -> Tests | None:
    text = body_text(element)
    return build.tests(element, text, ("*",)) if element is not None and text else None


def _break_circles(root: Element, build: Build) -> None:
    """A type that is only another name of itself means nothing and accepts everything."""
    items = build.types.items
    for name, item in items.items():
        seen = {name}
        base = item.base
        while base in items and base not in seen:
            seen.add(base)
            base = items[base].base
        if base in seen:
            zh, en = f"数据类型“{name}”的定义成环", f"The type {name!r} is defined by itself"
            build.note(root, "type_circle", Text(zh, en))
            item.base = "Any"


def _check_references(root: Element, build: Build) -> None:
    for element in root.iter("{*}*"):
        reference = attribute(element, "typeRef")
        if not build.types.is_known(reference):
            zh, en = f"没有名为“{reference}”的数据类型", f"There is no type {reference!r}"
            build.note(element, "type_unknown", with_advice(Text(zh, en), _meant(reference, build)), "warning")


def _meant(reference: str, build: Build) -> Text | None:
    short = reference.rpartition(":")[2]
    known = [*build.types.items, *BUILT_IN]
    meant = _MEANT.get(short.lower()) or next(iter(get_close_matches(short[:100], known, n=1, cutoff=0.7)), None)
    return None if meant is None else Text(f"是不是“{meant}”？", f"Did you mean {meant!r}?")
