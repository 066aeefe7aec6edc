"""The figures on the picture of a process: who stands where, what is late, how long steps take, who sees them."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from engine.kernel.actor import SYSTEM
from engine.kernel.errors import Forbidden
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow import instances
from engine.workflow.handlers import Handler
from engine.workflow.instances import Place
from tests.integration.workflow.conftest import HEADQUARTERS


def review(world: Any) -> str:
    """Two reviews at once, then a filing that fails while the drawer is locked."""
    body = (
        '<startEvent id="s"/><parallelGateway id="split"/><parallelGateway id="join"/>'
        + world.task("a", world.decides("role:sales"), attributes='due="P2D"')
        + world.task("b", world.decides("role:finance"), attributes='due="PT12H"')
        + '<serviceTask id="file"><extensionElements><school:handler name="file" retries="0"/></extensionElements>'
        '</serviceTask><endEvent id="e"/>'
        + world.flows(
            ("s", "split"),
            ("split", "a"),
            ("split", "b"),
            ("a", "join"),
            ("b", "join"),
            ("join", "file"),
            ("file", "e"),
        )
    )
    return str(world.model(body))


def locked(tx: Tx, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    raise RuntimeError("the drawer is locked")


def version_of(world: Any) -> UUID:
    (row,) = world.sql("select id from process_version")
    return UUID(str(row[0]))


@pytest.fixture
def reviews(world: Any) -> Any:
    """Three cases: one at the start, one half reviewed after three hours, one that fails to be filed."""
    world.handlers.add(Handler("file", Text("归档", "File"), locked, {}, {}))
    world.deploy(review(world))
    first, second, third = (world.start() for _ in range(3))
    world.pass_time(hours=3)
    world.done("bob", second, "a", "approve")
    world.pass_time(hours=2)
    for node, who in (("a", "bob"), ("b", "fay")):
        world.done(who, third, node, "approve")
    world.drain()
    return world, first, second, third


def test_places_count_cases_tasks_and_what_is_late(reviews: Any) -> None:
    world, first, second, third = reviews
    world.clock.advance(timedelta(hours=8))
    found = world.run("adm", lambda tx: instances.places(tx, version_of(world)))
    began = world.clock.now() - timedelta(hours=13)
    assert (found.running, found.is_whole) == (3, True)
    assert found.places == {
        "a": Place(cases=1, tokens=1, since=began, done=2, median_s=4 * 3600, slow_s=4.8 * 3600),
        "b": Place(cases=2, tokens=2, overdue=2, since=began, done=1, median_s=5 * 3600, slow_s=5 * 3600),
        "join": Place(cases=1, tokens=1),
        "file": Place(cases=1, tokens=1, failed=1),
    }
    assert world.run("adm", lambda tx: instances.standing_at(tx, version_of(world), "b")) == (second, first)
    assert world.run("adm", lambda tx: instances.standing_at(tx, version_of(world), "file")) == (third,)


def test_places_are_of_the_branches_somebody_operates(reviews: Any) -> None:
    world, *_ = reviews
    world.run(SYSTEM, lambda tx: instances.start(tx, "demo", branch_id=HEADQUARTERS))
    version = version_of(world)
    assert world.run("adm", lambda tx: instances.places(tx, version)).running == 4
    assert world.run("pat", lambda tx: instances.places(tx, version)).running == 3
    with pytest.raises(Forbidden):
        world.run("ann", lambda tx: instances.places(tx, version))
    with pytest.raises(Forbidden):
        world.run("ann", lambda tx: instances.standing_at(tx, version, "a"))
