"""Fields whose names are no names here (`customer.name`, `net-income`): the task's mappings keep what they were called.

A form of ours has plain names; its task reads each from where the other tool had it, and puts it back there.
"""

from __future__ import annotations

import json
import re

from engine.workflow.bpmn import read_extensions, read_foreign, xml
from engine.workflow.doctor.document import extensions_of, make
from engine.workflow.doctor.fields import Field, Read

_PATH = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")


def keep(task: xml.Element, read: Read) -> tuple[Field, ...]:
    """The fields whose new names people have to write in expressions; of the others the task's mappings now say it.

    A task that maps its results already, and a start event, is left alone.
    """
    renamed = [one for one in read.fields if one.origin != one.name]
    is_mapped = read_extensions.school(task, "output") is not None or bool(read_foreign.mapping(task, "output"))
    if not renamed or is_mapped or xml.local(task) != "userTask":
        return tuple(renamed)
    holder = extensions_of(task)
    for one in renamed:
        if _PATH.fullmatch(one.origin):
            make(holder, "input", xml.SCHOOL, name=one.name, value=f"={one.origin}")
    for name, value in _outputs(read).items():
        make(holder, "output", xml.SCHOOL, name=name, value=f"={value}")
    keep_outcome(task)
    return tuple(one for one in renamed if one.read_only and not _PATH.fullmatch(one.origin))


def keep_outcome(task: xml.Element) -> None:
    """What became of the task stays readable by its id beside the results that are listed."""
    identity = xml.attribute(task, "id")
    value = f"=get value(result, {json.dumps(identity, ensure_ascii=False)})"
    make(extensions_of(task), "output", xml.SCHOOL, name=identity, value=value)


def _outputs(read: Read) -> dict[str, str]:
    """FEEL by variable; fields behind one another in a path go into one context, whose other parts stay."""
    found: dict[str, str] = {}
    for one in [field for field in read.fields if not field.read_only]:
        root, *path = _steps(one)
        if path:
            before = found.get(root, f"get or else({root}, {{}})")
            keys = ", ".join(json.dumps(key, ensure_ascii=False) for key in path)
            found[root] = f"context put({before}, [{keys}], {one.name})"
        else:
            found[root] = one.name
    return found


def _steps(field: Field) -> list[str]:
    return field.origin.split(".") if _PATH.fullmatch(field.origin) else [field.origin]
