"""Looking for instances."""

from typing import Any

from engine.workflow import instances
from engine.workflow.instances import InstanceQuery


def test_search_by_ids_keeps_to_what_the_actor_may_see(world: Any) -> None:
    body = (
        '<startEvent id="s"/>'
        + world.task("a", '<school:assignee rule="role:sales"/>')
        + '<endEvent id="e"/>'
        + world.flows(("s", "a"), ("a", "e"))
    )
    world.deploy(world.model(body))
    cases = [world.start() for _ in range(3)]
    asked = InstanceQuery(ids=(cases[2], cases[0]))
    found = world.run("adm", lambda tx: instances.search(tx, asked)).items
    assert [row.id for row in found] == [cases[2], cases[0]]
    assert world.run("fay", lambda tx: instances.search(tx, asked)).items == ()
    assert world.run("adm", lambda tx: instances.search(tx, InstanceQuery(ids=()))).items == ()
