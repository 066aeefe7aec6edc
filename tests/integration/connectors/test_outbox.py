"""The outbox on real PostgreSQL: at most once, in order, within its time, with receipts in any order."""

import random
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select, text

from engine.kernel import connector_store, delivery_health, inbox, outbox
from engine.kernel.actor import Actor
from engine.kernel.clock import FixedClock
from engine.kernel.connector import Inbound, Receipt, ReceiptStatus, ReplyLost, SendResult, SendStatus, Unavailable
from engine.kernel.connector_store import ConnectorRow
from engine.kernel.connector_tables import outbox as table
from engine.kernel.delivery import drain_outbox
from engine.kernel.delivery_policy import SendPolicy
from engine.kernel.errors import Conflict
from engine.kernel.outbox import OutboxMessage
from engine.kernel.uow import Boundary, Tx
from tests.integration.connectors.peers import Scripted, live, sent, texts

PHONE = "+8613800138000"
RETRY = SendResult(SendStatus.RETRY, code="busy")


def put(boundary: Boundary, actor: Actor, body: str, **more: object) -> UUID:
    values: dict[str, object] = {
        "channel": "sms", "recipient": PHONE, "payload": {"to": PHONE, "text": body}, "idempotency_key": body, **more,
    }  # fmt: skip
    return boundary.run(actor, lambda tx: outbox.enqueue(tx, OutboxMessage(**values)))  # type: ignore[arg-type]


def state(boundary: Boundary, actor: Actor, outbox_id: UUID) -> str:
    query = select(table.c.state).where(table.c.id == outbox_id)
    return boundary.run(actor, lambda tx: str(tx.execute(query).scalar_one()))


def book(boundary: Boundary, actor: Actor, row: ConnectorRow, receipt: Receipt, key: str) -> None:
    item = Inbound(key, "sms.receipt", boundary.clock.now(), {"status": str(receipt.status)}, receipt=receipt)
    boundary.run(actor, lambda tx: inbox.receive(tx, row.id, item))


def actions(boundary: Boundary, actor: Actor, outbox_id: UUID) -> list[str]:
    query = text("SELECT action FROM history WHERE subject_kind = 'outbox' AND subject_id = :id ORDER BY id")
    return boundary.run(actor, lambda tx: list(tx.execute(query, {"id": str(outbox_id)}).scalars()))


def test_message_is_sent_once_and_booked(boundary: Boundary, sms_row: ConnectorRow, actor_system: Actor) -> None:
    message = put(boundary, actor_system, "到校")
    again = put(boundary, actor_system, "到校")
    peer = Scripted(sent("p1"))
    assert again == message
    assert drain_outbox(boundary, live(sms_row.id, peer)) == 1
    assert drain_outbox(boundary, live(sms_row.id, peer)) == 0
    assert state(boundary, actor_system, message) == "sent"
    assert actions(boundary, actor_system, message) == ["message:sent"]


def test_message_rolls_back_with_its_transaction(
    boundary: Boundary, sms_row: ConnectorRow, actor_system: Actor
) -> None:
    def change_then_fail(tx: Tx) -> None:
        outbox.enqueue(tx, OutboxMessage(channel="sms", recipient=PHONE, payload={"text": "x"}, idempotency_key="x"))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        boundary.run(actor_system, change_then_fail)
    assert drain_outbox(boundary, live(sms_row.id, Scripted(sent()))) == 0


def test_two_workers_send_each_message_once(boundary: Boundary, sms_row: ConnectorRow, actor_system: Actor) -> None:
    for number in range(40):
        put(boundary, actor_system, f"m{number}")
    peers = [Scripted(sent()), Scripted(sent()), Scripted(sent())]
    workers = [threading.Thread(target=drain_outbox, args=(boundary, live(sms_row.id, peer))) for peer in peers]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    everything = [body for peer in peers for body in texts(peer)]
    assert sorted(everything) == sorted(f"m{number}" for number in range(40))


def test_messages_of_one_ordering_key_leave_in_order(
    boundary: Boundary, sms_row: ConnectorRow, actor_system: Actor, clock: FixedClock
) -> None:
    for body in ("一", "二", "三"):
        put(boundary, actor_system, body, ordering_key=PHONE)
    peer = Scripted(RETRY, sent())
    drain_outbox(boundary, live(sms_row.id, peer), rng=random.Random(7))
    assert texts(peer) == ["一"]
    clock.advance(timedelta(minutes=1))
    drain_outbox(boundary, live(sms_row.id, peer))
    assert texts(peer) == ["一", "一", "二", "三"]


def test_crashed_attempt_becomes_unknown_and_is_not_repeated(
    boundary: Boundary, sms_row: ConnectorRow, actor_system: Actor, clock: FixedClock
) -> None:
    message = put(boundary, actor_system, "到校")
    boundary.run(actor_system, lambda tx: outbox.claim(tx, sms_row.id, limit=5, lease_s=120))
    peer = Scripted(sent())
    assert drain_outbox(boundary, live(sms_row.id, peer)) == 0
    assert state(boundary, actor_system, message) == "sending"
    clock.advance(timedelta(seconds=121))
    assert drain_outbox(boundary, live(sms_row.id, peer)) == 0
    assert state(boundary, actor_system, message) == "unknown"
    assert peer.sent == []


