"""What a storm holds against the record: decisions people were told of, signers behind them included."""

from pathlib import Path
from typing import Any

from engine.workflow import tasks

from .test_storm import People, misremembered


def decided(world: Any, key: str) -> tuple[Any, Any]:
    """A task somebody has decided under this key, which its signer has yet to agree to; the task, the signer's."""
    content = '<school:assignee rule="starter"/><school:outcome name="yes"/><school:outcome name="no" style="danger"/>'
    step = world.task("ask", content, attributes='operations="add_signer"')
    world.deploy(world.model(f'<startEvent id="s"/>{step}{world.flows(("s", "ask"))}'))
    case = world.start()
    row = world.open(case)["ask"]
    world.run("ann", lambda tx: tasks.add_signer(tx, row.id, ["bob"], "after"))
    world.run("ann", lambda tx: tasks.complete(tx, row.id, "yes", comment=key))
    signer = next(one for one in world.view(case).tasks if one.kind == "after")
    return row, signer


def remembered(world: Any, *, told: list[str], asked: list[str]) -> list[object]:
    return misremembered(world, People(world, [], Path("web"), told=told, asked=asked))


def test_decision_that_waits_for_a_signer_is_on_record_though_the_task_is_not_done(world: Any) -> None:
    row, _ = decided(world, "key 1")
    assert world.sql("select status from user_task where id = %(id)s", id=row.id) == [("waiting",)]
    assert remembered(world, told=["key 1"], asked=["key 1"]) == []


def test_decision_a_signer_has_overruled_stays_on_record(world: Any) -> None:
    _, signer = decided(world, "key 1")
    world.run("bob", lambda tx: tasks.complete(tx, signer.id, "no", comment="rather not"))
    assert remembered(world, told=["key 1"], asked=["key 1"]) == []


def test_what_was_told_and_is_not_on_record_and_the_other_way_round_is_found(world: Any) -> None:
    decided(world, "key 1")
    asked = ["key 1", "key 2"]
    assert remembered(world, told=["key 2"], asked=asked) == [("key 2", 1, 0), ("key 1", 0, 1)]
