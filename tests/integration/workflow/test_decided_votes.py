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


def timed(world: Any, mode: str) -> str:
    """After an hour every open place agrees by itself."""
    return countersign(world, mode).replace(
        "<school:countersign", '<school:reminder after="PT1H" action="approve"/><school:countersign'
    )


def test_vote_before_time_decided_comes_back_and_opens_what_time_had_closed(world: Any) -> None:
    world.deploy(timed(world, 'mode="number" value="2"'))
    case = world.start()
    first = vote(world, "tea")
    world.pass_time(hours=2)
    assert result(world, case)[:3] == ("approve", 2, 3)
    withdraw(world, "tea", first)
    assert [len(world.box(who)) for who in ("tea", "ted", "tom", "ann")] == [1, 1, 1, 0]
    vote(world, "ted", "reject")
    vote(world, "tom", "reject")
    assert (result(world, case)[0], result(world, case)[3]) == ("reject", ["ted", "tom"])
    with pytest.raises(Conflict, match="withdrawn_already"):
        withdraw(world, "tea", first)


def test_vote_before_time_decided_stays_once_somebody_acted_on_what_followed(world: Any) -> None:
    world.deploy(timed(world, 'mode="number" value="2"'))
    case = world.start()
    first = vote(world, "tea")
    world.pass_time(hours=2)
    world.done("ann", case, "after")
    with pytest.raises(Conflict, match="instance_ended"):
        withdraw(world, "tea", first)


def test_vote_comes_back_after_a_voter_was_taken_out_who_stays_out(world: Any) -> None:
    world.deploy(countersign(world, 'mode="ratio" value="1"'))
    case = world.start()
    first, second = vote(world, "tea"), vote(world, "ted")
    world.run("ted", lambda tx: tasks.remove_signer(tx, world.box("tom")[0].id))
    assert result(world, case)[:3] == ("approve", 2, 2)
    withdraw(world, "tea", first)
    assert [len(world.box(who)) for who in ("tea", "ted", "tom")] == [1, 0, 0]
    vote(world, "tea", "reject")
    assert result(world, case)[:3] == ("reject", 1, 2)
    with pytest.raises(Conflict, match="Tea"):
        withdraw(world, "ted", second)


def test_vote_comes_back_after_those_behind_the_one_in_turn_were_taken_out(world: Any) -> None:
    world.deploy(countersign(world, 'mode="ratio" value="0.5"', in_order=True))
    case = world.start()
    first = vote(world, "tea")
    world.run("ted", lambda tx: tasks.arrange_signers(tx, world.box("ted")[0].id, [], "one of two is enough"))
    assert (result(world, case)[:3], world.box("ted")) == (("approve", 1, 2), [])
    assert [one.node_id for one in withdraw(world, "tea", first, dry_run=True).cancels] == ["after"]
    withdraw(world, "tea", first)
    assert [len(world.box(who)) for who in ("tea", "ted", "tom")] == [1, 0, 0]
    vote(world, "tea", "reject")
    vote(world, "ted")
    assert result(world, case) == ("approve", 1, 2, ["tea", "ted"])


def test_drafts_of_those_cut_off_are_there_again(world: Any) -> None:
    world.deploy(countersign(world, 'mode="any"').replace('operations="claim', 'operations="claim save'))
    case = world.start()
    draft = {"note": "halfway", "hours": 2}
    world.run("tom", lambda tx: tasks.save(tx, world.box("tom")[0].id, draft))
    done = vote(world, "tea")
    withdraw(world, "tea", done)
    shown = {
        who: world.run(who, lambda tx, who=who: tasks.get(tx, world.box(who)[0].id).draft) for who in ("tea", "tom")
    }
    assert shown == {"tea": None, "tom": draft}
    vote(world, "tom")
    assert result(world, case)[0] == "approve"


def test_vote_with_a_compensation_handler_is_not_compensated_when_it_comes_back(world: Any) -> None:
    undone: list[int] = []

    def undo(tx: Any, inputs: Any) -> dict[str, Any]:
        undone.append(1)
        return {}

    world.add("undo", undo)
    handler = (
        '<boundaryEvent id="cb" attachedToRef="sign"><compensateEventDefinition/></boundaryEvent>'
        '<serviceTask id="unsign" isForCompensation="true"><extensionElements><school:handler name="undo">'
        '<school:input name="n" value="=1"/></school:handler></extensionElements></serviceTask>'
        '<endEvent id="stop"><compensateEventDefinition/></endEvent>'
        '<sequenceFlow id="z" sourceRef="after" targetRef="stop"/>'
    )
    bound = '<association id="as" sourceRef="cb" targetRef="unsign"/>'
    model = countersign(world, 'mode="all"').replace("</process>", f"{handler}{bound}</process>")
    world.deploy(model)
    case = world.start()
    for who in ("tea", "ted"):
        vote(world, who)
    last = vote(world, "tom")
    withdraw(world, "tom", last)
    assert undone == []
    vote(world, "tom")
    world.done("ann", case, "after")
    assert (undone, world.view(case).status) == ([1, 1, 1], "completed")


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
