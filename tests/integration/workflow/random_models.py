"""Random models for the runner: written from nested blocks, each with one way in and one way out."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from hypothesis import strategies as st

ALL = 'operations="claim return transfer delegate withdraw add_signer remove_signer cc urge save"'
IN_ORDER = 'isSequential="true"'
_numbers = itertools.count(1)

Block = tuple[Any, ...]
_LEAVES = (
    *("task", "task", "timed", "limited", "hurried", "order", "turns", "call"),
    *(("sign", "all"), ("sign", "any"), ("sign", 'ratio" value="0.5')),
)
leaves = st.sampled_from([one if isinstance(one, tuple) else (one,) for one in _LEAVES])
blocks = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(st.just("seq"), inner, inner),
        st.tuples(st.just("par"), inner, inner),
        st.tuples(st.just("or"), inner, inner),
        st.tuples(st.just("sub"), inner),
        st.tuples(st.just("watched"), inner),
        st.tuples(st.just("many"), inner),
        st.tuples(st.just("each"), inner),
        st.tuples(st.just("again"), inner),
        st.tuples(st.just("loop"), inner),
    ),
    max_leaves=5,
)


_AROUND = ("seq", "seq", "par", "par", "or", "sub", "watched", "many", "each", "again", "loop")
_TWO = ("seq", "par", "or")


def random_block(rng: Random, depth: int) -> Block:
    """The same kinds of blocks, drawn by a plain random source: more even than what hypothesis draws."""
    if depth == 0 or rng.random() < 0.3:
        leaf = rng.choice(_LEAVES)
        return leaf if isinstance(leaf, tuple) else (leaf,)
    kind = rng.choice(_AROUND)
    return (kind, *(random_block(rng, depth - 1) for _ in range(2 if kind in _TWO else 1)))


class Draw:
    """Writes a block as BPMN; every block has one way in and one way out."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.count = itertools.count(1)

    def name(self, kind: str) -> str:
        return f"{kind}{next(self.count)}"

    def flow(self, source: str, target: str, condition: str = "") -> str:
        inner = f"<conditionExpression>{condition}</conditionExpression>" if condition else ""
        return f'<sequenceFlow id="{self.name("f")}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'

    def block(self, block: Block) -> tuple[str, str, str]:
        """(xml, first node, last node)."""
        return getattr(self, f"_{block[0]}")(*block[1:])  # type: ignore[no-any-return]

    def _task(self) -> tuple[str, str, str]:
        key = self.name("t")
        return self.world.task(key, self.world.decides("role:sales"), attributes=ALL), key, key

    def _timed(self) -> tuple[str, str, str]:
        xml, key, _ = self._task()
        timer = self.name("b")
        side, side_key, _ = self._task()
        xml += (
            f'<boundaryEvent id="{timer}" attachedToRef="{key}" cancelActivity="false"><timerEventDefinition>'
            "<timeDuration>PT3H</timeDuration></timerEventDefinition></boundaryEvent>"
        )
        return xml + side + self.flow(timer, side_key), key, key

    def _hurried(self) -> tuple[str, str, str]:
        """A task that is urged, goes up to a superior, and that time approves in the end."""
        xml, key, _ = self._task()
        after = (("PT1H", "urge"), ("PT2H", "escalate"), ("PT9H", "approve"))
        reminders = "".join(f'<school:reminder after="{when}" action="{action}"/>' for when, action in after)
        return xml.replace("</school:task>", f"{reminders}</school:task>"), key, key

    def _sign(self, mode: str, kind: str = "m") -> tuple[str, str, str]:
        key = self.name(kind)
        content = self.world.decides("role:teacher").replace("/>", ' strategy="all"/>', 1)
        content += f'<school:countersign mode="{mode}"/>'
        loop = (
            "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>"
        )
        return self.world.task(key, content, children=loop, attributes=ALL), key, key

    def _order(self) -> tuple[str, str, str]:
        """A countersign in order, decided by two of three."""
        xml, key, _ = self._sign('number" value="2', "o")
        return self._sequential(xml), key, key

    def _turns(self) -> tuple[str, str, str]:
        """A countersign in order that everybody has to agree to."""
        xml, key, _ = self._sign("in_order", "o")
        return self._sequential(xml), key, key

    def _sequential(self, xml: str) -> str:
        head = "<multiInstanceLoopCharacteristics"
        return xml.replace(f"{head}>", f"{head} {IN_ORDER}>")

    def _limited(self) -> tuple[str, str, str]:
        """A task that time takes away: the case goes on by another one."""
        xml, key, _ = self._task()
        timer, out = self.name("b"), self.name("x")
        side, side_key, _ = self._task()
        xml += (
            f'<boundaryEvent id="{timer}" attachedToRef="{key}"><timerEventDefinition><timeDuration>PT6H</timeDuration>'
            f'</timerEventDefinition></boundaryEvent><exclusiveGateway id="{out}"/>'
        )
        flows = self.flow(timer, side_key) + self.flow(side_key, out) + self.flow(key, out)
        return self._wrapped(xml + side + flows, key)

    def _watched(self, inner: Block) -> tuple[str, str, str]:
        """A sub-process with an event sub-process that asks somebody beside it after a while."""
        xml, first, _ = self.block(inner)
        start, event, timer = self.name("s"), self.name("e"), self.name("s")
        aside, aside_key, _ = self._task()
        event_xml = (
            f'<subProcess id="{event}" triggeredByEvent="true"><startEvent id="{timer}" isInterrupting="false">'
            "<timerEventDefinition><timeDuration>PT2H</timeDuration></timerEventDefinition></startEvent>"
            f"{aside}{self.flow(timer, aside_key)}</subProcess>"
        )
        return self._sub_of(f'<startEvent id="{start}"/>{xml}{self.flow(start, first)}{event_xml}')

    def _many(self, inner: Block) -> tuple[str, str, str]:
        """A sub-process twice at once."""
        xml, first, _ = self.block(inner)
        start = self.name("s")
        loop = (
            "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
        )
        return self._sub_of(f'<startEvent id="{start}"/>{xml}{self.flow(start, first)}{loop}')

    def _each(self, inner: Block) -> tuple[str, str, str]:
        """A sub-process twice, one after the other."""
        xml, first, last = self._many(inner)
        place = xml.rindex("<multiInstanceLoopCharacteristics>")
        return xml[:place] + self._sequential(xml[place:]), first, last

    def _again(self, inner: Block) -> tuple[str, str, str]:
        """A sub-process that loops twice."""
        xml, first, _ = self.block(inner)
        start = self.name("s")
        loop = '<standardLoopCharacteristics loopMaximum="2"/>'
        return self._sub_of(f'<startEvent id="{start}"/>{xml}{self.flow(start, first)}{loop}')

    def _call(self) -> tuple[str, str, str]:
        """A called process: a task, then a countersign inside a sub-process."""
        key = self.name("c")
        return f'<callActivity id="{key}" calledElement="called"/>', key, key

    def _wrapped(self, xml: str, first: str) -> tuple[str, str, str]:
        start = self.name("s")
        return self._sub_of(f'<startEvent id="{start}"/>{xml}{self.flow(start, first)}')

    def _sub_of(self, content: str) -> tuple[str, str, str]:
        key = self.name("p")
        return f'<subProcess id="{key}">{content}</subProcess>', key, key

    def _seq(self, one: Block, two: Block) -> tuple[str, str, str]:
        a, a_in, a_out = self.block(one)
        b, b_in, b_out = self.block(two)
        return a + b + self.flow(a_out, b_in), a_in, b_out

    def _par(self, one: Block, two: Block) -> tuple[str, str, str]:
        return self._fork("parallelGateway", one, two, "")

    def _or(self, one: Block, two: Block) -> tuple[str, str, str]:
        return self._fork("inclusiveGateway", one, two, "true")

    def _fork(self, kind: str, one: Block, two: Block, condition: str) -> tuple[str, str, str]:
        split, join = self.name("g"), self.name("g")
        a, a_in, a_out = self.block(one)
        b, b_in, b_out = self.block(two)
        xml = f'<{kind} id="{split}"/><{kind} id="{join}"/>' + a + b
        xml += self.flow(split, a_in, condition) + self.flow(split, b_in, condition)
        return xml + self.flow(a_out, join) + self.flow(b_out, join), split, join

    def _sub(self, inner: Block) -> tuple[str, str, str]:
        xml, first, _ = self.block(inner)
        return self._wrapped(xml, first)

    def _loop(self, inner: Block) -> tuple[str, str, str]:
        """Again while `again` is true; it never is, but the way back is drawn."""
        merge, split = self.name("x"), self.name("x")
        xml, first, last = self.block(inner)
        out = self.name("x")
        gates = f'<exclusiveGateway id="{merge}"/><exclusiveGateway id="{split}" default="d{split}"/>'
        gates += f'<exclusiveGateway id="{out}"/><sequenceFlow id="d{split}" sourceRef="{split}" targetRef="{out}"/>'
        ways = self.flow(merge, first) + self.flow(last, split) + self.flow(split, merge, "again = true")
        return gates + xml + ways, merge, out