def test_crashed_attempt_is_repeated_when_the_peer_knows_repeats(
    boundary: Boundary, sms_row: ConnectorRow, actor_system: Actor, clock: FixedClock
) -> None:
    put(boundary, actor_system, "到校")
    boundary.run(actor_system, lambda tx: outbox.claim(tx, sms_row.id, limit=5, lease_s=120))
    clock.advance(timedelta(seconds=121))
    peer = Scripted(sent())
    drain_outbox(boundary, live(sms_row.id, peer, SendPolicy(idempotent=True)))
    assert texts(peer) == ["到校"]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (SendResult(SendStatus.PERMANENT, code="bad_number"), "failed"),
        (SendResult(SendStatus.UNKNOWN, code="timeout"), "unknown"),
        (ReplyLost("timeout"), "unknown"),
        (RuntimeError("bug"), "unknown"),
        (Unavailable("serial"), "queued"),
        (SendResult(SendStatus.THROTTLED, retry_after_s=60), "queued"),
    ],
)
def test_outcome_decides_the_state(
    boundary: Boundary, sms_row: ConnectorRow, actor_system: Actor, answer: SendResult | Exception, expected: str
) -> None:
    message = put(boundary, actor_system, "到校")
    drain_outbox(boundary, live(sms_row.id, Scripted(answer)), rng=random.Random(7))
    assert state(boundary, actor_system, message) == expected


def test_message_is_given_up_after_its_attempts(
    boundary: Boundary, sms_row: ConnectorRow, actor_system: Actor, clock: FixedClock
) -> None:
    message = put(boundary, actor_system, "到校")
    peer = Scripted(RETRY)
    for _round in range(20):
        drain_outbox(boundary, live(sms_row.id, peer, SendPolicy(max_attempts=3)))
        clock.advance(timedelta(minutes=20))
    assert len(peer.sent) == 3
    assert state(boundary, actor_system, message) == "dead"


def test_late_swipe_message_expires_unsent(
    boundary: Boundary, sms_row: ConnectorRow, actor_system: Actor, clock: FixedClock
) -> None:
    message = put(boundary, actor_system, "到校", expires_in=timedelta(minutes=30))
    clock.advance(timedelta(minutes=31))
    peer = Scripted(sent())
    drain_outbox(boundary, live(sms_row.id, peer))
    assert peer.sent == []
    assert state(boundary, actor_system, message) == "expired"


def test_breaker_leaves_a_failing_peer_alone_and_probes_it_once(
    boundary: Boundary, sms_row: ConnectorRow, actor_system: Actor, clock: FixedClock
) -> None:
    for number in range(30):
        put(boundary, actor_system, f"m{number}")
    peer = Scripted(Unavailable("serial"))
    policy = SendPolicy(rate_per_s=1000, burst=5)
    drain_outbox(boundary, live(sms_row.id, peer, policy))
    assert len(peer.sent) == 5
    clock.advance(timedelta(seconds=29))
    drain_outbox(boundary, live(sms_row.id, peer, policy))
    assert len(peer.sent) == 5
    clock.advance(timedelta(seconds=2))
    drain_outbox(boundary, live(sms_row.id, peer, policy))
    assert len(peer.sent) == 6
    figures = boundary.run(actor_system, lambda tx: delivery_health.figures(tx, sms_row.id))
    assert (figures["state"], figures["queued"]) == ("down", 30)


def test_rate_limit_holds_over_several_drains(
    boundary: Boundary, sms_row: ConnectorRow, actor_system: Actor, clock: FixedClock
) -> None:
    for number in range(10):
        put(boundary, actor_system, f"m{number}")
    peer = Scripted(sent())
    policy = SendPolicy(rate_per_s=1, burst=3)
    drain_outbox(boundary, live(sms_row.id, peer, policy))
    assert len(peer.sent) == 3
    clock.advance(timedelta(seconds=2))
    drain_outbox(boundary, live(sms_row.id, peer, policy))
    assert len(peer.sent) == 5


def test_receipt_before_the_sent_commit_is_joined_later(
    boundary: Boundary, sms_row: ConnectorRow, actor_system: Actor
) -> None:
    message = put(boundary, actor_system, "到校")
    peer = Scripted(sent("p1"))
    early = Receipt(ReceiptStatus.DELIVERED, "p1", recipient=PHONE)
    peer.before_answer = lambda out: book(boundary, actor_system, sms_row, early, "r1")
    drain_outbox(boundary, live(sms_row.id, peer))
    assert state(boundary, actor_system, message) == "delivered"


