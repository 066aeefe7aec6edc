"""Random well-structured models: every fork has its join, so in any order of events the end is reached once."""

from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import strategies as st


@dataclass
class Builder:
    """Elements and flows of one process being drawn."""

    parts: dict[str, list[str]] = field(default_factory=dict)
    processes: list[str] = field(default_factory=list)
    number: int = 0
    only_simple: bool = False

    def add(self, scope: str, text: str) -> None:
        self.parts.setdefault(scope, []).append(text)

    def name(self, kind: str) -> str:
        self.number += 1
        return f"{kind}{self.number}"

    def flow(self, scope: str, source: str, target: str, condition: str = "") -> str:
        identity = self.name("f")
        body = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
        self.add(
            scope, f'<sequenceFlow id="{identity}" sourceRef="{source}" targetRef="{target}">{body}</sequenceFlow>'
        )
        return identity


SIMPLE = ["user", "script", "sequence", "exclusive", "parallel"]
ALL = [
    *(*SIMPLE, "inclusive", "loop", "sub", "timed", "multi", "catch", "handler", "undone"),
    *("failing", "escalating", "cancelled", "choice", "adhoc", "link", "quantity", "called", "functions"),
]


@st.composite
def models(draw: st.DrawFn, *, simple: bool = False) -> str:
    """The XML of a process `p` from start `s` to end `e`."""
    build = Builder(only_simple=simple)
    first, last = _block(draw, build, "p", draw(st.integers(1, 4)))
    build.add("p", '<startEvent id="s"/><endEvent id="e"/>')
    build.flow("p", "s", first)
    build.flow("p", last, "e")
    head = (
        '<?xml version="1.0"?><definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="defs" '
        'targetNamespace="x"><signal id="sig" name="alarm"/><error id="err" errorCode="bad"/>'
        '<escalation id="esc" escalationCode="slow"/>'
    )
    process = f'<process id="p" isExecutable="true">{"".join(build.parts["p"])}</process>'
    return f"{head}{process}{''.join(build.processes)}</definitions>"


def _block(draw: st.DrawFn, build: Builder, scope: str, depth: int) -> tuple[str, str]:
    kinds = SIMPLE if build.only_simple else ALL
    kind = draw(st.sampled_from(kinds if depth > 0 else ["user", "script"]))
    return _BLOCKS[kind](draw, build, scope, depth)


def _user(draw: st.DrawFn, build: Builder, scope: str, depth: int) -> tuple[str, str]:
    name = build.name("u")
    build.add(scope, f'<userTask id="{name}"/>')
    return name, name


def _script(draw: st.DrawFn, build: Builder, scope: str, depth: int) -> tuple[str, str]:
    name = build.name("a")
    build.add(scope, f'<task id="{name}"/>')
    return name, name


def _sequence(draw: st.DrawFn, build: Builder, scope: str, depth: int) -> tuple[str, str]:
    first, last = _block(draw, build, scope, depth - 1)
    for _ in range(draw(st.integers(1, 2))):
        following, end = _block(draw, build, scope, depth - 1)
        build.flow(scope, last, following)
        last = end
    return first, last


def _split(draw: st.DrawFn, build: Builder, scope: str, depth: int, tag: str) -> tuple[str, str]:
    fork, join = build.name("g"), build.name("j")
    branches = [_block(draw, build, scope, depth - 1) for _ in range(draw(st.integers(2, 3)))]
    default = ""
    for number, (first, last) in enumerate(branches):
        condition = ""
        if tag != "parallelGateway" and number:
            condition = draw(st.sampled_from(["x &gt; 1", "x &gt; 2", "y", "true"]))
        flow = build.flow(scope, fork, first, condition)
        if tag != "parallelGateway" and not number:
            default = f' default="{flow}"'
        build.flow(scope, last, join)
    build.add(scope, f'<{tag} id="{fork}"{default}/><{tag} id="{join}"/>')
    return fork, join


def _exclusive(draw: st.DrawFn, build: Builder, scope: str, depth: int) -> tuple[str, str]:
    return _split(draw, build, scope, depth, "exclusiveGateway")


def _parallel(draw: st.DrawFn, build: Builder, scope: str, depth: int) -> tuple[str, str]:
    return _split(draw, build, scope, depth, "parallelGateway")


def _inclusive(draw: st.DrawFn, build: Builder, scope: str, depth: int) -> tuple[str, str]:
    return _split(draw, build, scope, depth, "inclusiveGateway")


