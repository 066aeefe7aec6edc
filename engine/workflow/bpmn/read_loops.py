"""Loop characteristics of activities (BPMN 2.0.2 13.3.6 and 13.3.7)."""

from __future__ import annotations

from engine.kernel.text import Text
from engine.workflow.bpmn import read_foreign, xml
from engine.workflow.bpmn.model import ComplexBehavior, EventDefinition, Expression, MultiInstance, StandardLoop
from engine.workflow.bpmn.read_events import read_definition
from engine.workflow.bpmn.reading import Reading, expression


def read_loop(reading: Reading, element: xml.Element) -> StandardLoop | None:
    """standardLoopCharacteristics, or None."""
    found = xml.child(element, "standardLoopCharacteristics")
    if found is None:
        return None
    maximum = reading.integer(found, "loopMaximum", 0) if found.get("loopMaximum") else None
    return StandardLoop(expression(xml.child(found, "loopCondition")), maximum, xml.is_true(found, "testBefore"))


def read_multi(reading: Reading, element: xml.Element) -> MultiInstance | None:
    """multiInstanceLoopCharacteristics with the collection in standard or a foreign tool's words, or None."""
    found = xml.child(element, "multiInstanceLoopCharacteristics")
    if found is None:
        return None
    foreign = read_foreign.collection(found)
    source = xml.reference(xml.text(xml.child(found, "loopDataInputRef")))
    target = xml.reference(xml.text(xml.child(found, "loopDataOutputRef")))
    item_out = xml.child(found, "outputDataItem")
    return MultiInstance(
        sequential=xml.is_true(found, "isSequential"),
        cardinality=expression(xml.child(found, "loopCardinality")),
        collection=_expression(reading.name_of(source) or foreign["collection"]),
        item=_item(xml.child(found, "inputDataItem")) or foreign["item"] or None,
        output_collection=reading.name_of(target) or foreign.get("output_collection") or None,
        output_item=_expression(_item(item_out) or foreign.get("output_item", "")),
        completion=expression(xml.child(found, "completionCondition")),
        behavior=_behavior(reading, found, element),
        none_event=_event(reading, found, element, "noneBehaviorEventRef"),
        one_event=_event(reading, found, element, "oneBehaviorEventRef"),
        complex_behaviors=_complex(reading, found, element),
    )


def _expression(text: str | None) -> Expression | None:
    return Expression(text) if text else None


def _item(element: xml.Element | None) -> str:
    return (xml.attribute(element, "name") or xml.attribute(element, "id")) if element is not None else ""


def _behavior(reading: Reading, found: xml.Element, element: xml.Element) -> str:
    value = xml.attribute(found, "behavior", "All")
    if value in {"None", "One", "All", "Complex"}:
        return value
    reading.report(
        element,
        "multi.behavior",
        Text(f"多实例行为“{value}”不存在", f"Expected behaviour None, One, All or Complex, but found {value!r}"),
        Text("请改为四者之一", "Choose one of the four"),
    )
    return "All"


def _event(reading: Reading, found: xml.Element, element: xml.Element, name: str) -> EventDefinition | None:
    target = reading.elements.get(xml.reference(found.get(name)) or "")
    return read_definition(reading, target, element) if target is not None else None


def _complex(reading: Reading, found: xml.Element, element: xml.Element) -> tuple[ComplexBehavior, ...]:
    behaviors: list[ComplexBehavior] = []
    for item in xml.children(found, "complexBehaviorDefinition"):
        condition, event = expression(xml.child(item, "condition")), xml.child(item, "event")
        if condition is None:
            continue
        definitions = [] if event is None else [read_definition(reading, part, element) for part in event]
        behaviors.append(ComplexBehavior(condition, next((one for one in definitions if one is not None), None)))
    return tuple(behaviors)
