"""The vote that decided a countersign is taken back: the countersign runs on as it stood before."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from engine.kernel.errors import Conflict
from engine.workflow import tasks

from .countersigns import countersign, result, vote


def withdraw(world: Any, who: str, task_id: UUID, *, dry_run: bool = False) -> Any:
    return world.run(who, lambda tx: tasks.withdraw(tx, task_id, "the wrong contract", dry_run=dry_run))


def test_deciding_vote_comes_back_with_a_preview_and_is_cast_anew(world: Any) -> None:
    world.deploy(countersign(world, 'mode="all"', collection=True))
    case = world.start(people=["tea", "ted", "tom"])
    vote(world, "tea")
    vote(world, "tom")
    last = vote(world, "ted", "reject")
    shown = withdraw(world, "ted", last, dry_run=True)
    assert ([one.node_id for one in shown.cancels], shown.reopens, shown.ends) == (["after"], ("sign",), False)
    assert set(world.open(case)) == {"after"}
    withdraw(world, "ted", last)
    assert (world.box("ann"), world.box("tea"), world.box("tom")) == ([], [], [])
    vote(world, "ted")
    assert result(world, case) == ("approve", 3, 3, ["tea", "tom", "ted"])
    assert set(world.open(case)) == {"after"}


def test_colleagues_cut_off_by_the_decision_vote_after_all(world: Any) -> None:
    world.deploy(countersign(world, 'mode="any"'))
    case = world.start()
    world.run("adm", lambda tx: tasks.transfer(tx, world.box("ted")[0].id, "sam"))
    done = vote(world, "tea", "reject")
    withdraw(world, "tea", done)
    assert [len(world.box(who)) for who in ("tea", "ted", "tom", "sam")] == [1, 0, 1, 1]
    vote(world, "sam")
    assert result(world, case)[0] == "approve"
    assert [len(world.box(who)) for who in ("tea", "tom", "sam")] == [0, 0, 0]


def test_deciding_vote_in_order_comes_back_and_the_turns_go_on(world: Any) -> None:
    world.deploy(countersign(world, 'mode="in_order"', in_order=True))
    case = world.start()
    vote(world, "tea")
    refused = vote(world, "ted", "reject")
    withdraw(world, "ted", refused)
    for who in ("ted", "tom"):
        vote(world, who)
    assert result(world, case) == ("approve", 3, 3, ["tea", "ted", "tom"])


def test_vote_before_the_deciding_one_comes_back_once_that_has(world: Any) -> None:
    world.deploy(countersign(world, 'mode="number" value="2"'))
    case = world.start()
    first = vote(world, "tea")
    last = vote(world, "tom")
    with pytest.raises(Conflict, match="Tom"):
        withdraw(world, "tea", first)
    withdraw(world, "tom", last)
    withdraw(world, "tea", first)
    vote(world, "ted")
    vote(world, "tea")
    assert result(world, case) == ("approve", 2, 3, ["ted", "tea"])
    with pytest.raises(Conflict, match="withdrawn_already"):
        withdraw(world, "tom", last)


def test_deciding_vote_stays_once_somebody_acted_and_says_who(world: Any) -> None:
    world.deploy(countersign(world, 'mode="any"'))
    case = world.start()
    done = vote(world, "tea")
    follows = world.open(case)["after"].id
    world.run("ann", lambda tx: tasks.save(tx, follows, {"note": "begun"}))
    with pytest.raises(Conflict, match="Ann has acted on “after”"):
        withdraw(world, "tea", done)


def test_countersign_decided_by_time_has_no_vote_to_take_back(world: Any) -> None:
    model = countersign(world, 'mode="number" value="2"').replace(
        "<school:countersign", '<school:reminder after="PT1H" action="approve"/><school:countersign'
    )
    world.deploy(model)
    case = world.start()
    first = vote(world, "tea")
    world.pass_time(hours=2)
    assert result(world, case)[0] == "approve"
    with pytest.raises(Conflict, match="vote_counted"):
        withdraw(world, "tea", first)


def test_countersign_that_ended_its_sub_process_opens_it_again_with_its_timer(world: Any) -> None:
    inner = (
        '<startEvent id="begin"/>'
        + countersign(world, 'mode="all"').split('<startEvent id="s"/>')[1].split('<userTask id="after"')[0]
    )
    inner = f'<subProcess id="sub">{inner}{world.flows(("begin", "sign"))}</subProcess>'
    inner += (
        '<boundaryEvent id="late" attachedToRef="sub"><timerEventDefinition><timeDuration>PT5H</timeDuration>'
        "</timerEventDefinition></boundaryEvent>"
    )
    after = world.task("after", '<school:assignee rule="starter"/>')
    ways = (
        '<sequenceFlow id="x1" sourceRef="s" targetRef="sub"/><sequenceFlow id="x2" sourceRef="sub" targetRef="after"/>'
    )
    world.deploy(world.model(f'<startEvent id="s"/>{inner}{after}{ways}'))
    case = world.start()
    vote(world, "tea")
    vote(world, "ted")
    last = vote(world, "tom")
    withdraw(world, "tom", last)
    assert [token.node_id for token in world.view(case).tokens] == ["sub", "sign", "sign"]
    vote(world, "tom")
    assert set(world.open(case)) == {"after"}
    assert world.sql("select count(*) from timer") == [(0,)]