def _loop(draw: st.DrawFn, build: Builder, scope: str, depth: int) -> tuple[str, str]:
    """Body, then back while a counter of its own is below 3."""
    counter, enter, leave, count = build.name("n"), build.name("g"), build.name("g"), build.name("a")
    first, last = _block(draw, build, scope, depth - 1)
    script = f"{{{counter}: if {counter} = null then 1 else {counter} + 1}}"
    build.add(scope, f'<scriptTask id="{count}"><script>{script}</script></scriptTask><exclusiveGateway id="{enter}"/>')
    build.flow(scope, enter, first)
    build.flow(scope, last, count)
    build.flow(scope, count, leave)
    after = build.name("a")
    build.flow(scope, leave, enter, f"{counter} &lt; 3")
    default = build.flow(scope, leave, after)
    build.add(scope, f'<exclusiveGateway id="{leave}" default="{default}"/><task id="{after}"/>')
    return enter, after


def _inside(draw: st.DrawFn, build: Builder, name: str, depth: int, more: str = "") -> str:
    first, last = _block(draw, build, name, depth - 1)
    start, end = build.name("s"), build.name("e")
    build.add(name, f'<startEvent id="{start}"/><endEvent id="{end}"/>')
    build.flow(name, start, first)
    build.flow(name, last, end)
    return more + "".join(build.parts[name])


def _sub(draw: st.DrawFn, build: Builder, scope: str, depth: int) -> tuple[str, str]:
    name = build.name("x")
    build.add(scope, f'<subProcess id="{name}">{_inside(draw, build, name, depth)}</subProcess>')
    return name, name


def _timed(draw: st.DrawFn, build: Builder, scope: str, depth: int) -> tuple[str, str]:
    """A sub-process with a boundary timer, interrupting (joined again) or not (its path ends by itself)."""
    name, event, join = build.name("x"), build.name("b"), build.name("g")
    interrupting = draw(st.booleans())
    build.add(scope, f'<subProcess id="{name}">{_inside(draw, build, name, depth)}</subProcess>')
    cancel = "true" if interrupting else "false"
    build.add(
        scope,
        f'<boundaryEvent id="{event}" attachedToRef="{name}" cancelActivity="{cancel}"><timerEventDefinition>'
        "<timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent>"
        f'<exclusiveGateway id="{join}"/>',
    )
    first, last = _user(draw, build, scope, 0)
    build.flow(scope, event, first)
    if interrupting:
        build.flow(scope, last, join)
    build.flow(scope, name, join)
    return name, join


def _multi(draw: st.DrawFn, build: Builder, scope: str, depth: int) -> tuple[str, str]:
    name = build.name("m")
    sequential = draw(st.sampled_from(["true", "false"]))
    stop = draw(st.sampled_from(["", "<completionCondition>numberOfCompletedInstances &gt; 1</completionCondition>"]))
    loop = (
        f'<multiInstanceLoopCharacteristics isSequential="{sequential}"><loopCardinality>3</loopCardinality>{stop}'
        "</multiInstanceLoopCharacteristics>"
    )
    if draw(st.booleans()):
        build.add(scope, f'<userTask id="{name}">{loop}</userTask>')
    else:
        build.add(scope, f'<subProcess id="{name}">{_inside(draw, build, name, depth, loop)}</subProcess>')
    return name, name


def _catch(draw: st.DrawFn, build: Builder, scope: str, depth: int) -> tuple[str, str]:
    name = build.name("c")
    kind = draw(
        st.sampled_from(
            [
                "<timerEventDefinition><timeDuration>PT30M</timeDuration></timerEventDefinition>",
                '<signalEventDefinition signalRef="sig"/>',
            ]
        )
    )
    build.add(scope, f'<intermediateCatchEvent id="{name}">{kind}</intermediateCatchEvent>')
    return name, name


def _handler(draw: st.DrawFn, build: Builder, scope: str, depth: int) -> tuple[str, str]:
    """A sub-process with a non-interrupting signal event sub-process."""
    name, inner, start = build.name("x"), build.name("h"), build.name("s")
    first, _ = _user(draw, build, inner, 0)
    build.add(
        inner,
        f'<startEvent id="{start}" isInterrupting="false"><signalEventDefinition signalRef="sig"/></startEvent>',
    )
    build.flow(inner, start, first)
    body = _inside(draw, build, name, depth)
    handler = f'<subProcess id="{inner}" triggeredByEvent="true">{"".join(build.parts[inner])}</subProcess>'
    build.add(scope, f'<subProcess id="{name}">{body}{handler}</subProcess>')
    return name, name


