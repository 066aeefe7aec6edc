"""Random models with everything BPMN offers: events of all kinds, calls, transactions, compensation, handlers, jobs.

What happens to a case is told by its variables: `flag` (boolean) and `noted` (0 to 9); messages are named like the
process and the node and carry its `case`; all signals are called `alarm`, all errors `bad`, all escalations `slow`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from .random_models import Block, Draw, deploy_around

ROOTS = '<signal id="sig" name="alarm"/><error id="err" errorCode="bad"/><escalation id="esc" escalationCode="slow"/>'
SIGNAL = '<signalEventDefinition signalRef="sig"/>'
ERROR = '<errorEventDefinition errorRef="err"/>'
ESCALATION = '<escalationEventDefinition escalationRef="esc"/>'
CONDITION = "<conditionalEventDefinition><condition>flag = true</condition></conditionalEventDefinition>"
CANCEL = "<cancelEventDefinition/>"
TERMINATE = "<terminateEventDefinition/>"
UNDO = "<compensateEventDefinition/>"
TWICE = "<multiInstanceLoopCharacteristics {}><loopCardinality>2</loopCardinality>{}</multiInstanceLoopCharacteristics>"
FIRST_DECIDES = "<completionCondition>numberOfCompletedInstances &gt;= 1</completionCondition>"
HANDLER = (
    '<extensionElements><school:handler name="{}" retries="1"><school:input name="n" value="{}"/></school:handler>'
    "</extensionElements>"
)
_numbers = itertools.count(1)

LEAVES: tuple[Block, ...] = (
    *(("task",), ("task",), ("timed",), ("limited",), ("hurried",), ("order",), ("turns",), ("call",)),
    *(("sign", "all"), ("sign", "any"), ("sign", 'ratio" value="0.5')),
    *(("waits",), ("hears",), ("until",), ("event_choice",), ("told", "true"), ("told", "false"), ("flagged", "true")),
    *(("flagged", "false"), ("works",), ("works",), ("job",), ("link",), ("twice",), ("automatic",), ("repeated",)),
    *(("script",), ("receives",), ("tried",)),
)
AROUND: dict[str, int] = {
    **dict.fromkeys(("seq", "par", "or", "inclusive", "exclusive", "complex"), 2),
    **dict.fromkeys(("sub", "watched", "many", "each", "again", "loop", "first", "errs", "caught", "escalates"), 1),
    **dict.fromkeys(("stopped", "guarded", "transaction", "undoes", "calls", "terminates", "reset", "beside"), 1),
}


CHOSEN = (*LEAVES, ("chosen", "Parallel"), ("chosen", "Sequential"))
"""Also ad-hoc sub-processes in which people choose what begins."""


def random_events_block(rng: Random, depth: int, leaves: Sequence[Block] = LEAVES) -> Block:
    """Any block, three in ten a leaf."""
    if depth == 0 or rng.random() < 0.3:
        return rng.choice(leaves)
    kind = rng.choice(["seq", "seq", "par", *AROUND])
    inner = tuple(random_events_block(rng, depth - 1, leaves) for _ in range(AROUND[kind]))
    if kind in ("stopped", "guarded"):
        return (kind, *inner, rng.choice(list(EVENTS)), rng.random() < 0.5)
    return (kind, *inner)


EVENTS: dict[str, Callable[[EventDraw, str], str]] = {
    "message": lambda draw, node: draw.message(node),
    "timer": lambda draw, node: draw.timer("PT4H"),
    "signal": lambda draw, node: SIGNAL,
    "conditional": lambda draw, node: CONDITION,
    "cycle": lambda draw, node: "<timerEventDefinition><timeCycle>R3/PT2H</timeCycle></timerEventDefinition>",
}


class EventDraw(Draw):
    """Writes the blocks of `AROUND` and `LEAVES`. `roots`: messages; `processes`: what calls call."""

    def __init__(self, world: Any, key: str) -> None:
        super().__init__(world)
        self.key = key
        self.roots: list[str] = []
        self.processes: list[tuple[str, str]] = []

    def message(self, node: str) -> str:
        """A definition of a message of that node's own, for this case."""
        self.roots.append(f'<message id="m_{node}" name="{self.key}.{node}"/>')
        return f'<messageEventDefinition messageRef="m_{node}"/>'

    def timer(self, text: str) -> str:
        return f"<timerEventDefinition><timeDuration>{text}</timeDuration></timerEventDefinition>"

    def keyed(self, node: str, event: str) -> str:
        """The content of an event; a message's with the key of this case."""
        key = '<extensionElements><school:key name="case" value="=case"/></extensionElements>'
        return (key if "message" in event else "") + event

    def catch(self, event: Callable[[str], str]) -> tuple[str, str, str]:
        key = self.name("w")
        content = self.keyed(key, event(key))
        return f'<intermediateCatchEvent id="{key}">{content}</intermediateCatchEvent>', key, key

    def throw(self, content: str) -> tuple[str, str]:
        key = self.name("h")
        return f'<intermediateThrowEvent id="{key}">{content}</intermediateThrowEvent>', key

    def merge(self) -> tuple[str, str]:
        key = self.name("x")
        return f'<exclusiveGateway id="{key}"/>', key

    def beside(self, host: str, event: Callable[[str], str], *, interrupts: bool) -> tuple[str, str, str]:
        """(xml, last node) of a boundary event with a task behind it; its id comes last."""
        key = self.name("b")
        side, side_key, _ = self._task()
        word = "true" if interrupts else "false"
        xml = (
            f'<boundaryEvent id="{key}" attachedToRef="{host}" cancelActivity="{word}">'
            f"{self.keyed(key, event(key))}</boundaryEvent>{side}{self.flow(key, side_key)}"
        )
        return xml, side_key, key

    def left_by(self, xml: str, host: str, event: Callable[[str], str], *, interrupts: bool) -> tuple[str, str, str]:
        """An activity with a boundary event: both ways meet when it interrupts, else its way ends by itself."""
        beside, side, _ = self.beside(host, event, interrupts=interrupts)
        if not interrupts:
            return xml + beside, host, host
        out, out_key = self.merge()
        return xml + beside + out + self.flow(host, out_key) + self.flow(side, out_key), host, out_key

    def service(self, handler: str = "works", more: str = "", attributes: str = "") -> tuple[str, str, str]:
        key = self.name("v")
        inside = HANDLER.format(handler, f"{self.key}.{key}") + more
        return f'<serviceTask id="{key}" {attributes}>{inside}</serviceTask>', key, key

    def undoable(self) -> tuple[str, str, str]:
        """A handler that another handler undoes."""
        xml, key, _ = self.service()
        event, link = self.name("b"), self.name("l")
        undo, undo_key, _ = self.service("unworks", attributes='isForCompensation="true"')
        xml += f'<boundaryEvent id="{event}" attachedToRef="{key}">{UNDO}</boundaryEvent>{undo}'
        return f'{xml}<association id="{link}" sourceRef="{event}" targetRef="{undo_key}"/>', key, key

    def undoable_task(self) -> tuple[str, str, str]:
        """A task that another task undoes."""
        xml, key, _ = self._task()
        event, link = self.name("b"), self.name("l")
        undo, undo_key, _ = self._task()
        undo = undo.replace("<userTask ", '<userTask isForCompensation="true" ')
        xml += f'<boundaryEvent id="{event}" attachedToRef="{key}">{UNDO}</boundaryEvent>{undo}'
        return f'{xml}<association id="{link}" sourceRef="{event}" targetRef="{undo_key}"/>', key, key

    def body(self, inner: tuple[str, str, str], end: str = "") -> str:
        """Start, the inside, and an end; with `end`: that event where `noted` is above 6."""
        xml, first, last = inner
        start, stop = self.name("s"), self.name("e")
        text = f'<startEvent id="{start}"/>{xml}{self.flow(start, first)}<endEvent id="{stop}"/>'
        if not end:
            return text + self.flow(last, stop)
        split, special, plain = self.name("x"), self.name("e"), self.name("f")
        text += f'<exclusiveGateway id="{split}" default="{plain}"/><endEvent id="{special}">{end}</endEvent>'
        text += f'<sequenceFlow id="{plain}" sourceRef="{split}" targetRef="{stop}"/>'
        return text + self.flow(last, split) + self.flow(split, special, "noted &gt; 6")

    def _waits(self) -> tuple[str, str, str]:
        return self.catch(self.message)

    def _hears(self) -> tuple[str, str, str]:
        return self.catch(lambda node: SIGNAL)

    def _until(self) -> tuple[str, str, str]:
        return self.catch(lambda node: CONDITION)

    def _event_choice(self) -> tuple[str, str, str]:
        gate = self.name("g")
        xml, out = self.merge()
        xml += f'<eventBasedGateway id="{gate}"/>'
        for kind in ("message", "timer", "signal", "conditional"):
            caught, key, _ = self.catch(lambda node, kind=kind: EVENTS[kind](self, node))
            after, task, _ = self._task()
            xml += caught + after + self.flow(gate, key) + self.flow(key, task) + self.flow(task, out)
        return xml, gate, out

    def _told(self, interrupts: str) -> tuple[str, str, str]:
        xml, key, _ = self._task()
        return self.left_by(xml, key, self.message, interrupts=interrupts == "true")

    def _flagged(self, interrupts: str) -> tuple[str, str, str]:
        xml, key, _ = self._task()
        return self.left_by(xml, key, lambda node: CONDITION, interrupts=interrupts == "true")

    def _works(self) -> tuple[str, str, str]:
        return self.undoable()

    def _tried(self) -> tuple[str, str, str]:
        """A handler whose error is caught where it happens."""
        xml, key, _ = self.service()
        return self.left_by(xml, key, lambda node: ERROR, interrupts=True)

    def _job(self) -> tuple[str, str, str]:
        key = self.name("j")
        work = '<extensionElements><school:job type="report" retries="2"/></extensionElements>'
        return self.left_by(f'<serviceTask id="{key}">{work}</serviceTask>', key, lambda node: ERROR, interrupts=True)

    def _receives(self) -> tuple[str, str, str]:
        key = self.name("w")
        self.message(key)
        keyed = '<extensionElements><school:key name="case" value="=case"/></extensionElements>'
        return f'<receiveTask id="{key}" messageRef="m_{key}">{keyed}</receiveTask>', key, key

    def _script(self) -> tuple[str, str, str]:
        key = self.name("a")
        text = "{noted: if noted = null then 1 else noted + 1}"
        return f'<scriptTask id="{key}"><script>{text}</script></scriptTask>', key, key

    def _link(self) -> tuple[str, str, str]:
        throw, catch = self.name("h"), self.name("w")
        link = f'<linkEventDefinition name="{throw}"/>'
        xml = f'<intermediateThrowEvent id="{throw}">{link}</intermediateThrowEvent>'
        return xml + f'<intermediateCatchEvent id="{catch}">{link}</intermediateCatchEvent>', throw, catch

    def _twice(self) -> tuple[str, str, str]:
        """One task gives two tokens, the next but one takes two."""
        give, first, _ = self._task()
        between, middle, _ = self._task()
        take, last, _ = self._task()
        give = give.replace("<userTask ", '<userTask completionQuantity="2" ')
        take = take.replace("<userTask ", '<userTask startQuantity="2" ')
        return give + between + take + self.flow(first, middle) + self.flow(middle, last), first, last

    def _automatic(self) -> tuple[str, str, str]:
        """Handlers in no order of their own."""
        key = self.name("p")
        inside = "".join(self.service()[0] for _ in range(2))
        return f'<adHocSubProcess id="{key}" ordering="Sequential">{inside}</adHocSubProcess>', key, key

    def _chosen(self, ordering: str) -> tuple[str, str, str]:
        """People choose which task begins, and whether both do."""
        key = self.name("p")
        inside = "".join(self._task()[0] for _ in range(2))
        done = "<completionCondition>numberOfCompletedActivities &gt; 1</completionCondition>"
        return f'<adHocSubProcess id="{key}" ordering="{ordering}">{inside}{done}</adHocSubProcess>', key, key

    def _repeated(self) -> tuple[str, str, str]:
        """A handler twice at once, each time undone by itself."""
        xml, key, _ = self.undoable()
        return xml.replace("</serviceTask>", TWICE.format("", "") + "</serviceTask>", 1), key, key

    def _exclusive(self, one: Block, two: Block) -> tuple[str, str, str]:
        return self._split("exclusiveGateway", one, two)

    def _inclusive(self, one: Block, two: Block) -> tuple[str, str, str]:
        return self._split("inclusiveGateway", one, two)

    def _split(self, kind: str, one: Block, two: Block) -> tuple[str, str, str]:
        """One way where `noted` is above 3, the other below 7, both between; the default when nothing is noted."""
        split, join, other = self.name("g"), self.name("g"), self.name("f")
        a, a_in, a_out = self.block(one)
        b, b_in, b_out = self.block(two)
        xml = f'<{kind} id="{split}" default="{other}"/><{kind} id="{join}"/>{a}{b}'
        xml += self.flow(split, a_in, "noted &gt; 3") + self.flow(split, b_in, "noted &lt; 7")
        xml += f'<sequenceFlow id="{other}" sourceRef="{split}" targetRef="{join}"/>'
        return xml + self.flow(a_out, join) + self.flow(b_out, join), split, join

    def _complex(self, one: Block, two: Block) -> tuple[str, str, str]:
        """Goes on after two of three branches; the third is absorbed."""
        split, join = self.name("g"), self.name("g")
        xml = (
            f'<parallelGateway id="{split}"/><complexGateway id="{join}"><activationCondition>activationCount &gt;= 2'
            "</activationCondition></complexGateway>"
        )
        for inner in (one, two, ("task",)):
            text, first, last = self.block(inner)
            xml += text + self.flow(split, first) + self.flow(last, join)
        return self._wrapped_through(xml, split, join)

    def _wrapped_through(self, xml: str, first: str, last: str) -> tuple[str, str, str]:
        return self._sub_of(self.body((xml, first, last)))

    def _first(self, inner: Block) -> tuple[str, str, str]:
        """A sub-process twice at once; the first that is done decides."""
        return self._sub_of(self.body(self.block(inner)) + TWICE.format("", FIRST_DECIDES))

    def _errs(self, inner: Block) -> tuple[str, str, str]:
        xml, key, _ = self._sub_of(self.body(self.block(inner), ERROR))
        return self.left_by(xml, key, lambda node: ERROR, interrupts=True)

    def _caught(self, inner: Block) -> tuple[str, str, str]:
        """An event sub-process takes the error."""
        start, handler = self.name("s"), self.name("q")
        aside, task, _ = self._task()
        event = (
            f'<subProcess id="{handler}" triggeredByEvent="true"><startEvent id="{start}">{ERROR}</startEvent>'
            f"{aside}{self.flow(start, task)}</subProcess>"
        )
        return self._sub_of(self.body(self.block(inner), ERROR) + event)

    def _escalates(self, inner: Block) -> tuple[str, str, str]:
        """Something is escalated on the way; whoever is told does not stop it."""
        throw, key = self.throw(ESCALATION)
        xml, first, last = self.block(inner)
        sub, sub_key, _ = self._sub_of(self.body((throw + xml + self.flow(key, first), key, last), ESCALATION))
        return self.left_by(sub, sub_key, lambda node: ESCALATION, interrupts=False)

    def _stopped(self, inner: Block, kind: str, interrupts: bool) -> tuple[str, str, str]:
        """A sub-process with an event sub-process."""
        start, handler = self.name("s"), self.name("q")
        aside, task, _ = self._task()
        word = "true" if interrupts else "false"
        event = (
            f'<subProcess id="{handler}" triggeredByEvent="true"><startEvent id="{start}" isInterrupting="{word}">'
            f"{self.keyed(start, EVENTS[kind](self, start))}</startEvent>{aside}{self.flow(start, task)}</subProcess>"
        )
        return self._sub_of(self.body(self.block(inner)) + event)

    def _guarded(self, inner: Block, kind: str, interrupts: bool) -> tuple[str, str, str]:
        """A sub-process with a boundary event."""
        xml, key, _ = self._sub_of(self.body(self.block(inner)))
        return self.left_by(xml, key, lambda node: EVENTS[kind](self, node), interrupts=interrupts)

    def _transaction(self, inner: Block) -> tuple[str, str, str]:
        """What was done in it is undone when it is cancelled."""
        key = self.name("p")
        done, first, between = self.undoable_task() if next(self.count) % 2 else self.undoable()
        xml, inner_first, last = self.block(inner)
        text = self.body((done + xml + self.flow(between, inner_first), first, last), CANCEL)
        return self.left_by(f'<transaction id="{key}">{text}</transaction>', key, lambda node: CANCEL, interrupts=True)

    def _undoes(self, inner: Block) -> tuple[str, str, str]:
        """A sub-process whose work is undone right behind it."""
        done, first, between = self.undoable_task() if next(self.count) % 2 else self.undoable()
        xml, inner_first, last = self.block(inner)
        sub, key, _ = self._sub_of(self.body((done + xml + self.flow(between, inner_first), first, last)))
        throw, throw_key = self.throw(f'<compensateEventDefinition activityRef="{key}"/>')
        return sub + throw + self.flow(key, throw_key), key, throw_key

    def _calls(self, inner: Block) -> tuple[str, str, str]:
        """A process of its own, which may end with an error."""
        key = self.name("c")
        called = f"{self.key}_{key}"
        self.processes.append((called, self.body(self.block(inner), ERROR)))
        xml = f'<callActivity id="{key}" calledElement="{called}"/>'
        return self.left_by(xml, key, lambda node: ERROR, interrupts=True)

    def _terminates(self, inner: Block) -> tuple[str, str, str]:
        """Whoever is done first ends the sub-process."""
        start, split, one, two = self.name("s"), self.name("g"), self.name("e"), self.name("e")
        xml, first, last = self.block(inner)
        beside, task, _ = self._task()
        text = (
            f'<startEvent id="{start}"/><parallelGateway id="{split}"/>{xml}{beside}<endEvent id="{one}"/>'
            f'<endEvent id="{two}">{TERMINATE}</endEvent>{self.flow(start, split)}{self.flow(split, first)}'
            f"{self.flow(split, task)}{self.flow(last, one)}{self.flow(task, two)}"
        )
        return self._sub_of(text)

    def _reset(self, inner: Block) -> tuple[str, str, str]:
        """Back to the beginning while much is noted; each round notes less."""
        merge, split, out, other = self.name("x"), self.name("x"), self.name("x"), self.name("f")
        less, less_key = self.name("a"), self.name("a")
        xml, first, last = self.block(inner)
        gates = (
            f'<exclusiveGateway id="{merge}"/><exclusiveGateway id="{split}" default="{other}"/><exclusiveGateway '
            f'id="{out}"/><sequenceFlow id="{other}" sourceRef="{split}" targetRef="{out}"/>'
            f'<scriptTask id="{less}"><script>{{noted: 2}}</script></scriptTask><task id="{less_key}"/>'
        )
        ways = self.flow(merge, first) + self.flow(last, split) + self.flow(split, less, "noted &gt; 7")
        return gates + xml + ways + self.flow(less, less_key) + self.flow(less_key, merge), merge, out

    def _beside(self, inner: Block) -> tuple[str, str, str]:
        """A signal is thrown beside what goes on."""
        split, join = self.name("g"), self.name("g")
        xml, first, last = self.block(inner)
        throw, key = self.throw(SIGNAL)
        task, task_key, _ = self._task()
        gates = f'<parallelGateway id="{split}"/><parallelGateway id="{join}"/>'
        ways = self.flow(split, first) + self.flow(last, join) + self.flow(split, task_key)
        return gates + xml + task + throw + ways + self.flow(task_key, key) + self.flow(key, join), split, join


def deploy_events(world: Any, block: Block) -> tuple[str, str]:
    """Like `random_models.deploy`: the key of the process, and a newer version of it."""
    key = f"events{next(_numbers)}"
    draw = EventDraw(world, key)
    around = draw.block(block)
    return deploy_around(world, draw, key, around, roots=ROOTS + "".join(draw.roots), bodies=draw.processes)
