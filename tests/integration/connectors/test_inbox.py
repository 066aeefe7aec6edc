"""The inbox on real PostgreSQL: once each, quarantine, conversations, exactly one effect."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text

from engine.kernel import delivery_health, inbox, inbox_storing, outbox
from engine.kernel.actor import Actor
from engine.kernel.clock import FixedClock
from engine.kernel.connector import Committed, Inbound, Receipt, ReceiptStatus
from engine.kernel.connector_store import ConnectorRow
from engine.kernel.connector_tables import inbox as table
from engine.kernel.connector_tables import outbox as outbox_table
from engine.kernel.delivery import drain_outbox
from engine.kernel.inbox import InboxRow
from engine.kernel.outbox import OutboxMessage
from engine.kernel.uow import Boundary, Tx
from tests.integration.connectors.peers import Scripted, live, sent

PHONE = "+8613800138000"


def swipe(key: str, at: datetime, **more: object) -> Inbound:
    values: dict[str, object] = {
        "dedupe_key": key, "name": "attendance.swipe", "occurred_at": at, "payload": {"device": "d"}, **more,
    }  # fmt: skip
    return Inbound(**values)  # type: ignore[arg-type]


def states(boundary: Boundary, actor: Actor) -> list[tuple[str, str]]:
    query = select(table.c.state, table.c.reason).order_by(table.c.id)
    return boundary.run(actor, lambda tx: [(row.state, row.reason) for row in tx.execute(query)])


def receive(boundary: Boundary, actor: Actor, row: ConnectorRow, *items: Inbound) -> Committed:
    return boundary.run(actor, lambda tx: inbox.receive_all(tx, row.id, items))


def test_event_is_stored_once(boundary: Boundary, sms_row: ConnectorRow, actor_system: Actor) -> None:
    item = swipe("a", boundary.clock.now())
    assert boundary.run(actor_system, lambda tx: inbox.receive(tx, sms_row.id, item)) is True
    assert boundary.run(actor_system, lambda tx: inbox.receive(tx, sms_row.id, item)) is False
    assert receive(boundary, actor_system, sms_row, item, item) == Committed(2, 0)
    assert states(boundary, actor_system) == [("new", "")]


@pytest.mark.parametrize(
    ("ahead", "reason"),
    [(timedelta(minutes=6), "clock:future"), (timedelta(days=-5000), "clock:too_old"), (timedelta(minutes=4), "")],
)
def test_implausible_device_time_is_quarantined(
    boundary: Boundary, sms_row: ConnectorRow, actor_system: Actor, ahead: timedelta, reason: str
) -> None:
    outcome = receive(boundary, actor_system, sms_row, swipe("a", boundary.clock.now() + ahead))
    assert outcome == Committed(0 if reason else 1, 1 if reason else 0)
    assert states(boundary, actor_system) == [("quarantined" if reason else "new", reason)]


def test_skewed_clock_degrades_the_connector(boundary: Boundary, sms_row: ConnectorRow, actor_system: Actor) -> None:
    late = boundary.clock.now() - timedelta(seconds=200)
    items = [swipe(str(number), late, device_time_raw="x") for number in range(3)]
    receive(boundary, actor_system, sms_row, *items)
    figures = boundary.run(actor_system, lambda tx: delivery_health.figures(tx, sms_row.id))
    assert (figures["state"], figures["code"]) == ("degraded", "clock_skew")


def test_full_quarantine_drops_and_counts(
    boundary: Boundary, sms_row: ConnectorRow, actor_system: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox_storing, "QUARANTINE_CAP", 2)
    doubtful = [swipe(str(number), boundary.clock.now(), quarantine="unknown_device") for number in range(5)]
    assert receive(boundary, actor_system, sms_row, *doubtful) == Committed(0, 5)
    assert len(states(boundary, actor_system)) == 2
    assert boundary.run(actor_system, lambda tx: delivery_health.figures(tx, sms_row.id))["dropped"] == 3


def test_event_takes_effect_once_and_failure_is_retried_then_buried(
    boundary: Boundary, sms_row: ConnectorRow, actor_system: Actor, clock: FixedClock
) -> None:
    receive(boundary, actor_system, sms_row, swipe("good", clock.now()), swipe("bad", clock.now()))
    seen: list[UUID] = []

    def handle(tx: Tx, row: InboxRow) -> None:
        tx.execute(text("INSERT INTO suppression VALUES ('t', :id, 'c', now(), '')"), {"id": str(row.id)})
        if row.id in seen or not seen:
            seen.append(row.id)
            return
        raise ValueError("no such lesson for 13800138000")

    for _round in range(10):
        inbox.drain_inbox(boundary, actor_system, handle)
        clock.advance(timedelta(minutes=10))
    assert states(boundary, actor_system) == [("done", ""), ("dead", "no such lesson for 138****8000")]
    effects = boundary.run(actor_system, lambda tx: tx.execute(text("SELECT count(*) FROM suppression")).scalar_one())
    assert effects == 1


def test_handler_may_postpone_and_bury(
    boundary: Boundary, sms_row: ConnectorRow, actor_system: Actor, clock: FixedClock
) -> None:
    receive(boundary, actor_system, sms_row, swipe("a", clock.now()))
    later = clock.now() + timedelta(minutes=1)
    inbox.drain_inbox(boundary, actor_system, lambda tx, row: inbox.postpone(tx, row.id, later, "nobody waits"))
    assert states(boundary, actor_system) == [("new", "nobody waits")]
    clock.advance(timedelta(minutes=2))
    inbox.drain_inbox(boundary, actor_system, lambda tx, row: inbox.bury(tx, row.id, "nobody came"))
    assert states(boundary, actor_system) == [("dead", "nobody came")]


def test_quarantined_event_is_released_by_a_person(
    boundary: Boundary, sms_row: ConnectorRow, actor_system: Actor
) -> None:
    receive(boundary, actor_system, sms_row, swipe("a", boundary.clock.now(), quarantine="unknown_device"))
    assert inbox.drain_inbox(boundary, actor_system, lambda tx, row: None) == 0
    held = boundary.run(actor_system, lambda tx: UUID(str(tx.execute(select(table.c.id)).scalar_one())))
    boundary.run(actor_system, lambda tx: inbox.release(tx, held))
    assert inbox.drain_inbox(boundary, actor_system, lambda tx, row: None) == 1


def test_reply_finds_its_conversation_by_token_or_single_open_instance(
    boundary: Boundary, sms_row: ConnectorRow, actor_system: Actor
) -> None:
    first, second = uuid4(), uuid4()
    _send(boundary, actor_system, sms_row, "一", first)
    now = boundary.clock.now()
    receive(boundary, actor_system, sms_row, _reply("r1", now))
    assert _correlations(boundary, actor_system)[-1]["instance_id"] == str(first)
    token = _send(boundary, actor_system, sms_row, "二", second)
    receive(boundary, actor_system, sms_row, _reply("r2", now))
    assert "instance_id" not in _correlations(boundary, actor_system)[-1]
    receive(boundary, actor_system, sms_row, _reply("r3", now, token=token.upper()))
    assert _correlations(boundary, actor_system)[-1]["instance_id"] == str(second)


def _reply(key: str, at: datetime, **keys: str) -> Inbound:
    return Inbound(key, "sms.reply", at, {"phone": PHONE, "text": "好"}, {"phone": PHONE, **keys})


def _send(boundary: Boundary, actor: Actor, row: ConnectorRow, body: str, instance: UUID, provider_id: str = "") -> str:
    message = OutboxMessage(
        channel="sms", recipient=PHONE, payload={"text": body}, idempotency_key=body, instance_id=instance
    )
    message_id = boundary.run(actor, lambda tx: outbox.enqueue(tx, message))
    drain_outbox(boundary, live(row.id, Scripted(sent(provider_id))))
    query = select(outbox_table.c.reply_token).where(outbox_table.c.id == message_id)
    return boundary.run(actor, lambda tx: str(tx.execute(query).scalar_one()))


def _correlations(boundary: Boundary, actor: Actor) -> list[dict[str, str]]:
    query = select(table.c.correlation).order_by(table.c.id)
    return boundary.run(actor, lambda tx: [dict(row.correlation) for row in tx.execute(query)])


def test_receipt_nobody_can_wait_for_is_done_at_once(
    boundary: Boundary, sms_row: ConnectorRow, actor_system: Actor
) -> None:
    now = boundary.clock.now()
    stray = Receipt(ReceiptStatus.DELIVERED, "p9", recipient=PHONE)
    receive(boundary, actor_system, sms_row, Inbound("r1", "sms.receipt", now, {"status": "delivered"}, receipt=stray))
    _send(boundary, actor_system, sms_row, "一", uuid4(), "p1")
    awaited = Receipt(ReceiptStatus.DELIVERED, "p1", recipient=PHONE)
    receive(
        boundary, actor_system, sms_row, Inbound("r2", "sms.receipt", now, {"status": "delivered"}, receipt=awaited)
    )
    assert [state for state, _reason in states(boundary, actor_system)] == ["done", "new"]
