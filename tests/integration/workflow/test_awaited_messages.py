"""A service task that sends: the case stands until the message has left, or cannot."""

from typing import Any
from uuid import UUID

import pytest

from engine.kernel import outbox
from engine.kernel.actor import SYSTEM
from engine.kernel.outbox_outcomes import take_outcome
from engine.workflow import instances


def sender(world: Any) -> str:
    body = (
        '<startEvent id="s"/><serviceTask id="tell" name="tell"><extensionElements>'
        '<school:send connector="sms" to="=phones" template="hello"/></extensionElements></serviceTask>'
        + world.task("after", '<school:assignee rule="starter"/>')
        + world.flows(("s", "tell"), ("tell", "after"))
    )
    return str(world.model(body))


def set_state(world: Any, recipient: str, state: str) -> None:
    world.sql("update outbox set state = %(state)s where recipient = %(to)s returning id", state=state, to=recipient)


@pytest.fixture
def case(world: Any) -> UUID:
    world.deploy(sender(world))
    return UUID(str(world.start(phones=["+8613800138000", "+8613800138001"])))


def test_activity_stands_until_every_message_has_left(world: Any, case: UUID) -> None:
    world.drain()
    assert world.open(case) == {}
    set_state(world, "+8613800138000", "delivered")
    set_state(world, "+8613800138001", "unknown")
    world.drain()
    assert world.open(case) == {}
    unknown = world.sql("select id from outbox where state = 'unknown'")[0][0]
    world.run(SYSTEM, lambda tx: outbox.resolve_unknown(tx, unknown, "sent", "asked by telephone"))
    world.drain()
    assert set(world.open(case)) == {"after"}


def test_message_that_cannot_leave_is_an_incident(world: Any, case: UUID) -> None:
    set_state(world, "+8613800138000", "delivered")
    set_state(world, "+8613800138001", "failed")
    world.drain()
    assert world.open(case) == {}
    assert world.sql("select count(*) from incident") == [(1,)]


def test_outcome_for_a_cancelled_case_is_passed_over(world: Any, case: UUID) -> None:
    world.sql("update outbox set state = 'sent' returning id")
    world.run("adm", lambda tx: instances.cancel(tx, case, "mistake"))
    world.drain()
    assert world.run(SYSTEM, take_outcome) is None