def deploy(world: Any, block: Block) -> tuple[str, str]:
    """The block between a request and a last decision, deployed with the process it may call.

    Its key, and a newer version of it: the last decision has a timer that the first version did not have.
    """
    draw = Draw(world)
    return deploy_around(world, draw, f"random{next(_numbers)}", draw.block(block))


def deploy_around(
    world: Any,
    draw: Draw,
    key: str,
    around: tuple[str, str, str],
    *,
    roots: str = "",
    bodies: Sequence[tuple[str, str]] = (),
    starts: str = "",
    deploying: Callable[..., object] | None = None,
) -> tuple[str, str]:
    """The same for a block drawn already. roots: further root elements; bodies: further processes by key; starts:
    further ways to begin; deploying: takes the models instead of the world.
    """
    xml, first, last = around
    ask = world.task("ask", '<school:assignee rule="starter"/>', attributes=ALL)
    end = world.task("end", world.decides("role:finance"), attributes=ALL)
    body = f'<startEvent id="start"/>{starts}{ask}{xml}{end}<endEvent id="stop"/>'
    body += draw.flow("start", "ask") + draw.flow("ask", first) + draw.flow(last, "end") + draw.flow("end", "stop")
    inside = world.task("inside", world.decides("role:principal"), attributes=ALL)
    signed, sign, _ = Draw(world)._wrapped(*Draw(world)._sign("all")[:2])
    called = f'<startEvent id="from"/>{inside}{signed}{draw.flow("from", "inside")}{draw.flow("inside", sign)}'
    others = [world.model(text, key=name, extra=roots) for name, text in bodies]
    models = (world.model(body, key=key, extra=roots), world.model(called, key="called"), *others)
    (deploying or world.deploy)(*models)
    late = (
        '<boundaryEvent id="late" attachedToRef="end" cancelActivity="false"><timerEventDefinition>'
        '<timeDuration>PT30H</timeDuration></timerEventDefinition></boundaryEvent><endEvent id="noted"/>'
    )
    return key, world.model(body + late + draw.flow("late", "noted"), key=key, extra=roots)
