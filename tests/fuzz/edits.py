"""What may happen to a document: one change for six bytes.

A change is told by what to do, where (two bytes), with which other part or text (two bytes), and which attribute.
"""

import re
from collections.abc import Callable
from copy import deepcopy

from lxml import etree

Element = etree._Element
MODEL = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DEEPEST = 60
_DRAWING = re.compile(r"/(DI|DC|BPMNDI|DMNDI)[/}]|/DI/")
TEXTS = (
    "", "${a", "=x +", "R/PT1H", "R-1/2026-99-01/P1M", "1e999999999", "null", "[1..", "P99999Y", "PT0S", "true", "a.b",
    "not(1)", "for i in 1..100000 return i", "&amp;#0;", "校长", "x" * 3_000, "-1", "9" * 40, "#", "t:", ":", "{f: f}",
)  # fmt: skip
KINDS = (
    "task", "userTask", "scriptTask", "serviceTask", "receiveTask", "callActivity", "subProcess", "transaction",
    "adHocSubProcess", "exclusiveGateway", "parallelGateway", "inclusiveGateway", "complexGateway", "eventBasedGateway",
    "startEvent", "endEvent", "intermediateThrowEvent", "intermediateCatchEvent", "boundaryEvent",
)  # fmt: skip
EVENTS = (
    "message",
    "timer",
    "error",
    "signal",
    "link",
    "compensate",
    "terminate",
    "conditional",
    "escalation",
    "cancel",
)
CONDITIONS = ("true", "x > 1", "n = null", "loopCounter < 3", "2", "0", "y", "[1, 2]")


def edit(root: Element, step: bytes) -> None:
    """Make one change; one that makes no sense here changes nothing."""
    parts = [part for part in root.iter("*") if part is not root and not _DRAWING.search(part.tag)]
    if not parts:
        return
    one = parts[(step[1] * 256 + step[2]) % len(parts)]
    other = step[3] * 256 + step[4]
    what = step[0] % len(_SMALL) if step[0] < 128 else len(_SMALL) + step[0] % len(_LARGE)
    (*_SMALL, *_LARGE)[what](one, parts[other % len(parts)], other, step[5])


def _remove(one: Element, two: Element, other: int, which: int) -> None:
    above = one.getparent()
    if above is not None:
        above.remove(one)


def _retag(one: Element, two: Element, other: int, which: int) -> None:
    one.tag = two.tag


def _mix(one: Element, two: Element, other: int, which: int) -> None:
    """An attribute gets the value of one of another part."""
    if one.attrib and two.attrib:
        names, values = sorted(one.attrib), two.attrib.values()
        one.set(names[which % len(names)], values[which % len(values)])


def _copy(one: Element, two: Element, other: int, which: int) -> None:
    one.append(deepcopy(two))


def _say(one: Element, two: Element, other: int, which: int) -> None:
    one.text = TEXTS[other % len(TEXTS)]


def _set(one: Element, two: Element, other: int, which: int) -> None:
    if one.attrib:
        one.set(sorted(one.attrib)[which % len(one.attrib)], TEXTS[other % len(TEXTS)])


def _unset(one: Element, two: Element, other: int, which: int) -> None:
    if one.attrib:
        del one.attrib[sorted(one.attrib)[which % len(one.attrib)]]


def _swap_ids(one: Element, two: Element, other: int, which: int) -> None:
    if one.get("id") and two.get("id"):
        first, second = str(one.get("id")), str(two.get("id"))
        one.set("id", second)
        two.set("id", first)


def _move(one: Element, two: Element, other: int, which: int) -> None:
    if one is not two and one not in two.iterancestors():
        two.append(one)


def _connect(one: Element, two: Element, other: int, which: int) -> None:
    """A further sequence flow, with or without a condition."""
    above = one.getparent()
    if above is not None and one.get("id") and two.get("id"):
        ends = {"sourceRef": str(one.get("id")), "targetRef": str(two.get("id"))}
        flow = etree.SubElement(above, f"{MODEL}sequenceFlow", {"id": f"flow{len(above)}", **ends})
        if which % 2:
            etree.SubElement(flow, f"{MODEL}conditionExpression").text = CONDITIONS[which % len(CONDITIONS)]


def _nest(one: Element, two: Element, other: int, which: int) -> None:
    """Into one sub-process, or into very many."""
    above = one.getparent()
    if above is None or not one.tag.startswith(MODEL):
        return
    outer = etree.Element(f"{MODEL}subProcess", id=f"deep{other}")
    above.replace(one, outer)
    for level in range(0 if which < 200 else DEEPEST):
        outer = etree.SubElement(outer, f"{MODEL}subProcess", id=f"deep{other}_{level}")
    outer.append(one)


def _attach(one: Element, two: Element, other: int, which: int) -> None:
    """A boundary event that leads somewhere."""
    above = one.getparent()
    if above is None or not one.get("id") or not two.get("id"):
        return
    own = f"event{len(above)}"
    kind = EVENTS[which % len(EVENTS)]
    ends = {"attachedToRef": str(one.get("id")), "cancelActivity": "true" if which % 2 else "false"}
    event = etree.SubElement(above, f"{MODEL}boundaryEvent", {"id": own, **ends})
    definition = etree.SubElement(event, f"{MODEL}{kind}EventDefinition")
    inside = {"timer": ("timeDuration", "PT1H"), "conditional": ("condition", CONDITIONS[which % len(CONDITIONS)])}
    if kind in inside:
        name, text = inside[kind]
        etree.SubElement(definition, f"{MODEL}{name}").text = text
    etree.SubElement(
        above, f"{MODEL}sequenceFlow", {"id": f"{own}f", "sourceRef": own, "targetRef": str(two.get("id"))}
    )


def _repeat(one: Element, two: Element, other: int, which: int) -> None:
    text = CONDITIONS[other % len(CONDITIONS)]
    if which % 3 == 0:
        loop = etree.SubElement(one, f"{MODEL}standardLoopCharacteristics", loopMaximum="3")
        etree.SubElement(loop, f"{MODEL}loopCondition").text = text
        return
    several = etree.SubElement(
        one, f"{MODEL}multiInstanceLoopCharacteristics", isSequential=str(which % 2 == 0).lower()
    )
    etree.SubElement(several, f"{MODEL}loopCardinality").text = "2"
    etree.SubElement(several, f"{MODEL}completionCondition").text = text


def _become(one: Element, two: Element, other: int, which: int) -> None:
    """Another kind of node, or an event of another kind."""
    if which % 4:
        one.tag = f"{MODEL}{KINDS[other % len(KINDS)]}"
    else:
        etree.SubElement(one, f"{MODEL}{EVENTS[other % len(EVENTS)]}EventDefinition")


Change = Callable[[Element, Element, int, int], None]
_SMALL: tuple[Change, ...] = (_remove, _retag, _mix, _copy, _say, _set, _unset)
_LARGE: tuple[Change, ...] = (_swap_ids, _move, _connect, _nest, _attach, _repeat, _become)
