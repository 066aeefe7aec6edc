"""Votes of a countersign that are taken back, voters who come and go, and decisions that count no more."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from engine.kernel.actor import SYSTEM
from engine.kernel.errors import Conflict
from engine.workflow import instances, tasks

from .countersigns import ALLOWED, countersign, result, vote


@pytest.mark.parametrize("collection", [False, True])
def test_withdrawn_vote_is_cast_anew(world: Any, collection: bool) -> None:
    world.deploy(countersign(world, 'mode="all"', collection=collection))
    case = world.start(people=["tea", "ted", "tom"])
    first = vote(world, "tea")
    vote(world, "ted")
    shown = world.run("tea", lambda tx: tasks.withdraw(tx, first, dry_run=True))
    assert (shown.cancels, shown.reopens, world.box("tea")) == ((), ("sign",), [])
    world.run("tea", lambda tx: tasks.withdraw(tx, first, "looked at the wrong contract"))
    vote(world, "tom")
    assert set(world.open(case)) == {"sign"}
    vote(world, "tea")
    assert result(world, case) == ("approve", 3, 3, ["ted", "tom", "tea"])
    with pytest.raises(Conflict, match="withdrawn_already"):
        world.run("tea", lambda tx: tasks.withdraw(tx, first))


def test_withdrawn_refusal_no_longer_counts(world: Any) -> None:
    world.deploy(countersign(world, 'mode="number" value="2"'))
    case = world.start()
    refused = vote(world, "tea", "reject")
    world.run("tea", lambda tx: tasks.withdraw(tx, refused))
    vote(world, "ted", "reject")
    vote(world, "tea")
    vote(world, "tom")
    assert result(world, case)[:2] == ("approve", 2)


def test_vote_in_order_comes_back_before_the_next_has_touched_his(world: Any) -> None:
    world.deploy(countersign(world, 'mode="in_order"', in_order=True))
    case = world.start()
    first = vote(world, "tea")
    shown = world.run("tea", lambda tx: tasks.withdraw(tx, first, dry_run=True))
    assert [one.assignee for one in shown.cancels] == ["ted"]
    world.run("tea", lambda tx: tasks.withdraw(tx, first))
    assert (world.box("ted"), len(world.box("tea"))) == ([], 1)
    for who in ("tea", "ted"):
        vote(world, who)
    second = world.box("tom")[0].id
    world.run("tom", lambda tx: tasks.add_signer(tx, second, ["sam"], "before"))
    with pytest.raises(Conflict, match="already_acted"):
        world.run("ted", lambda tx: tasks.withdraw(tx, world_task(tx, case, "ted")))


def world_task(tx: Any, case: UUID, who: str) -> UUID:
    rows = instances.get(tx, case).tasks
    return next(row.id for row in rows if row.completed_by == who)


def test_voter_removed_in_order_passes_the_turn_on(world: Any) -> None:
    world.deploy(countersign(world, 'mode="in_order"', in_order=True))
    case = world.start()
    vote(world, "tea")
    world.run("adm", lambda tx: tasks.remove_signer(tx, world.open(case)["sign"].id))
    assert (world.box("ted"), len(world.box("tom"))) == ([], 1)
    vote(world, "tom")
    assert result(world, case) == ("approve", 2, 2, ["tea", "tom"])


def test_voter_added_in_order_has_his_turn_at_the_end(world: Any) -> None:
    world.deploy(countersign(world, 'mode="in_order"', in_order=True))
    case = world.start()
    task_id = world.box("tea")[0].id
    world.run("tea", lambda tx: tasks.add_signer(tx, task_id, ["sam", "boss"], "parallel"))
    for who in ("tea", "ted", "tom", "sam", "boss"):
        vote(world, who)
    assert result(world, case)[3] == ["tea", "ted", "tom", "sam", "boss"]


def test_voter_added_after_one_was_removed_gets_his_own_place(world: Any) -> None:
    world.deploy(countersign(world, 'mode="all"', collection=True))
    case = world.start(people=["tea", "ted", "tom"])
    world.run("adm", lambda tx: tasks.remove_signer(tx, world.box("ted")[0].id))
    task_id = world.box("tea")[0].id
    world.run("tea", lambda tx: tasks.add_signer(tx, task_id, ["sam"], "parallel"))
    for who in ("sam", "tom", "tea"):
        vote(world, who)
    assert result(world, case) == ("approve", 3, 3, ["sam", "tom", "tea"])


def test_last_voter_cannot_be_removed(world: Any) -> None:
    world.deploy(countersign(world, 'mode="all"', collection=True))
    case = world.start(people=["tea"])
    with pytest.raises(Conflict, match=r"multi\.last"):
        world.run("adm", lambda tx: tasks.remove_signer(tx, world.open(case)["sign"].id))


def two_steps(world: Any) -> str:
    body = (
        '<startEvent id="s"/>'
        + world.task("first", world.decides("role:sales"), attributes=ALLOWED)
        + world.task("second", world.decides("role:sales"), attributes=ALLOWED + ' distinct_from="first"')
        + world.task("third", world.decides("role:finance"), attributes=ALLOWED)
        + world.flows(("s", "first"), ("first", "second"), ("second", "third"))
    )
    return str(world.model(body))


def test_withdrawn_approval_does_not_bar_its_author_from_the_next_step(world: Any) -> None:
    world.deploy(two_steps(world))
    case = world.start()
    first = world.open(case)["first"].id
    world.run("ann", lambda tx: tasks.complete(tx, first, "approve"))
    assert world.open(case)["second"].assignee == "bob"
    world.run("ann", lambda tx: tasks.withdraw(tx, first))
    world.run("adm", lambda tx: tasks.transfer(tx, world.open(case)["first"].id, "bob"))
    world.done("bob", case, "first", "approve")
    world.done("ann", case, "second", "approve")


def test_return_annuls_what_was_decided_from_its_target_on(world: Any) -> None:
    world.deploy(two_steps(world))
    case = world.start()
    world.done("ann", case, "first", "approve")
    world.done("bob", case, "second", "approve")
    third = world.open(case)["third"].id
    world.run("fay", lambda tx: tasks.claim(tx, third))
    world.run("fay", lambda tx: tasks.return_to(tx, third, "second", "once more"))
    rows = world.run(SYSTEM, lambda tx: tx.query(_COUNTING, {"id": case}))
    assert rows == [("first",)]


_COUNTING = """select t.node_id from user_task t join task_vote v on v.task_id = t.id
 where t.instance_id = %(id)s and t.annulled_at is null order by t.id"""
