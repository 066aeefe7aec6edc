"""Large values of a case lie beside its state: written once, read when asked for, gone when replaced."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from engine.workflow import instances, tasks
from engine.workflow.invariants import violations

ROWS = [{"id": number, "name": f"学员{number}", "note": "n" * 20} for number in range(300)]
_KEPT = "select count(*), coalesce(max(length(content)), 0) from instance_value where instance_id = %(id)s"


@pytest.fixture
def case(world: Any) -> UUID:
    keys = ("a", "b", "c")
    body = "".join(world.task(key, '<school:assignee rule="starter"/>') for key in keys)
    world.deploy(world.model(f'<startEvent id="s"/>{body}' + world.flows(("s", "a"), ("a", "b"), ("b", "c"))))
    started: UUID = world.start(rows=ROWS)
    return started


def kept(world: Any, case: UUID) -> tuple[int, int]:
    found = world.sql(_KEPT, id=case)[0]
    return (found[0], found[1])


def state_size(world: Any, case: UUID) -> int:
    return int(world.sql("select length(state) from instance where id = %(id)s", id=case)[0][0])


def test_step_neither_reads_nor_writes_a_large_value(world: Any, case: UUID) -> None:
    number, size = kept(world, case)
    assert (number, size > 8192, state_size(world, case) < 1000) == (1, True, True)
    task_id = world.open(case)["a"].id
    ((content,),) = world.sql("select content from instance_value where instance_id = %(id)s", id=case)
    change = "update instance_value set content = %(content)s where instance_id = %(id)s returning 1"
    world.sql(change, id=case, content=b"")
    world.run("ann", lambda tx: tasks.complete(tx, task_id))
    assert kept(world, case) == (1, 0)
    assert [row.node_id for row in world.box("ann")] == ["b"]
    world.sql(change, id=case, content=bytes(content))


def test_large_value_is_read_by_pages_and_kept_to_the_end(world: Any, case: UUID) -> None:
    for key in ("a", "b"):
        world.done("ann", case, key, note=key)
    assert world.view(case).variables["rows"] == ROWS
    world.done("ann", case, "c")
    assert world.view(case).status == "completed"
    assert world.view(case).variables["rows"] == ROWS
    assert kept(world, case)[0] == 1


def test_replaced_value_goes_with_the_step(world: Any, case: UUID) -> None:
    world.done("ann", case, "a", rows=ROWS[1:])
    assert (kept(world, case)[0], world.view(case).variables["rows"]) == (1, ROWS[1:])
    world.done("ann", case, "b", rows=ROWS[:2])
    assert (kept(world, case), world.view(case).variables["rows"]) == ((0, 0), ROWS[:2])


def test_refused_step_keeps_what_was_there(world: Any, case: UUID) -> None:
    task_id = world.open(case)["a"].id

    def fails(tx: Any) -> None:
        tasks.complete(tx, task_id, None, {"rows": ROWS[1:]})
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        world.run("ann", fails)
    assert (kept(world, case)[0], world.view(case).variables["rows"]) == (1, ROWS)


def test_invariants_tell_when_a_value_and_the_state_that_names_it_part(world: Any, case: UUID) -> None:
    def told() -> set[str]:
        return {line.split(":")[0] for line in world.run("adm", violations)}

    assert told() == set()
    ((digest, content),) = world.sql("select digest, content from instance_value")
    copy = "insert into instance_value select instance_id, decode('00', 'hex'), content from instance_value returning 1"
    world.sql(copy)
    assert told() == {"large value that no state names", "large value differs from its digest"}
    world.sql("delete from instance_value where digest = decode('00', 'hex') returning 1")
    world.sql("update instance_value set content = content || decode('00', 'hex') returning 1")
    assert told() == {"large value differs from its digest"}
    world.sql("delete from instance_value returning 1")
    assert told() == {"large value is missing"}
    world.sql("insert into instance_value values (gen_random_uuid(), sha256('x'), 'x') returning 1")
    assert "large value of no instance" in told()
    back = "update instance_value set instance_id = %(id)s, digest = %(digest)s, content = %(content)s returning 1"
    world.sql(back, id=case, digest=bytes(digest), content=bytes(content))
    assert told() == set()


def test_operators_change_and_forget_large_values(world: Any, case: UUID) -> None:
    world.run("adm", lambda tx: instances.set_variables(tx, case, {"rows": ROWS[2:]}, "two were wrong"))
    assert (kept(world, case)[0], world.view(case).variables["rows"]) == (1, ROWS[2:])