def test_receipts_move_the_state_one_way(boundary: Boundary, sms_row: ConnectorRow, actor_system: Actor) -> None:
    message = put(boundary, actor_system, "到校")
    drain_outbox(boundary, live(sms_row.id, Scripted(sent("p1"))))
    for number, status in enumerate((ReceiptStatus.FAILED, ReceiptStatus.FAILED, ReceiptStatus.DELIVERED)):
        book(boundary, actor_system, sms_row, Receipt(status, "p1", recipient=PHONE), f"r{number}")
    assert state(boundary, actor_system, message) == "failed"
    assert actions(boundary, actor_system, message) == ["message:sent", "message:failed", "message:contradicted"]


def test_long_message_is_delivered_when_every_segment_is(
    boundary: Boundary, sms_row: ConnectorRow, actor_system: Actor
) -> None:
    message = put(boundary, actor_system, "长")
    drain_outbox(boundary, live(sms_row.id, Scripted(sent("p1", "p2"))))
    book(boundary, actor_system, sms_row, Receipt(ReceiptStatus.DELIVERED, "p2"), "r2")
    assert state(boundary, actor_system, message) == "sent"
    book(boundary, actor_system, sms_row, Receipt(ReceiptStatus.DELIVERED, "p1"), "r1")
    assert state(boundary, actor_system, message) == "delivered"


def test_receipt_with_our_own_number_settles_an_unknown_message(
    boundary: Boundary, sms_row: ConnectorRow, actor_system: Actor
) -> None:
    message = put(boundary, actor_system, "到校")
    drain_outbox(boundary, live(sms_row.id, Scripted(ReplyLost("timeout"))))
    receipt = Receipt(ReceiptStatus.DELIVERED, "biz9", outbox_id=str(message))
    book(boundary, actor_system, sms_row, receipt, "r1")
    assert state(boundary, actor_system, message) == "delivered"


def test_held_outbox_sends_nothing_until_released(
    boundary: Boundary, sms_row: ConnectorRow, actor_system: Actor
) -> None:
    put(boundary, actor_system, "到校")
    peer = Scripted(sent())
    boundary.run(actor_system, lambda tx: outbox.hold(tx, "restored"))
    assert drain_outbox(boundary, live(sms_row.id, peer)) == 0
    boundary.run(actor_system, outbox.release)
    assert drain_outbox(boundary, live(sms_row.id, peer)) == 1


def test_message_without_connector_waits_for_one(
    boundary: Boundary, sms_row: ConnectorRow, actor_system: Actor
) -> None:
    boundary.run(actor_system, lambda tx: connector_store.switch(tx, sms_row.id, False))
    put(boundary, actor_system, "到校")
    peer = Scripted(sent())
    assert drain_outbox(boundary, live(sms_row.id, peer)) == 0
    boundary.run(actor_system, lambda tx: connector_store.switch(tx, sms_row.id, True))
    assert drain_outbox(boundary, live(sms_row.id, peer)) == 1


def test_person_settles_an_unknown_message_once(boundary: Boundary, sms_row: ConnectorRow, actor_system: Actor) -> None:
    message = put(boundary, actor_system, "到校")
    drain_outbox(boundary, live(sms_row.id, Scripted(ReplyLost("timeout"))))
    boundary.run(actor_system, lambda tx: outbox.resolve_unknown(tx, message, "sent", "家长确认收到"))
    assert state(boundary, actor_system, message) == "sent"
    with pytest.raises(Conflict):
        boundary.run(actor_system, lambda tx: outbox.resolve_unknown(tx, message, "again", ""))


def test_marketing_is_suppressed_after_opting_out(
    boundary: Boundary, sms_row: ConnectorRow, actor_system: Actor
) -> None:
    reply = Inbound(
        "u1", "sms.reply", boundary.clock.now(), {"phone": PHONE, "text": "退订", "opt_out": True}, {"phone": PHONE}
    )
    boundary.run(actor_system, lambda tx: inbox.receive(tx, sms_row.id, reply))
    advert = put(boundary, actor_system, "暑期班", category="marketing")
    notice = put(boundary, actor_system, "到校")
    assert state(boundary, actor_system, advert) == "suppressed"
    assert state(boundary, actor_system, notice) == "queued"


@pytest.mark.parametrize(("knows_repeats", "expected", "repeats"), [("no", "unknown", 0), ("yes", "sent", 1)])
def test_worker_killed_while_sending_sends_again_only_where_repeats_are_known(
    boundary: Boundary, sms_row: ConnectorRow, actor_system: Actor, clock: FixedClock, database_url: str,
    knows_repeats: str, expected: str, repeats: int,
) -> None:  # fmt: skip
    message = put(boundary, actor_system, "到校")
    command = [sys.executable, "-m", "tests.integration.connectors.send_and_die", database_url, str(sms_row.id)]
    died = subprocess.run([*command, knows_repeats], cwd=Path(__file__).resolve().parents[3], check=False)
    assert died.returncode == -9
    assert state(boundary, actor_system, message) == "sending"
    clock.advance(timedelta(minutes=3))
    peer = Scripted(sent())
    drain_outbox(boundary, live(sms_row.id, peer, SendPolicy(idempotent=knows_repeats == "yes")))
    assert (state(boundary, actor_system, message), len(peer.sent)) == (expected, repeats)
