"""The table of events of BPMN 2.0.2 (10.5.2 to 10.5.6): which definition may stand where, in every kind of scope."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from engine.workflow.embed.instance import Instance
from tests.unit.workflow.driver import CheckedEngine, documents, flows
from tests.unit.workflow.interpreter.matrix import CONDITION, PARALLEL, SEQUENTIAL, TWICE
from tests.unit.workflow.interpreter.pieces import (
    CANCEL,
    ERROR,
    ESCALATION,
    HOUR,
    HOURS,
    MESSAGE,
    ROOTS,
    SIGNAL,
    TERMINATE,
    UNDO,
    boundary,
    undoes,
)

START = '<startEvent id="is"/>'
LINK = '<linkEventDefinition name="far"/>'
DEFINITIONS = {
    "none": "",
    "message": MESSAGE,
    "timer": HOUR,
    "error": ERROR,
    "escalation": ESCALATION,
    "signal": SIGNAL,
    "conditional": CONDITION,
    "compensation": UNDO,
    "link": LINK,
    "cancel": CANCEL,
    "terminate": TERMINATE,
    "multiple": MESSAGE + SIGNAL,
    "parallel": MESSAGE + SIGNAL,
}
WAITED = frozenset({"message", "timer", "conditional", "signal", "multiple", "parallel"})
STAYING = WAITED | {"escalation"}
HANDLED = STAYING | {"error", "compensation"}
THROWN = frozenset({"none", "message", "escalation", "signal", "compensation", "multiple"})
ALLOWED: Mapping[str, frozenset[str]] = {
    "catch": WAITED | {"link"},
    "gateway": WAITED,
    "boundary": HANDLED | {"cancel"},
    "boundary_staying": STAYING,
    "handler": HANDLED,
    "handler_staying": STAYING,
    "throw": THROWN | {"link"},
    "end": THROWN | {"error", "cancel", "terminate"},
}
STARTS = (WAITED | {"none"}, frozenset({"none"}))
"""What may start a process, and a sub-process (10.5.2)."""
"""Behind an event gateway a parallel multiple event is one of its choices as any multiple one is (10.6.6)."""


def event(tag: str, kind: str, attributes: str = "") -> str:
    """The event `e`."""
    more = ' parallelMultiple="true"' if kind == "parallel" else ""
    return f'<{tag} id="e" {attributes}{more}>{DEFINITIONS[kind]}</{tag}>'


def position(place: str, kind: str) -> str:
    """The body of a scope with the event there; behind it comes `hit`, where anything comes behind it."""
    inside = _PLACES[place](kind)
    return START + inside + ("" if 'id="hit"' in inside else '<task id="hit"/>')


def _catch(kind: str) -> str:
    if kind == "link":
        thrown = f'<intermediateThrowEvent id="far">{LINK}</intermediateThrowEvent>'
        return thrown + event("intermediateCatchEvent", kind) + flows("is -> far; e -> hit")
    return event("intermediateCatchEvent", kind) + flows("is -> e -> hit")


def _gateway(kind: str) -> str:
    other = '<intermediateCatchEvent id="r"><messageEventDefinition messageRef="m2"/></intermediateCatchEvent>'
    inside = '<eventBasedGateway id="g"/>' + other
    return inside + event("intermediateCatchEvent", kind) + flows("is -> g -> e -> hit; g -> r")


def _boundary(kind: str, *, stays: bool = False) -> str:
    attributes = 'attachedToRef="w"' + (' cancelActivity="false"' if stays else "")
    if kind == "compensation":
        undo = '<task id="hit" isForCompensation="true"/><association id="l" sourceRef="e" targetRef="hit"/>'
        throw = f'<intermediateThrowEvent id="th">{UNDO}</intermediateThrowEvent>' + flows("is -> w -> th")
        return f'<task id="w"/>{undo}{throw}{event("boundaryEvent", kind, attributes)}'
    host = '<userTask id="w"/>'
    if kind == "cancel":
        host = f'<transaction id="w"><startEvent id="ws"/><endEvent id="we">{CANCEL}</endEvent>{flows("ws -> we")}'
        host += "</transaction>"
    return host + event("boundaryEvent", kind, attributes) + flows("is -> w; e -> hit")


def _handler(kind: str, *, stays: bool = False) -> str:
    start = event("startEvent", kind, 'isInterrupting="false"' if stays else "")
    inside = f'<subProcess id="h" triggeredByEvent="true">{start}<task id="hit"/>{flows("e -> hit")}</subProcess>'
    if kind != "compensation":
        return f'<userTask id="w"/>{inside}' + flows("is -> w")
    scope = f'<subProcess id="y"><startEvent id="ys"/><task id="a"/>{inside}{flows("ys -> a")}</subProcess>'
    throw = f'<intermediateThrowEvent id="th">{UNDO}</intermediateThrowEvent>'
    return scope + throw + flows("is -> y -> th")


def _throw(kind: str) -> str:
    thrown = event("intermediateThrowEvent", kind)
    if kind == "link":
        return f'{thrown}<intermediateCatchEvent id="near">{LINK}</intermediateCatchEvent>' + flows(
            "is -> e; near -> hit"
        )
    return f'<task id="a"/>{undoes("a")}{thrown}' + flows("is -> a -> e -> hit")


def _end(kind: str) -> str:
    return f'<task id="a"/>{undoes("a")}{event("endEvent", kind)}' + flows("is -> a -> hit -> e")


_PLACES: Mapping[str, Callable[[str], str]] = {
    "catch": _catch,
    "gateway": _gateway,
    "boundary": _boundary,
    "boundary_staying": lambda kind: _boundary(kind, stays=True),
    "handler": _handler,
    "handler_staying": lambda kind: _handler(kind, stays=True),
    "throw": _throw,
    "end": _end,
}


@dataclass(frozen=True, slots=True)
class Frame:
    """A scope around the body: `wrap` makes the process of it; `items`: how often the body runs."""

    wrap: Callable[[str], str]
    items: int = 1


def _inside(tag: str, more: str = "") -> Callable[[str], str]:
    def wrap(body: str) -> str:
        caught = (
            boundary("ub", "x", ERROR) + '<task id="out"/>' + (boundary("cb", "x", CANCEL) * (tag == "transaction"))
        )
        ways = flows("s -> x -> z; ub -> out") + (flows("cb -> out") if tag == "transaction" else "")
        return f'<startEvent id="s"/><{tag} id="x">{more}{body}</{tag}><task id="z"/>{caught}{ways}'

    return wrap


def _begun(body: str) -> str:
    begins = '<startEvent id="is" isInterrupting="false"><signalEventDefinition signalRef="begin"/></startEvent>'
    inside = f'<subProcess id="x" triggeredByEvent="true">{body.replace(START, begins)}</subProcess>'
    return f'<startEvent id="s"/><userTask id="t"/>{inside}' + flows("s -> t")


def _called(body: str) -> str:
    caller = f'<callActivity id="x" calledElement="q"/>{boundary("ub", "x", ERROR)}<task id="out"/><task id="z"/>'
    ways = flows("s -> x -> z; ub -> out")
    return f'<startEvent id="s"/>{caller}{ways}</process><process id="q" isExecutable="true">{body}'


FRAMES: Mapping[str, Frame] = {
    "process": Frame(lambda body: body),
    "subProcess": Frame(_inside("subProcess")),
    "transaction": Frame(_inside("transaction")),
    "adHoc": Frame(lambda body: _inside("adHocSubProcess")(body.replace(START, '<task id="is"/>'))),
    "adHocAround": Frame(lambda body: _inside("adHocSubProcess")(f'<subProcess id="y0">{body}</subProcess>')),
    "eventSubProcess": Frame(_begun),
    "parallelItems": Frame(_inside("subProcess", PARALLEL), 2),
    "sequentialItems": Frame(_inside("subProcess", SEQUENTIAL), 2),
    "loop": Frame(_inside("subProcess", TWICE), 2),
    "called": Frame(_called),
}


def source(frame: str, body: str) -> str:
    """The document of the body in its frame."""
    process = f'<process id="p" isExecutable="true">{FRAMES[frame].wrap(body)}</process>'
    return documents(ROOTS, '<signal id="begin" name="begin"/>', process)


def cells(place: str, kind: str) -> Iterator[str]:
    """The frames in which the event may stand there."""
    for frame in FRAMES:
        if frame == "adHoc" and place == "end":
            continue
        if place == "end" and kind == "cancel" and frame != "transaction":
            continue
        yield frame


class Case:
    """A running cell: everything is done in whichever instance it is open."""

    def __init__(self, engine: CheckedEngine, instance: Instance) -> None:
        self.engine, self.instance = engine, instance

    def begin(self) -> None:
        """What people or signals begin: the event sub-process around, steps of an ad-hoc sub-process."""
        if "is" not in self.engine.trace("entered"):
            self.engine.signal("begin")
        for _, element in self.instance.enabled():
            if element in {"is", "y0"} and element not in self.instance.trace("entered"):
                self.instance.begin(element)

    def trigger(self, kind: str) -> None:
        """Let the event happen once."""
        if kind in {"message", "parallel"}:
            self.engine.correlate("go")
        if kind in {"signal", "multiple", "parallel"}:
            self.engine.signal("alarm")
        if kind == "timer":
            self.engine.advance_time(HOURS)
        for one in self._running() if kind == "conditional" else ():
            one.set_variables(hot=True)
            if not one.is_ended:
                one.set_variables(hot=False)
        for one in self._working()[:1] if kind in {"error", "escalation"} else ():
            getattr(one, f"throw_{kind}")("w", "bad" if kind == "error" else "slow")

    def work(self, *, most: int) -> None:
        """Complete the oldest tasks `w`."""
        for one in self._working()[:most]:
            one.complete("w")

    def _running(self) -> list[Instance]:
        return [one for one in self.engine.instances.values() if not one.is_ended]

    def _working(self) -> list[Instance]:
        return [one for one in self._running() for task in one.tasks if task.element == "w"]

    def count(self, element: str, kind: str = "completed") -> int:
        """How often that happened, in all instances."""
        return self.engine.trace(kind).count(element)


def start(frame: str, body: str) -> Case:
    """The cell, started."""
    engine = CheckedEngine()
    engine.deploy(source(frame, body))
    return Case(engine, engine.start("p"))
