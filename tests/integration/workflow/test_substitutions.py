"""代理: who acts and sees what while somebody is away, with chains, single processes and an early return."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from engine.kernel.errors import Forbidden
from engine.workflow import substitutions, tasks


@pytest.fixture
def cases(world: Any) -> dict[str, UUID]:
    """Pat has a task in two processes."""
    body = '<startEvent id="s"/>' + world.task("t", world.decides("role:principal")) + world.flows(("s", "t"))
    for key in ("leave", "refund"):
        world.deploy(world.model(body, key=key))
    return {key: world.start(key) for key in ("leave", "refund")}


def away(world: Any, user: str, substitute: str, process: str | None = None, days: int = 3) -> UUID:
    now = world.clock.now()
    found: UUID = world.run(
        "adm", lambda tx: substitutions.create(tx, user, substitute, now, now + timedelta(days=days), process)
    )
    return found


def todo(world: Any, who: str) -> list[str]:
    counted = world.run(who, tasks.counts)["todo"]
    found = sorted(row.process_key for row in world.box(who))
    assert counted == len(found)
    return found


def test_chain_of_substitutes_reaches_who_is_there(world: Any, cases: dict[str, UUID]) -> None:
    away(world, "pat", "sam")
    away(world, "sam", "tea")
    assert todo(world, "tea") == ["leave", "refund"]
    world.done("tea", cases["leave"], "t", "approve")
    assert world.sql("select user_id, acting_for from task_vote") == [("tea", "pat")]
    case = world.start("leave")
    row = world.open(case)["t"]
    assert (row.assignee, row.acting_for) == ("tea", {"tea": "pat"})


def test_substitute_for_one_process_sees_and_does_that_one_only(world: Any, cases: dict[str, UUID]) -> None:
    away(world, "pat", "sam", "refund")
    assert (todo(world, "sam"), todo(world, "pat")) == (["refund"], ["leave", "refund"])
    with pytest.raises(Forbidden, match="task_of_other"):
        world.done("sam", cases["leave"], "t", "approve")
    world.done("sam", cases["refund"], "t", "approve")


def test_substitute_for_one_process_goes_before_the_one_for_all(world: Any, cases: dict[str, UUID]) -> None:
    away(world, "pat", "tea")
    away(world, "pat", "sam", "refund")
    assert (todo(world, "tea"), todo(world, "sam")) == (["leave"], ["refund"])
    assert world.open(world.start("refund"))["t"].assignee == "sam"
    with pytest.raises(Forbidden, match="task_of_other"):
        world.done("tea", cases["refund"], "t", "approve")


def test_substitutes_for_each_other_keep_their_own_tasks(world: Any, cases: dict[str, UUID]) -> None:
    away(world, "pat", "sam")
    away(world, "sam", "pat")
    assert world.open(world.start("leave"))["t"].assignee == "pat"
    world.done("pat", cases["leave"], "t", "approve")


def test_early_return_brings_back_what_nobody_has_begun(world: Any) -> None:
    body = '<startEvent id="s"/>' + world.task("t", world.decides("role:principal"), attributes='operations="save"')
    world.deploy(world.model(body + world.flows(("s", "t"))))
    gone = away(world, "pat", "sam")
    begun, untouched = world.start(), world.start()
    world.run("sam", lambda tx: tasks.save(tx, world.open(begun)["t"].id, {"note": "half"}))
    assert (len(world.box("pat")), len(world.box("sam"))) == (0, 2)
    world.run("pat", lambda tx: substitutions.end(tx, gone))
    assert [row.instance_id for row in world.box("pat")] == [untouched]
    assert [row.instance_id for row in world.box("sam")] == [begun]
    world.done("pat", untouched, "t", "approve")
    world.done("sam", begun, "t", "approve")
    votes = world.sql("select user_id, acting_for from task_vote order by id")
    assert votes == [("pat", None), ("sam", "pat")]


def test_period_that_ends_by_time_brings_back_what_nobody_has_begun_once(world: Any) -> None:
    body = '<startEvent id="s"/>' + world.task("t", world.decides("role:principal"), attributes='operations="save"')
    world.deploy(world.model(body + world.flows(("s", "t"))))
    away(world, "pat", "sam", days=2)
    away(world, "sam", "tea", days=5)
    begun, untouched = world.start(), world.start()
    world.run("tea", lambda tx: tasks.save(tx, world.open(begun)["t"].id, {"note": "half"}))
    world.pass_time(days=1)
    assert (len(world.box("pat")), len(world.box("tea"))) == (0, 2)
    world.pass_time(days=1)
    assert [row.instance_id for row in world.box("pat")] == [untouched]
    assert [row.instance_id for row in world.box("tea")] == [begun]
    assert world.open(untouched)["t"].acting_for == {}
    world.pass_time(days=4)
    ended = world.sql(
        "select data->>'user', data->>'given_back' from history where action = 'substitution:ended' order by id"
    )
    assert ended == [("pat", "1"), ("sam", "0")]


def test_task_held_by_somebody_when_the_period_ends_comes_back_with_the_next_round(world: Any) -> None:
    world.deploy(
        world.model('<startEvent id="s"/>' + world.task("t", world.decides("role:principal")) + world.flows(("s", "t")))
    )
    away(world, "pat", "sam", days=1)
    case = world.start()
    world.clock.advance(timedelta(days=1))

    def hold(tx: Any) -> None:
        tx.query("select id from user_task where instance_id = %(id)s for update", {"id": case})
        world.drain()

    world.run("adm", hold)
    assert world.open(case)["t"].assignee == "sam"
    world.drain()
    assert world.open(case)["t"].assignee == "pat"


def test_substitution_that_is_over_hides_the_tasks_again(world: Any, cases: dict[str, UUID]) -> None:
    away(world, "pat", "sam", days=1)
    assert todo(world, "sam") == ["leave", "refund"]
    world.pass_time(days=1)
    assert todo(world, "sam") == []
    with pytest.raises(Forbidden, match="task_of_other"):
        world.done("sam", cases["leave"], "t", "approve")


def test_substitute_claims_an_offer_made_to_the_absent(world: Any) -> None:
    body = '<startEvent id="s"/>' + world.task("t", world.decides("role:finance"), attributes='operations="claim"')
    world.deploy(world.model(body + world.flows(("s", "t"))))
    case = world.start()
    away(world, "fay", "sam")
    away(world, "sam", "tea")
    assert [row.node_id for row in world.box("tea", "candidate")] == ["t"]
    assert world.run("tea", tasks.counts)["candidate"] == 1
    world.run("tea", lambda tx: tasks.claim(tx, world.open(case)["t"].id))
    world.done("tea", case, "t", "approve")
    assert world.sql("select user_id, acting_for from task_vote") == [("tea", "fay")]
