"""Each cell of the table of events: what BPMN allows happens once per scope, what it forbids is a finding (10.5)."""

from __future__ import annotations

import pytest

from engine.workflow.bpmn.compiler import load
from engine.workflow.gate import Surroundings, check
from tests.unit.workflow.driver import flows
from tests.unit.workflow.interpreter.table_of_events import (
    ALLOWED,
    DEFINITIONS,
    FRAMES,
    STARTS,
    Case,
    cells,
    event,
    position,
    source,
    start,
)

PAIRS = [(place, kind) for place, kinds in ALLOWED.items() for kind in DEFINITIONS if kind in kinds]
FORBIDDEN = [(place, kind) for place, kinds in ALLOWED.items() for kind in DEFINITIONS if kind not in kinds]
FORBIDDEN = [pair for pair in FORBIDDEN if pair not in {("throw", "parallel"), ("end", "parallel")}]
"""What is thrown is thrown together whatever `parallelMultiple` says: it is an attribute of catching events."""
SEVERAL = frozenset({"timer", "signal", "conditional", "multiple"})
"""What all that wait for it take at once."""


def ended(case: Case) -> bool:
    """Done, but for what the scope of an event sub-process is kept open by."""
    if case.instance.active == ["t"]:
        case.instance.complete("t")
    return all(one.is_ended for one in case.engine.instances.values())


@pytest.mark.parametrize(("place", "kind"), [pair for pair in PAIRS if pair[0] not in {"throw", "end"}])
def test_event_that_is_waited_for_happens_once_in_each_scope(place: str, kind: str) -> None:
    is_cut = place in {"boundary", "handler"} and kind != "compensation"
    for frame in cells(place, kind):
        case, items = start(frame, position(place, kind)), FRAMES[frame].items
        for _ in range(items):
            case.begin()
            case.trigger(kind)
            if place.endswith("staying"):
                case.work(most=items if kind in SEVERAL else 1)
        case.trigger(kind)
        assert case.count("hit") == items, (frame, case.engine.trace())
        assert case.count("e", "entered") == items or kind == "compensation", frame
        assert case.count("w", "cancelled") == (case.count("w", "entered") if is_cut else 0), frame
        assert ended(case), (frame, case.engine.trace(), case.instance.active)


THROWS = {"message": ["go"], "signal": ["alarm"], "multiple": ["go", "alarm"]}


@pytest.mark.parametrize(("place", "kind"), [pair for pair in PAIRS if pair[0] in {"throw", "end"}])
def test_event_that_throws_does_so_once_in_each_scope(place: str, kind: str) -> None:
    for frame in cells(place, kind):
        case, items = start(frame, position(place, kind)), FRAMES[frame].items
        case.begin()
        is_lost = kind == "error" and frame in {"process", "eventSubProcess"}
        hits = 2 if frame == "parallelItems" else 1 if kind == "error" else items
        items = 1 if kind == "error" else items
        assert [one.name for one in case.engine.sent] == THROWS.get(kind, []) * items, frame
        assert (case.count("e", "entered"), case.count("hit")) == (items, hits), (frame, case.engine.trace())
        assert case.count("u_a") == (items if kind in {"compensation", "cancel"} else 0), frame
        assert case.count("out") == (kind in {"error", "cancel"} and not is_lost), frame
        assert [one.code for one in case.instance.incidents] == ["error.uncaught"] * is_lost, frame
        assert is_lost or ended(case), (frame, case.engine.trace())


@pytest.mark.parametrize(("place", "kind"), FORBIDDEN)
def test_event_that_may_not_stand_there_is_a_finding(place: str, kind: str) -> None:
    for frame in ("process", "subProcess", "eventSubProcess", "adHoc"):
        assert said(place, kind, frame), frame


@pytest.mark.parametrize(("place", "kind"), PAIRS)
def test_event_that_may_stand_there_is_no_finding(place: str, kind: str) -> None:
    for frame in list(cells(place, kind))[:4]:
        assert said(place, kind, frame) == {}, frame


@pytest.mark.parametrize("kind", DEFINITIONS)
def test_event_that_may_start_a_process_or_a_sub_process_is_no_finding(kind: str) -> None:
    body = event("startEvent", kind) + '<userTask id="hit"/>' + flows("e -> hit")
    inside = f'<startEvent id="s"/><subProcess id="x">{body}</subProcess>' + flows("s -> x")
    for allowed, xml in zip(STARTS, (body, inside), strict=True):
        assert (told(source("process", xml)) == {}) is (kind in allowed)


def said(place: str, kind: str, frame: str) -> dict[str, str]:
    """What is told of the event there."""
    return told(source(frame, position(place, kind)))


def told(xml: str) -> dict[str, str]:
    """Severities of what reader and gate say about the event, with the rule."""
    library = load(xml)
    found = (*library.findings, *check(library, Surroundings(work_is_outside=True)))
    return {
        one.severity: one.rule
        for one in found
        if one.element_id == "e" and not one.rule.startswith(("thrown.", "shape."))
    }
