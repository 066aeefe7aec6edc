"""Data stores in the database: one value per branch and name, whoever writes at once (BPMN 2.0.2 10.4.1)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from engine.kernel.actor import SYSTEM
from engine.kernel.errors import Forbidden, Stale, UserError
from engine.workflow import instances, stores, tasks

from .conftest import EAST, HEADQUARTERS

SEATS = '<dataStore id="ds" name="seats" capacity="9" isUnlimited="false"/>'


def counting(world: Any) -> str:
    """A task, then one seat is taken from the store and seen."""
    place = '<property id="ph" name="__targetRef_placeholder"/>'
    ends = (
        '<dataInputAssociation id="i"><sourceRef>r</sourceRef><targetRef>ph</targetRef></dataInputAssociation>'
        '<dataOutputAssociation id="o"><targetRef>r</targetRef></dataOutputAssociation>'
    )
    take = f'<scriptTask id="take" scriptFormat="feel">{place}{ends}<script>{{seats: seats - 1}}</script></scriptTask>'
    body = (
        '<startEvent id="s"/><dataStoreReference id="r" name="seats" dataStoreRef="ds"/>'
        + world.task("t", '<school:assignee rule="starter"/>')
        + take
        + world.task("after", '<school:assignee rule="starter"/>')
        + world.flows(("s", "t"), ("t", "take"), ("take", "after"))
    )
    return str(world.model(body)).replace("<process ", f"{SEATS}<process ", 1)


@pytest.fixture
def filled(world: Any) -> Any:
    world.deploy(counting(world))
    world.run("adm", lambda tx: stores.put(tx, EAST, "seats", 8, 0, "first filling"))
    return world


def seats(world: Any, branch: UUID = EAST) -> Any:
    return world.run(SYSTEM, lambda tx: stores.get(tx, branch, "seats"))[1]


def test_cases_of_a_branch_share_a_store_that_outlives_them(filled: Any) -> None:
    first, second = filled.start(), filled.start()
    for case in (first, second):
        filled.done("ann", case, "t")
    assert (filled.view(first).variables["seats"], filled.view(second).variables["seats"]) == (7, 6)
    for case in (first, second):
        filled.done("ann", case, "after")
    row, value = filled.run("adm", lambda tx: stores.get(tx, EAST, "seats"))
    assert (value, row.version, row.instance_id) == (6, 3, second)


def test_other_branches_have_a_store_of_their_own(filled: Any) -> None:
    filled.run("adm", lambda tx: stores.put(tx, HEADQUARTERS, "seats", 100, 0, "of headquarters"))
    case = filled.run("adm", lambda tx: instances.start(tx, "demo", {}, branch_id=HEADQUARTERS))
    filled.run("adm", lambda tx: tasks.complete(tx, filled.open(case)["t"].id))
    assert (seats(filled), seats(filled, HEADQUARTERS)) == (8, 99)


def test_store_of_the_organisation_lies_at_headquarters_for_all_branches(world: Any) -> None:
    said = '<extensionElements><school:store scope="organisation"/></extensionElements>'
    world.deploy(counting(world).replace(SEATS, SEATS.replace("/>", f">{said}</dataStore>")))
    world.run("adm", lambda tx: stores.put(tx, HEADQUARTERS, "seats", 5, 0, "for all"))
    world.done("ann", world.start(), "t")
    case = world.run("adm", lambda tx: instances.start(tx, "demo", {}, branch_id=HEADQUARTERS))
    world.run("adm", lambda tx: tasks.complete(tx, world.open(case)["t"].id))
    homes = [row.branch_id for row in world.run("adm", stores.listed)]
    assert (seats(world, HEADQUARTERS), homes) == (3, [HEADQUARTERS])
    with pytest.raises(UserError, match="store_name_long"):
        world.run("adm", lambda tx: stores.put(tx, EAST, "a" * 201, 1, 0, "much too long"))


def test_eight_cases_at_once_each_take_one(filled: Any) -> None:
    ids = [filled.open(filled.start())["t"].id for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda task_id: filled.run("ann", lambda tx: tasks.complete(tx, task_id)), ids))
    seen = filled.sql("select version from data_store")
    assert (seats(filled), seen) == (0, [(9,)])


def test_two_cases_that_find_a_store_empty_do_not_overwrite_each_other(world: Any) -> None:
    model = counting(world).replace("{seats: seats - 1}", "{seats: append(if seats = null then [] else seats, 1)}")
    world.deploy(model)
    ids = [world.open(world.start())["t"].id for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda task_id: world.run("ann", lambda tx: tasks.complete(tx, task_id)), ids))
    assert seats(world) == [1, 1, 1, 1]


def test_refused_step_leaves_the_store_as_it_was(filled: Any) -> None:
    task_id = filled.open(filled.start())["t"].id

    def fails(tx: Any) -> None:
        tasks.complete(tx, task_id)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        filled.run("ann", fails)
    assert seats(filled) == 8


def test_full_store_is_an_incident_until_an_operator_makes_room(world: Any) -> None:
    model = counting(world).replace("{seats: seats - 1}", '{seats: append(seats, "one more")}')
    world.deploy(model)
    world.run("adm", lambda tx: stores.put(tx, EAST, "seats", list(range(9)), 0, "nine are all"))
    case = world.start()
    world.done("ann", case, "t")
    assert world.sql("select kind from incident where resolved_at is null") == [("store.full",)]
    world.run("adm", lambda tx: stores.put(tx, EAST, "seats", [], 1, "a new term"))
    ((activation,),) = world.sql("select activation from incident where resolved_at is null")
    world.run("adm", lambda tx: instances.retry(tx, case, activation))
    assert (seats(world), set(world.open(case))) == (["one more"], {"after"})


def test_operators_see_and_correct_stores_and_nobody_else_does(filled: Any) -> None:
    rows = filled.run("adm", stores.listed)
    assert [(row.branch_id, row.name, row.version, row.instance_id) for row in rows] == [(EAST, "seats", 1, None)]
    changed = filled.run("adm", lambda tx: stores.put(tx, EAST, "seats", Decimal("8.5"), 1, "half a seat"))
    assert (changed.version, seats(filled)) == (2, Decimal("8.5"))
    with pytest.raises(Stale, match="store_changed"):
        filled.run("adm", lambda tx: stores.put(tx, EAST, "seats", 1, 1, "late"))
    with pytest.raises(UserError, match="reason_required"):
        filled.run("adm", lambda tx: stores.put(tx, EAST, "seats", 1, 2, " "))
    with pytest.raises(UserError, match="store_full"):
        filled.run("adm", lambda tx: stores.put(tx, EAST, "seats", "x" * 5_000_000, 2, "much"))
    for act in (
        stores.listed,
        lambda tx: stores.get(tx, EAST, "seats"),
        lambda tx: stores.put(tx, EAST, "seats", 1, 2, "x"),
    ):
        with pytest.raises(Forbidden, match="not_operator"):
            filled.run("ann", act)
    told = filled.sql("select data->>'store', data->>'reason' from history where action = 'store:changed' order by id")
    assert told == [("seats", "first filling"), ("seats", "half a seat")]
