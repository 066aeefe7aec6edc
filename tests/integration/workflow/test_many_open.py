"""Cases with very many open rounds: a step reads and writes what it touches, readers see one moment of the case."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from engine.kernel.uow import Tx
from engine.workflow import instances
from engine.workflow.instances.diagram import diagram
from engine.workflow.runner import apart
from engine.workflow.runner.row import read

EACH = ' xmlns:c="http://camunda.org/schema/1.0/bpmn" c:collection="=texts" c:elementVariable="text"'
TEXTS = [f"{number:0300}" for number in range(140)]
_KEPT = "select digest from instance_value where instance_id = %(id)s"


def model(world: Any, *extra: str) -> str:
    """140 rounds of two tasks."""
    inside = '<startEvent id="b"/><userTask id="u"/><userTask id="v"/>' + world.flows(("b", "u"), ("u", "v"))
    body = f'<subProcess id="r">{inside}<multiInstanceLoopCharacteristics{EACH}/></subProcess>'
    return str(world.model('<startEvent id="s"/>' + body + "".join(extra) + world.flows(("s", "r"))))


@pytest.fixture
def case(world: Any) -> UUID:
    world.deploy(model(world))
    started: UUID = world.start(texts=TEXTS)
    return started


def kept(world: Any, case: UUID) -> set[bytes]:
    return {bytes(row[0]) for row in world.sql(_KEPT, id=case)}


def test_step_replaces_only_pages_it_touches_and_everybody_sees_the_whole_case(world: Any, case: UUID) -> None:
    before = kept(world, case)
    world.done("ann", case, "u")
    after = kept(world, case)
    [(size,)] = world.sql("select length(state) from instance where id = %(id)s", id=case)
    assert (len(before) >= 3, len(before - after) <= 3, size < 6000) == (True, True, True)
    world.check()
    assert sorted(token.node_id for token in world.view(case).tokens).count("v") == 1
    assert world.run("ann", lambda tx: diagram(tx, case)).tokens["u"] == 139


def test_reader_whom_a_step_overtakes_begins_anew(world: Any, case: UUID) -> None:
    tries: list[int] = []

    def look(tx: Tx) -> list[str]:
        row = read(tx, case)
        tries.append(row.lock_version)
        if len(tries) == 1:
            world.done("ann", case, "u")
        return [token.node for token in apart.decode(tx, case, row.state).tokens.values()]

    found = world.run("adm", look)
    assert (len(tries), found.count("u"), found.count("v")) == (2, 139, 1)


def test_migration_and_the_way_back_keep_every_round(world: Any, case: UUID) -> None:
    first = world.sql("select version_id from instance where id = %(id)s", id=case)[0][0]
    world.done("ann", case, "u")
    before = kept(world, case)
    more = '<userTask id="more"/><sequenceFlow id="m" sourceRef="r" targetRef="more"/>'
    second = world.deploy(model(world, more)).versions[0].id
    result = world.run("adm", lambda tx: instances.migrate(tx, first, second))
    assert result.migrated == (case,)
    world.check()
    world.run("adm", lambda tx: instances.undo_migration(tx, result.batch_id))
    assert kept(world, case) == before
    world.check()
    world.run("adm", lambda tx: instances.migrate(tx, first, second))
    world.done("ann", case, "v")
    world.check()
