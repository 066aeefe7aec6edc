"""Joins that wait for ever: told before a move, an incident after it, and what a person can do about it."""

from typing import Any
from uuid import UUID

import pytest

from engine.kernel.errors import Conflict, Forbidden
from engine.workflow import incidents, instances, standing
from engine.workflow.rehearsing import rehearse


def model(world: Any, *, attributes: str = "", decides: str = "", extra: str = "") -> str:
    """A starter's task, two branches that meet again, a task behind them."""
    tasks = "".join(
        world.task(node, (world.decides("role:sales") if node == decides else "") + '<school:assignee rule="starter"/>')
        for node in ("ask", "one", "two", "after")
    )
    gates = '<parallelGateway id="split" name="分头"/><parallelGateway id="join" name="会合"/>'
    ways = (("s", "ask"), ("ask", "split"), ("split", "one"), ("split", "two"), ("one", "join"), ("two", "join"))
    flows = world.flows(*ways, ("join", "after"))
    return str(world.model(f'<startEvent id="s"/>{tasks}{gates}{flows}{extra}', attributes=attributes))


def moved(world: Any, **given: str) -> UUID:
    """A case that an operator has sent into one of the branches."""
    world.deploy(model(world, **given))
    case: UUID = world.start()
    world.run("adm", lambda tx: move(tx, world, case))
    return case


def move(tx: Any, world: Any, case: UUID) -> None:
    token = instances.get(tx, case).tokens[0]
    instances.move(tx, case, [token.activation], "one", "at once")


def open_nodes(world: Any, case: UUID) -> list[tuple[str, str]]:
    return [(one.kind, one.node_id) for one in world.view(case).incidents if one.resolved_at is None]


def test_preview_of_a_move_says_which_join_would_wait_for_ever(world: Any) -> None:
    world.deploy(model(world))
    case = world.start()
    seen = world.run("adm", lambda tx: rehearse(tx, case, lambda: move(tx, world, case)))
    assert (seen.strands, seen.fails) == (("会合",), ())
    assert open_nodes(world, case) == []


def test_move_into_one_of_two_branches_is_an_incident_that_says_where_and_why(world: Any) -> None:
    case = moved(world)
    (row,) = world.run("adm", incidents.open_incidents)
    assert (row.instance_id, row.kind, row.node_id, row.activation) == (case, "stranded", "join", None)
    assert row.message.zh == "“会合”要等“two”那边的令牌，但那边已没有进行中的环节，会一直等下去"
    assert row.message.en == "“会合” waits for what comes from “two”, where nothing is under way: it waits for ever"


def test_incident_closes_when_the_branch_that_lacks_is_begun(world: Any) -> None:
    case = moved(world)
    world.done("ann", case, "one")
    assert open_nodes(world, case) == [("stranded", "join")]
    world.run("adm", lambda tx: instances.move(tx, case, [], "two", "forgotten"))
    assert open_nodes(world, case) == []
    for node in ("two", "after"):
        world.done("ann", case, node)
    assert world.view(case).status == "completed"


def test_case_goes_on_with_what_has_come_when_an_operator_says_so(world: Any) -> None:
    case = moved(world)
    with pytest.raises(Conflict, match="not_stranded"):
        world.run("adm", lambda tx: instances.pass_join(tx, case, "join", "enough"))
    world.done("ann", case, "one")
    world.run("adm", lambda tx: instances.pass_join(tx, case, "join", "enough"))
    assert (open_nodes(world, case), list(world.open(case))) == ([], ["after"])
    last = world.run("adm", lambda tx: instances.history(tx, case))[-1]
    assert (last["action"], last["data"]) == ("instance:join_passed", {"reason": "enough", "target": "join"})


def test_approval_of_money_that_has_not_come_cannot_be_done_without(world: Any) -> None:
    world.deploy(model(world, attributes='money="true" lifecycle="false"', decides="two"))
    case = world.start()
    world.run("adm", lambda tx: move(tx, world, case))
    world.done("ann", case, "one")
    assert world.run("adm", lambda tx: instances.pass_join(tx, case, "join", "", dry_run=True)).approvals == ("two",)
    with pytest.raises(Forbidden, match="money_approval"):
        world.run("adm", lambda tx: instances.pass_join(tx, case, "join", "enough"))


def test_join_that_the_model_itself_never_fills_is_told_as_soon_as_the_case_stands_still(world: Any) -> None:
    condition = "<activationCondition>activationCount &gt;= count(people)</activationCondition>"
    gates = f'<parallelGateway id="split"/><complexGateway id="join">{condition}</complexGateway>'
    tasks = "".join(world.task(node, '<school:assignee rule="starter"/>') for node in ("one", "two", "after"))
    ways = (("s", "split"), ("split", "one"), ("split", "two"), ("one", "join"), ("two", "join"), ("join", "after"))
    world.deploy(world.model(f'<startEvent id="s"/>{gates}{tasks}{world.flows(*ways)}'))
    case = world.start(people=["ann", "bob", "tom"])
    world.done("ann", case, "one")
    assert open_nodes(world, case) == []
    world.done("ann", case, "two")
    assert open_nodes(world, case) == [("stranded", "join")]
    world.run("adm", lambda tx: instances.pass_join(tx, case, "join", "two will do"))
    assert list(world.open(case)) == ["after"]


def test_migration_tells_which_join_has_lost_its_way_and_its_undoing_takes_that_back(world: Any) -> None:
    first = world.deploy(model(world)).versions[0].id
    case = world.start()
    world.done("ann", case, "ask")
    world.done("ann", case, "one")
    world.done("ann", case, "two")
    later = world.start()
    world.done("ann", later, "ask")
    world.done("ann", later, "one")
    more = world.task("three", '<school:assignee rule="starter"/>') + world.flows(("split", "three"), ("three", "join"))
    second = world.deploy(model(world, extra=more.replace('id="f', 'id="g'))).versions[0].id
    result = world.run("adm", lambda tx: instances.migrate(tx, first, second))
    assert set(result.migrated) == {case, later}
    assert (open_nodes(world, case), open_nodes(world, later)) == ([], [("stranded", "join")])
    world.run("adm", lambda tx: instances.undo_migration(tx, result.batch_id))
    assert open_nodes(world, later) == []


def test_case_that_stood_still_before_anybody_looked_is_told_at_night(world: Any) -> None:
    case = moved(world)
    world.done("ann", case, "one")
    world.sql("delete from incident where instance_id = %(id)s returning 1", id=case)
    world.sql("update instance set open_incidents = 0 where id = %(id)s returning 1", id=case)
    assert standing.tell_stranded(world.boundary) == 1
    assert open_nodes(world, case) == [("stranded", "join")]
    assert standing.tell_stranded(world.boundary) == 0