def _undone(draw: st.DrawFn, build: Builder, scope: str, depth: int) -> tuple[str, str]:
    """A task with a compensation handler, compensated by name right behind it."""
    name, event, undo, throw = build.name("u"), build.name("b"), build.name("u"), build.name("t")
    build.add(
        scope,
        f'<userTask id="{name}"/><boundaryEvent id="{event}" attachedToRef="{name}"><compensateEventDefinition/>'
        f'</boundaryEvent><userTask id="{undo}" isForCompensation="true"/><association id="{build.name("l")}" '
        f'sourceRef="{event}" targetRef="{undo}"/><intermediateThrowEvent id="{throw}"><compensateEventDefinition '
        f'activityRef="{name}"/></intermediateThrowEvent>',
    )
    build.flow(scope, name, throw)
    return name, throw


def _ended(draw: st.DrawFn, build: Builder, name: str, depth: int, definition: str, more: str = "") -> str:
    """A body that ends with this event where `y` holds, else plainly."""
    first, last = _block(draw, build, name, depth - 1)
    start, choice, special, plain = build.name("s"), build.name("g"), build.name("e"), build.name("e")
    build.flow(name, start, first)
    build.flow(name, last, choice)
    build.flow(name, choice, special, "y")
    default = build.flow(name, choice, plain)
    build.add(
        name,
        f'<startEvent id="{start}"/><exclusiveGateway id="{choice}" default="{default}"/><endEvent id="{plain}"/>'
        f'<endEvent id="{special}">{definition}</endEvent>',
    )
    return more + "".join(build.parts[name])


def _left_by(draw: st.DrawFn, build: Builder, scope: str, depth: int, tag: str, kind: str) -> tuple[str, str]:
    """A sub-process that its own end event may leave by a boundary event; both ways meet again."""
    name, event, join = build.name("x"), build.name("b"), build.name("g")
    definition = _DEFINITIONS[kind]
    build.add(scope, f'<{tag} id="{name}">{_ended(draw, build, name, depth, definition)}</{tag}>')
    build.add(
        scope,
        f'<boundaryEvent id="{event}" attachedToRef="{name}">{definition}</boundaryEvent>'
        f'<exclusiveGateway id="{join}"/>',
    )
    first, last = _user(draw, build, scope, 0)
    build.flow(scope, event, first)
    build.flow(scope, last, join)
    build.flow(scope, name, join)
    return name, join


_DEFINITIONS = {
    "error": '<errorEventDefinition errorRef="err"/>',
    "cancel": "<cancelEventDefinition/>",
    "escalation": '<escalationEventDefinition escalationRef="esc"/>',
}


def _failing(draw: st.DrawFn, build: Builder, scope: str, depth: int) -> tuple[str, str]:
    return _left_by(draw, build, scope, depth, "subProcess", "error")


def _cancelled(draw: st.DrawFn, build: Builder, scope: str, depth: int) -> tuple[str, str]:
    return _left_by(draw, build, scope, depth, "transaction", "cancel")


def _escalating(draw: st.DrawFn, build: Builder, scope: str, depth: int) -> tuple[str, str]:
    """A sub-process that may escalate as it ends; somebody is told, nothing is interrupted."""
    name, event = build.name("x"), build.name("b")
    definition = _DEFINITIONS["escalation"]
    body = _ended(draw, build, name, depth, definition)
    build.add(
        scope,
        f'<subProcess id="{name}">{body}</subProcess><boundaryEvent id="{event}" attachedToRef="{name}" '
        f'cancelActivity="false">{definition}</boundaryEvent>',
    )
    first, _ = _user(draw, build, scope, 0)
    build.flow(scope, event, first)
    return name, name


def _choice(draw: st.DrawFn, build: Builder, scope: str, depth: int) -> tuple[str, str]:
    """An event-based gateway between a timer and a signal."""
    gate, join, late, called = build.name("g"), build.name("g"), build.name("c"), build.name("c")
    build.add(
        scope,
        f'<eventBasedGateway id="{gate}"/><exclusiveGateway id="{join}"/><intermediateCatchEvent id="{late}">'
        "<timerEventDefinition><timeDuration>PT30M</timeDuration></timerEventDefinition></intermediateCatchEvent>"
        f'<intermediateCatchEvent id="{called}"><signalEventDefinition signalRef="sig"/></intermediateCatchEvent>',
    )
    for event in (late, called):
        first, last = _block(draw, build, scope, depth - 1)
        build.flow(scope, gate, event)
        build.flow(scope, event, first)
        build.flow(scope, last, join)
    return gate, join


