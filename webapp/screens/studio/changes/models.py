"""Differences between two BPMN models, element by element."""

import re
from collections.abc import Callable, Iterator, Mapping

from engine.kernel.text import Text
from engine.workflow.bpmn import xml
from webapp.screens.studio.changes import words
from webapp.screens.studio.changes.change import Change, differences

Named = Callable[[str, str], str]
"""A setting (``task.form``) and its value, to what people call the value."""

_Found = dict[str, tuple[Text, str]]
_PART_OF = {"sequenceFlow", "messageFlow", "participant", "lane", "textAnnotation"}
_KEYED = {
    "input": "name",
    "output": "name",
    "key": "name",
    "outcome": "name",
    "fieldAccess": "name",
    "variable": "name",
}
_PLAIN = {"documentation": words.DOCUMENTATION, "script": words.SCRIPT, "text": words.NAME}
_NUMBER = re.compile(r"\d")


def compare_models(file: str, before: str, after: str, named: Named) -> Iterator[Change]:
    """Removed, changed and added elements, in document order; moving a shape on the canvas is no difference."""
    old, new = _elements(before), _elements(after)
    known = {**old, **new}
    for identity, element in old.items():
        if identity not in new:
            yield Change(file, identity, "removed", _what(element, old))
    for identity, element in new.items():
        if identity not in old:
            added = _facts(element, new, known, named)
            yield Change(file, identity, "added", _what(element, new), tuple(differences({}, _told(added))))
            continue
        was, now = _facts(old[identity], old, known, named), _facts(element, new, known, named)
        details = tuple(differences(was, now))
        if details:
            yield Change(file, identity, "changed", _what(element, new), details, _moves_limit(was, now))


def _told(facts: _Found) -> _Found:
    """Of a new element its name says enough; how it is wired shows in the diagram."""
    return {key: fact for key, fact in facts.items() if key not in {"name", "kind", "from", "to"}}


def _moves_limit(was: _Found, now: _Found) -> bool:
    keys = {key for key in (*was, *now) if key == "condition" or key.startswith(("task.due", "countersign.value"))}
    texts = [(was.get(key, ("", ""))[1], now.get(key, ("", ""))[1]) for key in keys]
    return any(old != new and bool(_NUMBER.search(old + new)) for old, new in texts)


def _elements(source: str) -> dict[str, xml.Element]:
    root = xml.parse(source)
    return {
        str(element.get("id")): element
        for element in root.iter()
        if xml.is_bpmn(element) and element.get("id") and xml.local(element) in words.ELEMENTS
    }


def _what(element: xml.Element, others: Mapping[str, xml.Element]) -> Text:
    kind = words.ELEMENTS[xml.local(element)]
    name = xml.attribute(element, "name")
    if xml.local(element) in {"sequenceFlow", "messageFlow"}:
        way = f"{_called(element.get('sourceRef'), others)} → {_called(element.get('targetRef'), others)}"
        named = f"“{name}”" if name else ""
        return Text(f"{kind.zh}{named}（{way}）", f"{kind.en} {named}({way})")
    name = name or xml.text(xml.child(element, "text")) or str(element.get("id"))
    return Text(f"{kind.zh}“{name}”", f"{kind.en} “{name}”")


def _called(identity: str | None, others: Mapping[str, xml.Element]) -> str:
    found = others.get(identity or "")
    return (xml.attribute(found, "name") if found is not None else "") or identity or ""


def _facts(
    element: xml.Element, others: Mapping[str, xml.Element], known: Mapping[str, xml.Element], named: Named
) -> _Found:
    """others: of the same version; known: of both by the newer name, so that a new name is no new neighbour."""
    kind = words.ELEMENTS[xml.local(element)]
    found: _Found = {"kind": (words.KIND, kind.zh)}
    found["name"] = (words.NAME, xml.attribute(element, "name"))
    references = {"sourceRef": ("from", words.FROM), "targetRef": ("to", words.TO)}
    references |= {"default": ("default", words.DEFAULT), "attachedToRef": ("host", words.HOST)}
    for attribute, (key, label) in references.items():
        if element.get(attribute):
            found[key] = (label, _called(_target(attribute, str(element.get(attribute)), others), known))
    found["called"] = (words.CALLED, xml.attribute(element, "calledElement"))
    found["interrupts"] = (words.INTERRUPTS, xml.attribute(element, "cancelActivity"))
    found["condition"] = (words.CONDITION, xml.text(xml.child(element, "conditionExpression")))
    for name, label in _PLAIN.items():
        found[name] = (label, xml.text(xml.child(element, name)))
    found["event"] = (words.EVENT, "；".join(_events(element)))
    found["repeats"] = (words.REPEATS, "；".join(_repeats(element)))
    return found | dict(_settings(element, named))


def _target(attribute: str, identity: str, others: Mapping[str, xml.Element]) -> str:
    """A default way is told by where it leads."""
    flow = others.get(identity)
    return str(flow.get("targetRef")) if attribute == "default" and flow is not None else identity


def _events(element: xml.Element) -> Iterator[str]:
    for child in element:
        if xml.is_bpmn(child) and xml.local(child).endswith("EventDefinition"):
            references = [value for name, value in _attributes(child).items() if name.endswith("Ref")]
            yield " ".join((xml.local(child).removesuffix("EventDefinition"), *references, xml.text(child))).strip()


def _repeats(element: xml.Element) -> Iterator[str]:
    for name in ("multiInstanceLoopCharacteristics", "standardLoopCharacteristics"):
        loop = xml.child(element, name)
        if loop is not None:
            yield " ".join(
                (*(f"{key}={value}" for key, value in _attributes(loop).items() if key != "id"), xml.text(loop))
            )


def _settings(element: xml.Element, named: Named) -> Iterator[tuple[str, tuple[Text, str]]]:
    """Every attribute of our own extensions; those that stand several times are told apart by name or place."""
    holder = xml.child(element, "extensionElements")
    if holder is None:
        return
    seen: dict[str, int] = {}
    for extension in holder.iter():
        if xml.namespace(extension) != xml.SCHOOL:
            continue
        tag = xml.local(extension)
        mark = xml.attribute(extension, _KEYED[tag]) if tag in _KEYED else str(seen.setdefault(tag, 0) or "")
        seen[tag] = seen.get(tag, 0) + 1
        for attribute, value in _attributes(extension).items():
            label = words.SETTINGS.get(f"{tag}.{attribute}")
            if label is not None:
                said = Text(f"{label.zh} {mark}", f"{label.en} {mark}") if tag in _KEYED else label
                yield f"{tag}.{attribute}.{mark}", (said, named(f"{tag}.{attribute}", value))


def _attributes(element: xml.Element) -> dict[str, str]:
    return {str(name): str(value) for name, value in element.attrib.items()}
