"""Going back inside one round of a repeated sub-process: what other rounds decided keeps counting."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from engine.kernel.errors import UserError
from engine.workflow import tasks

ALLOWED = 'operations="claim return withdraw"'
_VALID = """select t.node_id, array_agg(v.user_id order by t.id) from user_task t join task_vote v on v.task_id = t.id
 where t.instance_id = %(id)s and t.annulled_at is null group by t.node_id order by t.node_id"""


def repeated(world: Any, loop: str) -> str:
    """A sub-process `ask`, `check`, `sign`, as often as `loop` says."""
    inside = "".join(
        world.task(key, world.decides(rule), attributes=ALLOWED)
        for key, rule in (("ask", "=who"), ("check", "role:principal"), ("sign", "=who"))
    )
    ways = world.flows(("begin", "ask"), ("ask", "check"), ("check", "sign"))
    sub = f'<subProcess id="each"><startEvent id="begin"/>{inside}{ways}{loop}</subProcess>'
    outer = '<sequenceFlow id="o1" sourceRef="s" targetRef="each"/>'
    return str(world.model(f'<startEvent id="s"/>{sub}{outer}'))


def each_person(sequential: str) -> str:
    return (
        f'<multiInstanceLoopCharacteristics isSequential="{sequential}" xmlns:c="http://camunda.org/schema/1.0/bpmn"'
        ' c:collection="=people" c:elementVariable="who"/>'
    )


def decide(world: Any, who: str, node: str) -> UUID:
    """The oldest task of that kind."""
    task_id: UUID = [row.id for row in world.box(who) if row.node_id == node][-1]
    world.run(who, lambda tx: tasks.complete(tx, task_id, "approve"))
    return task_id


def valid(world: Any, case: UUID) -> dict[str, list[str]]:
    return dict(world.sql(_VALID, id=case))


def send_back(world: Any, who: str, target: str) -> None:
    task_id = world.box(who)[0].id
    world.run(who, lambda tx: tasks.return_to(tx, task_id, target, "once more"))


@pytest.mark.parametrize("sequential", ["true", "false"])
def test_return_in_the_second_round_undoes_the_votes_of_that_round_only(world: Any, sequential: str) -> None:
    world.deploy(repeated(world, each_person(sequential)))
    case = world.start(people=["tea", "ted"])
    for who in ("tea", "ted"):
        decide(world, who, "ask")
        decide(world, "pat", "check")
        if who == "tea":
            decide(world, "tea", "sign")
    send_back(world, "ted", "ask")
    assert valid(world, case) == {"ask": ["tea"], "check": ["pat"], "sign": ["tea"]}
    for who, node in (("ted", "ask"), ("pat", "check"), ("ted", "sign")):
        decide(world, who, node)
    assert world.view(case).status == "completed"
    assert valid(world, case) == {"ask": ["tea", "ted"], "check": ["pat", "pat"], "sign": ["tea", "ted"]}


def test_return_goes_to_who_did_the_step_in_the_same_round(world: Any) -> None:
    world.deploy(repeated(world, each_person("false")))
    case = world.start(people=["tea", "ted"])
    decide(world, "ted", "ask")
    decide(world, "tea", "ask")
    first = next(row for row in world.view(case).tasks if row.node_id == "check" and row.status == "open")
    targets = world.run("pat", lambda tx: tasks.return_targets(tx, first.id))
    assert [(one.node_id, one.by) for one in targets] == [("ask", "ted")]


def test_withdraw_takes_back_in_its_own_round(world: Any) -> None:
    world.deploy(repeated(world, each_person("false")))
    case = world.start(people=["tea", "ted"])
    decide(world, "tea", "ask")
    done = decide(world, "ted", "ask")
    decide(world, "pat", "check")
    left = [row for row in world.view(case).tasks if row.node_id == "check" and row.status == "open"]
    world.run("ted", lambda tx: tasks.withdraw(tx, done))
    assert [row.node_id for row in world.box("ted")] == ["ask"]
    assert [row.node_id for row in world.box("tea")] == ["sign"]
    assert (len(left), world.box("pat")) == (1, [])


def test_round_that_is_over_is_not_opened_again(world: Any) -> None:
    world.deploy(repeated(world, each_person("true")))
    case = world.start(people=["tea", "ted"])
    decide(world, "tea", "ask")
    decide(world, "pat", "check")
    last = decide(world, "tea", "sign")
    with pytest.raises(UserError, match="“each” repeats, and that round is over"):
        world.run("tea", lambda tx: tasks.withdraw(tx, last))
    assert [row.node_id for row in world.box("ted")] == ["ask"]
    assert valid(world, case) == {"ask": ["tea"], "check": ["pat"], "sign": ["tea"]}


def test_return_into_rounds_that_are_over_says_why_not(world: Any) -> None:
    model = repeated(world, each_person("true"))
    after = world.task("after", '<school:assignee rule="starter"/>', attributes=ALLOWED) + world.flows(
        ("each", "after")
    )
    world.deploy(model.replace('<sequenceFlow id="o1"', f'{after}<sequenceFlow id="o1"'))
    world.start(people=["tea"])
    for who, node in (("tea", "ask"), ("pat", "check"), ("tea", "sign")):
        decide(world, who, node)
    (task,) = world.box("ann")
    assert world.run("ann", lambda tx: tasks.return_targets(tx, task.id)) == ()
    with pytest.raises(UserError, match="round_over: “each” repeats"):
        world.run("ann", lambda tx: tasks.return_to(tx, task.id, "ask", "once more"))


def test_return_before_the_repeated_sub_process_undoes_every_round(world: Any) -> None:
    model = repeated(world, each_person("true"))
    first = world.task("first", '<school:assignee rule="starter"/>', attributes=ALLOWED)
    model = model.replace(
        '<sequenceFlow id="o1" sourceRef="s" targetRef="each"/>', first + world.flows(("s", "first"), ("first", "each"))
    )
    world.deploy(model)
    case = world.start(people=["tea", "ted"])
    world.done("ann", case, "first")
    for who, node in (("tea", "ask"), ("pat", "check"), ("tea", "sign")):
        decide(world, who, node)
    send_back(world, "ted", "first")
    assert valid(world, case) == {}
    assert set(world.open(case)) == {"first"}
