"""A countersign in order: who comes after whom is seen and changed while it runs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from werkzeug.datastructures import MultiDict

from engine.kernel.errors import Conflict, Forbidden
from engine.workflow import tasks
from webapp.screens.work import operations

from .countersigns import countersign, result, vote


@pytest.fixture(params=[False, True], ids=["by_role", "by_collection"])
def case(world: Any, request: pytest.FixtureRequest) -> UUID:
    """Tea's turn; Ted and Tom come after her."""
    world.deploy(countersign(world, 'mode="in_order"', in_order=True, collection=request.param))
    started: UUID = world.start(people=["tea", "ted", "tom"])
    return started


def to_come(world: Any, case: UUID) -> list[tuple[int, tuple[str, ...]]]:
    task_id = world.open(case)["sign"].id
    return [(turn.item, turn.users) for turn in world.run("adm", lambda tx: tasks.get(tx, task_id)).turns]


def arrange(world: Any, who: str, case: UUID, *order: int) -> None:
    task_id = world.open(case)["sign"].id
    world.run(who, lambda tx: tasks.arrange_signers(tx, task_id, order, "he is at the branch today"))


def test_turns_are_seen_and_change_places(world: Any, case: UUID) -> None:
    assert to_come(world, case) == [(2, ("ted",)), (3, ("tom",))]
    arrange(world, "tea", case, 3, 2)
    assert to_come(world, case) == [(3, ("tom",)), (2, ("ted",))]
    for who in ("tea", "tom", "ted"):
        vote(world, who)
    assert result(world, case) == ("approve", 3, 3, ["tea", "tom", "ted"])


def test_signer_is_taken_out_before_his_turn(world: Any, case: UUID) -> None:
    arrange(world, "tea", case, 3)
    assert to_come(world, case) == [(3, ("tom",))]
    for who in ("tea", "tom"):
        vote(world, who)
    assert result(world, case) == ("approve", 2, 2, ["tea", "tom"])
    assert world.box("ted") == []


def test_signers_join_next_and_at_the_end(world: Any, case: UUID) -> None:
    task_id = world.open(case)["sign"].id
    world.run("tea", lambda tx: tasks.add_signer(tx, task_id, ["sam", "boss"], "next"))
    world.run("tea", lambda tx: tasks.add_signer(tx, task_id, ["pat"], "parallel"))
    assert [users for _, users in to_come(world, case)] == [("sam",), ("boss",), ("ted",), ("tom",), ("pat",)]
    for who in ("tea", "sam", "boss", "ted", "tom", "pat"):
        vote(world, who)
    assert result(world, case)[3] == ["tea", "sam", "boss", "ted", "tom", "pat"]


def test_signers_before_and_after_one_turn_leave_the_others_alone(world: Any, case: UUID) -> None:
    task_id = world.open(case)["sign"].id
    world.run("tea", lambda tx: tasks.add_signer(tx, task_id, ["sam"], "before"))
    world.run("sam", lambda tx: tasks.complete(tx, world.box("sam")[0].id, "approve"))
    world.run("tea", lambda tx: tasks.add_signer(tx, task_id, ["boss"], "after"))
    vote(world, "tea")
    assert world.box("ted") == []
    vote(world, "boss")
    for who in ("ted", "tom"):
        vote(world, who)
    assert result(world, case) == ("approve", 3, 3, ["tea", "ted", "tom"])


def test_arranged_turns_survive_a_vote_taken_back(world: Any, case: UUID) -> None:
    arrange(world, "tea", case, 3, 2)
    first = vote(world, "tea")
    world.run("tea", lambda tx: tasks.withdraw(tx, first))
    assert to_come(world, case) == [(3, ("tom",)), (2, ("ted",))]
    for who in ("tea", "tom"):
        vote(world, who)
    last = vote(world, "ted", "reject")
    world.run("ted", lambda tx: tasks.withdraw(tx, last))
    assert to_come(world, case) == []
    vote(world, "ted")
    assert result(world, case) == ("approve", 3, 3, ["tea", "tom", "ted"])


def test_turns_are_changed_by_members_and_operators_only(world: Any, case: UUID) -> None:
    with pytest.raises(Forbidden, match="not_signer"):
        arrange(world, "sam", case, 2)
    arrange(world, "adm", case, 3, 2)
    with pytest.raises(Conflict, match=r"multi\.order"):
        arrange(world, "tea", case, 1, 2)
    with pytest.raises(Conflict, match=r"multi\.order"):
        arrange(world, "tea", case, 2, 2)
    assert [users for _, users in to_come(world, case)] == [("tom",), ("ted",)]


def test_result_that_is_clear_without_those_taken_out_ends_the_countersign(world: Any) -> None:
    world.deploy(countersign(world, 'mode="ratio" value="0.5"', in_order=True))
    case = world.start()
    vote(world, "tea")
    arrange(world, "adm", case)
    assert set(world.open(case)) == {"after"}
    assert result(world, case)[:3] == ("approve", 1, 2)


def test_next_turn_exists_in_a_countersign_in_order_only(world: Any) -> None:
    world.deploy(countersign(world, 'mode="all"'))
    case = world.start()
    task_id = world.box("tea")[0].id
    with pytest.raises(Conflict, match="not_in_order"):
        world.run("tea", lambda tx: tasks.add_signer(tx, task_id, ["sam"], "next"))
    with pytest.raises(Conflict, match=r"multi\.order"):
        arrange(world, "adm", case, 2)


def test_page_takes_out_whose_turn_has_yet_to_come(world: Any, case: UUID) -> None:
    task_id = world.open(case)["sign"].id
    chosen = MultiDict([("target", "turn-2"), ("comment", "on leave")])
    world.run("tea", lambda tx: operations.do(tx, task_id, "remove_signer", chosen))
    assert to_come(world, case) == [(3, ("tom",))]
