"""Random operations in random order on random models: no task lost, doubled or left open."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.kernel.actor import SYSTEM
from engine.kernel.errors import UserError
from engine.workflow import instances, tasks
from engine.workflow.invariants import violations

ALL = 'operations="claim return transfer delegate withdraw add_signer remove_signer cc urge save"'
PEOPLE = ["ann", "bob", "fay", "fin", "pat", "tea", "ted", "tom", "sam"]
_numbers = itertools.count(1)

Block = tuple[Any, ...]
leaves = st.sampled_from([("task",), ("task",), ("timed",), ("sign",)])
blocks = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(st.just("seq"), inner, inner),
        st.tuples(st.just("par"), inner, inner),
        st.tuples(st.just("or"), inner, inner),
        st.tuples(st.just("sub"), inner),
        st.tuples(st.just("loop"), inner),
    ),
    max_leaves=5,
)
operations = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "complete",
                "complete",
                "complete",
                "claim",
                "transfer",
                "delegate",
                "resolve",
                "before",
                "after",
                "unsign",
                "return",
                "return",
                "withdraw",
                "withdraw",
                "time",
                "pause",
                "parallel",
            ]
        ),
        st.integers(0, 10**6),
    ),
    max_size=25,
)


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

    def _sign(self) -> tuple[str, str, str]:
        key = self.name("m")
        content = self.world.decides("role:teacher").replace("/>", ' strategy="all"/>', 1)
        content += '<school:countersign mode="all"/>'
        loop = (
            "<multiInstanceLoopCharacteristics><loopCardinality>3</loopCardinality></multiInstanceLoopCharacteristics>"
        )
        return self.world.task(key, content, children=loop, attributes=ALL), key, key

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
        key, start = self.name("p"), self.name("s")
        xml, first, _ = self.block(inner)
        return (
            f'<subProcess id="{key}"><startEvent id="{start}"/>{xml}{self.flow(start, first)}</subProcess>',
            key,
            key,
        )

    def _loop(self, inner: Block) -> tuple[str, str, str]:
        """Again while `again` is true; it never is, but the way back is drawn."""
        merge, split = self.name("x"), self.name("x")
        xml, first, last = self.block(inner)
        out = self.name("x")
        gates = f'<exclusiveGateway id="{merge}"/><exclusiveGateway id="{split}" default="d{split}"/>'
        gates += f'<exclusiveGateway id="{out}"/><sequenceFlow id="d{split}" sourceRef="{split}" targetRef="{out}"/>'
        ways = self.flow(merge, first) + self.flow(last, split) + self.flow(split, merge, "again = true")
        return gates + xml + ways, merge, out


def deploy(world: Any, block: Block) -> str:
    key = f"random{next(_numbers)}"
    draw = Draw(world)
    ask = world.task("ask", '<school:assignee rule="starter"/>', attributes=ALL)
    xml, first, last = draw.block(block)
    end = world.task("end", world.decides("role:finance"), attributes=ALL)
    body = f'<startEvent id="start"/>{ask}{xml}{end}<endEvent id="stop"/>'
    body += draw.flow("start", "ask") + draw.flow("ask", first) + draw.flow(last, "end") + draw.flow("end", "stop")
    world.deploy(world.model(body, key=key))
    return key


def actor_of(world: Any, row: Any) -> str:
    if row.assignee:
        return str(row.assignee)
    found = world.sql("select user_id from task_candidate where task_id = %(id)s order by 1", id=row.id)
    return str(found[0][0]) if found else "adm"


def apply(world: Any, case: UUID, name: str, seed: int) -> None:
    """One operation; what is not allowed there is refused and changes nothing."""
    view = world.view(case)
    live = [row for row in view.tasks if row.status == "open"]
    done = [row for row in view.tasks if row.status == "done"]
    person = PEOPLE[seed % len(PEOPLE)]
    if name == "time":
        world.pass_time(hours=seed % 5)
        return
    if name == "pause":
        world.run("adm", lambda tx: instances.suspend(tx, case, "x"))
        world.pass_time(hours=4)
        world.run("adm", lambda tx: instances.resume(tx, case, "x"))
        return
    pool = done if name == "withdraw" else [r for r in view.tasks if r.kind != "task"] if name == "unsign" else live
    if not pool:
        return
    row = pool[seed % len(pool)]
    who = row.completed_by if name == "withdraw" else actor_of(world, row)
    world.run(who, lambda tx: _ACTS[name](tx, row, person, seed))


def finish_task(tx: Any, row: Any, person: str, seed: int) -> None:
    if row.delegated_by:
        tasks.resolve(tx, row.id)
        return
    view = tasks.get(tx, row.id)
    outcome = view.outcomes[0 if seed % 4 else -1].name
    tasks.complete(tx, row.id, outcome, {}, "ok")


def go_back(tx: Any, row: Any, person: str, seed: int) -> None:
    targets = [one.node_id for one in tasks.return_targets(tx, row.id)] + ["starter"]
    target = targets[seed % len(targets)]
    tasks.return_to(tx, row.id, target, "", dry_run=True)
    tasks.return_to(tx, row.id, target, "again")


_ACTS: dict[str, Callable[[Any, Any, str, int], Any]] = {
    "complete": finish_task,
    "claim": lambda tx, row, person, seed: tasks.claim(tx, row.id),
    "transfer": lambda tx, row, person, seed: tasks.transfer(tx, row.id, person),
    "delegate": lambda tx, row, person, seed: tasks.delegate(tx, row.id, person),
    "resolve": lambda tx, row, person, seed: tasks.resolve(tx, row.id),
    "before": lambda tx, row, person, seed: tasks.add_signer(tx, row.id, [person], "before"),
    "after": lambda tx, row, person, seed: tasks.add_signer(tx, row.id, [person], "after"),
    "parallel": lambda tx, row, person, seed: tasks.add_signer(tx, row.id, [person], "parallel"),
    "unsign": lambda tx, row, person, seed: tasks.remove_signer(tx, row.id),
    "return": go_back,
    "withdraw": lambda tx, row, person, seed: tasks.withdraw(tx, row.id, "oops"),
}


def drive_to_the_end(world: Any, case: UUID) -> None:
    for _ in range(400):
        live = [row for row in world.view(case).tasks if row.status == "open"]
        if not live:
            return
        world.run(actor_of(world, live[0]), lambda tx, row=live[0]: finish_task(tx, row, "", 1))
    raise AssertionError("the case does not come to an end")


@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(block=blocks, steps=operations)
def test_random_operations_lose_and_double_nothing(world: Any, block: Block, steps: list[tuple[str, int]]) -> None:
    case = world.start(deploy(world, block))
    for name, seed in steps:
        if world.view(case).status != "active":
            break
        with contextlib.suppress(UserError):
            apply(world, case, name, seed)
        assert world.run(SYSTEM, violations) == [], (name, seed)
    drive_to_the_end(world, case)
    view = world.view(case)
    assert view.status == "completed"
    assert [row.node_id for row in view.tasks if row.status == "done"][-1:] != []
    world.clock.advance(timedelta(seconds=1))
