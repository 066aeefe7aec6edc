"""Cases that begin in the background: each exactly once, whatever fails in between."""

from __future__ import annotations

from uuid import UUID

import pytest

from engine.kernel.actor import SYSTEM, process_actor
from engine.kernel.uow import Tx
from engine.workflow.messages import posted_starts
from tests.integration.workflow.conftest import EAST, World, flows, model, task

_RECORDS = [UUID(int=100 + number) for number in range(60)]


@pytest.fixture
def leads(world: World) -> World:
    """A deployed lifecycle process of 60 leads: greet, then a task of ann's."""
    body = (
        '<startEvent id="start"/><serviceTask id="greet" name="greet"><extensionElements><school:handler name="greet">'
        '<school:input name="n" value="=1"/></school:handler></extensionElements></serviceTask>'
        + task("call", '<school:assignee rule="=[&quot;ann&quot;]"/>')
        + '<endEvent id="end"/>'
        + flows(("start", "greet"), ("greet", "call"), ("call", "end"))
    )
    for record in _RECORDS:
        world.store.rows["lead", record] = {"id": str(record), "branch_id": EAST}
    world.add("greet", lambda tx, inputs: {})
    world.deploy(model(body, "leads", 'principal="process:leads" record="lead" lifecycle="true"'))
    return world


def post(world: World, records: list[UUID], batch: str = "b") -> None:
    def use_case(tx: Tx) -> None:
        with tx.acting_as(process_actor("process:leads", "leads", tx.actor)):
            posted_starts.post_starts(
                tx, "leads", "lead", [(one, {"lead_id": str(one)}) for one in records], batch=batch
            )

    world.run("ann", use_case)


def running(world: World) -> int:
    (row,) = world.sql("select count(*), count(distinct record_id) from instance where process_key = 'leads'")
    assert row[0] == row[1]
    return int(row[0])


def test_every_case_begins_once_as_the_process_for_whom_posted_it(leads: World) -> None:
    post(leads, _RECORDS)
    assert leads.run(SYSTEM, lambda tx: posted_starts.waiting(tx, "b")) == 60
    assert leads.drain() >= 60
    assert leads.drain() == 0
    assert running(leads) == 60
    assert leads.run(SYSTEM, lambda tx: posted_starts.waiting(tx, "b")) == 0
    assert leads.sql("select distinct starter, starter_kind, branch_id from instance") == [
        ("process:leads", "process", EAST)
    ]
    assert len(leads.box("ann")) == 50
    behalf = leads.sql("select distinct on_behalf_of from history where action = 'instance:started'")
    assert behalf == [("ann",)]


def test_a_batch_that_breaks_off_begins_no_case(leads: World) -> None:
    post(leads, _RECORDS[:10])

    class Torn(Exception):
        """The worker dies before its commit."""

    def dies(tx: Tx) -> None:
        posted_starts.begin_all(tx, posted_starts.claim(tx))
        raise Torn

    with pytest.raises(Torn):
        leads.run(SYSTEM, dies)
    assert running(leads) == 0
    leads.drain()
    assert running(leads) == 10


def test_one_bad_start_does_not_hold_up_the_others(leads: World) -> None:
    post(leads, _RECORDS[:5])
    with_bad_actor = "update message set payload = %(payload)s where record_id = %(id)s returning 1"
    leads.sql(with_bad_actor, payload=b"\xc1broken", id=_RECORDS[2])
    leads.drain()
    assert running(leads) == 4
    (row,) = leads.sql(
        "select status, attempts, error is not null from message where record_id = %(id)s", id=_RECORDS[2]
    )
    assert row == ("new", 1, True)


def test_records_deleted_or_running_meanwhile_start_nothing(leads: World) -> None:
    post(leads, _RECORDS[:3])
    post(leads, _RECORDS[2:3], batch="again")
    del leads.store.rows["lead", _RECORDS[0]]
    leads.drain()
    assert running(leads) == 2
    assert leads.sql("select distinct status from message") == [("done",)]


def test_starts_wait_while_the_process_is_paused(leads: World) -> None:
    leads.sql("update process set is_paused = true where key = 'leads' returning 1")
    post(leads, _RECORDS[:2])
    leads.drain()
    assert running(leads) == 0
    leads.sql("update process set is_paused = false where key = 'leads' returning 1")
    assert leads.drain() == 0
    leads.pass_time(minutes=2)
    assert running(leads) == 2