def _adhoc(draw: st.DrawFn, build: Builder, scope: str, depth: int) -> tuple[str, str]:
    """Automatic tasks in no order of their own."""
    name, order = build.name("x"), draw(st.sampled_from(["Parallel", "Sequential"]))
    tasks = "".join(f'<task id="{build.name("a")}"/>' for _ in range(3))
    build.add(scope, f'<adHocSubProcess id="{name}" ordering="{order}">{tasks}</adHocSubProcess>')
    return name, name


def _link(draw: st.DrawFn, build: Builder, scope: str, depth: int) -> tuple[str, str]:
    throw, catch = build.name("t"), build.name("c")
    link = f'<linkEventDefinition name="{throw}"/>'
    build.add(scope, f'<intermediateThrowEvent id="{throw}">{link}</intermediateThrowEvent>')
    build.add(scope, f'<intermediateCatchEvent id="{catch}">{link}</intermediateCatchEvent>')
    return throw, catch


def _quantity(draw: st.DrawFn, build: Builder, scope: str, depth: int) -> tuple[str, str]:
    """One task gives two tokens, the next but one takes two."""
    give, between, take = build.name("u"), build.name("u"), build.name("u")
    build.add(scope, f'<userTask id="{give}" completionQuantity="2"/><userTask id="{between}"/>')
    build.add(scope, f'<userTask id="{take}" startQuantity="2"/>')
    build.flow(scope, give, between)
    build.flow(scope, between, take)
    return give, take


def _called(draw: st.DrawFn, build: Builder, scope: str, depth: int) -> tuple[str, str]:
    """A call of another process, which may end with an error that the caller catches; both ways meet again."""
    name, process, event, join = build.name("x"), build.name("q"), build.name("b"), build.name("g")
    body = _ended(draw, build, process, depth, _DEFINITIONS["error"])
    build.processes.append(f'<process id="{process}" isExecutable="true">{body}</process>')
    build.add(
        scope,
        f'<callActivity id="{name}" calledElement="{process}"/><boundaryEvent id="{event}" attachedToRef="{name}">'
        f'{_DEFINITIONS["error"]}</boundaryEvent><exclusiveGateway id="{join}"/>',
    )
    build.flow(scope, event, join)
    build.flow(scope, name, join)
    return name, join


def _functions(draw: st.DrawFn, build: Builder, scope: str, depth: int) -> tuple[str, str]:
    """Three functions at once, of which one may raise an error that cancels the others; both ways meet again."""
    name, event, fork, join = build.name("x"), build.name("b"), build.name("g"), build.name("g")
    scripts = [draw(st.sampled_from(["works", "works", "fails"])) for _ in range(3)]
    for script in scripts:
        task = build.name("a")
        build.add(name, f'<scriptTask id="{task}" scriptFormat="function"><script>{script}</script></scriptTask>')
        build.flow(name, fork, task)
    start = build.name("s")
    build.flow(name, start, fork)
    build.add(name, f'<startEvent id="{start}"/><parallelGateway id="{fork}"/>')
    build.add(
        scope,
        f'<subProcess id="{name}">{"".join(build.parts[name])}</subProcess><boundaryEvent id="{event}" '
        f'attachedToRef="{name}">{_DEFINITIONS["error"]}</boundaryEvent><exclusiveGateway id="{join}"/>',
    )
    build.flow(scope, event, join)
    build.flow(scope, name, join)
    return name, join


_BLOCKS = {
    "user": _user,
    "script": _script,
    "sequence": _sequence,
    "exclusive": _exclusive,
    "parallel": _parallel,
    "inclusive": _inclusive,
    "loop": _loop,
    "sub": _sub,
    "timed": _timed,
    "multi": _multi,
    "catch": _catch,
    "handler": _handler,
    "undone": _undone,
    "failing": _failing,
    "escalating": _escalating,
    "cancelled": _cancelled,
    "choice": _choice,
    "adhoc": _adhoc,
    "link": _link,
    "quantity": _quantity,
    "called": _called,
    "functions": _functions,
}
