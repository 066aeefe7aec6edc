"""Elements of a DMN file, whatever its version."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from engine.workflow.bpmn.xml import Element


def local(element: Element) -> str:
    """The name without its namespace; "" for comments."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def children(element: Element, *names: str) -> Iterator[Element]:
    """The direct children with one of these names."""
    return (child for child in element if local(child) in names)


def child(element: Element, *names: str) -> Element | None:
    """The first direct child with one of these names."""
    return next(children(element, *names), None)


def attribute(element: Element | None, name: str) -> str:
    """The attribute without surrounding spaces, "" when missing."""
    return (element.get(name) or "").strip() if element is not None else ""


def body_text(element: Element | None) -> str:
    """The text of the child ``text``."""
    found = child(element, "text") if element is not None else None
    return "".join(str(part) for part in found.itertext()).strip() if found is not None else ""


def type_of(element: Element | None) -> str:
    """The ``typeRef``: an attribute, or a child element in DMN 1.1."""
    if element is None:
        return ""
    found = attribute(element, "typeRef")
    below = child(element, "typeRef")
    return found or ("".join(str(part) for part in below.itertext()).strip() if below is not None else "")


def target(element: Element, names: Mapping[str, str], imported: Collection[str]) -> str:
    """The node that ``href`` points to: an id of this file, or ``namespace#id`` of one of the ``imported``."""
    reference = attribute(element, "href")
    namespace, _, key = reference.rpartition("#")
    return reference if reference in names or namespace in imported else key
