"""Data objects, properties, inputs and outputs: which variable each data element stands for (BPMN 2.0.2 10.4).

The variable is named by the data object, else by a reference to it, else by its id.
"""

from __future__ import annotations

from typing import Any

from engine.kernel.text import Text
from engine.workflow.bpmn import xml
from engine.workflow.bpmn.data_model import DataObject, InputSet
from engine.workflow.bpmn.model import DataAssociation
from engine.workflow.bpmn.reading import Reading, expression

_PLACEHOLDER = "__targetRef_placeholder"


def name_data(reading: Reading) -> None:
    """Fill `reading.names` for every data element of the document."""
    for identity, element in reading.elements.items():
        tag = xml.local(element)
        if tag in {"dataObject", "property", "dataInput", "dataOutput", "dataStore"}:
            reading.names[identity] = xml.attribute(element, "name") or identity
    for identity, element in reading.elements.items():
        if xml.local(element) == "dataObjectReference":
            _name_reference(reading, identity, element)
        elif xml.local(element) == "dataStoreReference":
            _name_store(reading, identity, element)


def _name_reference(reading: Reading, identity: str, element: xml.Element) -> None:
    target = xml.reference(element.get("dataObjectRef"))
    own = xml.attribute(element, "name")
    if target is None or reading.kind_of(target) != "dataObject":
        reading.report(
            element,
            "reference.missing",
            Text("数据对象引用没有指向数据对象", "The data object reference points to no data object"),
            Text("请选择一个数据对象", "Choose a data object"),
            "warning",
        )
        reading.names[identity] = own or identity
        return
    if reading.names[target] == target and own:
        reading.names[target] = own
    reading.names[identity] = reading.names[target]


def _name_store(reading: Reading, identity: str, element: xml.Element) -> None:
    """The name of its store, else its own: a store need not be in the document."""
    target = xml.reference(element.get("dataStoreRef")) or ""
    store = reading.elements.get(target) if reading.kind_of(target) == "dataStore" else None
    named = xml.attribute(store, "name") if store is not None else ""
    reading.names[identity] = named or xml.attribute(element, "name") or identity


def data_objects(reading: Reading, container: xml.Element, scope: str) -> list[DataObject]:
    """The data objects and properties declared directly in a process or sub-process."""
    found: list[DataObject] = []
    for item in (*xml.children(container, "dataObject"), *xml.children(container, "property")):
        identity = xml.attribute(item, "id")
        name = reading.names.get(identity, identity)
        if name and name != _PLACEHOLDER:
            found.append(DataObject(identity, name, scope, xml.is_true(item, "isCollection"), xml.line(item)))
    return found


def associations(reading: Reading, element: xml.Element) -> dict[str, Any]:
    """`data_inputs` and `data_outputs` of an activity or event."""
    return {
        "data_inputs": tuple(_association(reading, item) for item in xml.children(element, "dataInputAssociation")),
        "data_outputs": tuple(_association(reading, item) for item in xml.children(element, "dataOutputAssociation")),
        "input_sets": _input_sets(reading, element),
    }


def _input_sets(reading: Reading, element: xml.Element) -> tuple[InputSet, ...]:
    """Where there are several to choose from; of a single one what it needs of data objects."""
    specification = xml.child(element, "ioSpecification")
    found = xml.children(specification, "inputSet") if specification is not None else []
    sets = tuple(_input_set(reading, one) for one in found)
    if len(sets) != 1:
        return sets
    needed = sets[0].needed & _from_objects(reading, element)
    return (InputSet(needed, sets[0].names),) if needed else ()


def _from_objects(reading: Reading, element: xml.Element) -> frozenset[str]:
    """Inputs that associations read from data objects."""
    found: set[str] = set()
    for item in xml.children(element, "dataInputAssociation"):
        sources = [xml.reference(xml.text(part)) for part in xml.children(item, "sourceRef")]
        target = reading.name_of(xml.reference(xml.text(xml.child(item, "targetRef"))))
        if target and any(reading.kind_of(one) in {"dataObject", "dataObjectReference"} for one in sources):
            found.add(target)
    return frozenset(found)


def _input_set(reading: Reading, element: xml.Element) -> InputSet:
    def named(tag: str) -> frozenset[str]:
        ids = (xml.reference(xml.text(one)) for one in xml.children(element, tag))
        return frozenset(reading.names[identity] for identity in ids if identity in reading.names)

    names, optional = named("dataInputRefs"), named("optionalInputRefs") | named("whileExecutingInputRefs")
    return InputSet(names - optional, names | optional)


def _association(reading: Reading, item: xml.Element) -> DataAssociation:
    ids = tuple(ref for part in xml.children(item, "sourceRef") if (ref := xml.reference(xml.text(part))))
    target = xml.reference(xml.text(xml.child(item, "targetRef")))
    assignments = [
        (source, destination)
        for part in xml.children(item, "assignment")
        if (source := expression(xml.child(part, "from"))) and (destination := expression(xml.child(part, "to")))
    ]
    name = reading.name_of(target)
    return DataAssociation(
        id=xml.attribute(item, "id"),
        sources=tuple(reading.names.get(identity, _item_name(reading, identity)) for identity in ids),
        target=None if name == _PLACEHOLDER else name,
        transformation=expression(xml.child(item, "transformation")),
        assignments=tuple(assignments),
        source_ids=ids,
        target_id=target,
    )


def _item_name(reading: Reading, identity: str) -> str:
    found = reading.elements.get(identity)
    return (xml.attribute(found, "name") if found is not None else "") or identity
