"""Data stores: how much each holds, and who shares it (BPMN 2.0.2 10.4.1)."""

from __future__ import annotations

from engine.kernel.text import Text
from engine.workflow.bpmn import read_extensions, xml
from engine.workflow.bpmn.data_model import DataStore
from engine.workflow.bpmn.reading import Reading

SCOPES = ("branch", "organisation", "case")
LONGEST = 200
"""Letters in the name of a data store."""


def store_facts(reading: Reading, root: xml.Element) -> dict[str, DataStore]:
    """By name. A reference whose store is not in the document may say the scope itself."""
    found: dict[str, DataStore] = {}
    references = root.iter(f"{{{xml.BPMN}}}dataStoreReference")
    loose = [one for one in references if reading.kind_of(xml.reference(one.get("dataStoreRef"))) != "dataStore"]
    for element in (*xml.children(root, "dataStore"), *loose):
        name = reading.names.get(xml.attribute(element, "id"), "")
        facts = DataStore(_capacity(reading, element), _scope(reading, element))
        if len(name) > LONGEST:
            text = Text(f"名称超过 {LONGEST} 个字", f"The name of the data store has more than {LONGEST} letters")
            reading.report(element, "data.store_name", text, Text("起一个短的名称", "Give it a short name"))
        if found.setdefault(name, facts) != facts:
            zh, en = f"数据存储“{name}”有两种说法", f"Two data stores called {name} differ; the first one counts"
            reading.report(element, "data.store_twice", Text(zh, en), Text("改成一样", "Make them agree"), "warning")
    return found


def _capacity(reading: Reading, element: xml.Element) -> int | None:
    """None: any number; `isUnlimited` is what the standard takes for granted, a capacity beside it says otherwise."""
    if not element.get("capacity") or xml.is_true(element, "isUnlimited"):
        return None
    return reading.integer(element, "capacity", 0)


def _scope(reading: Reading, element: xml.Element) -> str:
    extension = read_extensions.school(element, "store")
    scope = xml.attribute(extension, "scope", SCOPES[0]) if extension is not None else SCOPES[0]
    if scope in SCOPES:
        return scope
    text = Text(f"没有“{scope}”这种共享范围", f"There is no scope {scope!r} of data stores")
    fix = Text(f"可选：{'、'.join(SCOPES)}", f"Choose of {', '.join(SCOPES)}")
    reading.report(element, "data.store_scope", text, fix)
    return SCOPES[0]
