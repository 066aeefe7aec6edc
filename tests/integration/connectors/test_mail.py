"""E-mail against real servers: exactly once through crashes, refusals and silence told apart."""

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import select

from connectors.email.connector import Email
from connectors.email.parse import parse_mail
from connectors.simulators import control
from engine.kernel import connector_store, delivery_health, outbox
from engine.kernel.actor import Actor
from engine.kernel.clock import FixedClock, SystemClock
from engine.kernel.connector import BadConfig, Outbound, SendStatus, Unavailable
from engine.kernel.connector_store import ConnectorDraft, ConnectorRow
from engine.kernel.connector_tables import inbox
from engine.kernel.connector_tables import outbox as outbox_table
from engine.kernel.delivery import Live, drain_outbox, take_in
from engine.kernel.delivery_policy import SendPolicy
from engine.kernel.outbox import OutboxMessage
from engine.kernel.secrets import Vault
from engine.kernel.uow import Boundary
from tests.integration.connectors import mailboxes
from tests.integration.connectors.mailboxes import MailServer, free_port
from tests.integration.connectors.peers import real_context
from tests.unit.connectors.lent import NOW

ROOT = Path(__file__).resolve().parents[3]
TOKEN = "abcdefghij234567"
REPLY = (
    f"From: parent@example.com\r\nTo: school@qiming.example\r\nIn-Reply-To: <{TOKEN}.sf@qiming.example>\r\n".encode()
)


def config(**more: Any) -> dict[str, Any]:
    return {
        "from_address": "school@qiming.example", "from_name": "启明教育", "smtp_host": "127.0.0.1",
        "smtp_security": "none", "pop3_host": "127.0.0.1", "pop3_security": "none", "pop3_user": "school",
        "pop3_password": "school", "timeout_s": 2, **more,
    }  # fmt: skip


@pytest.fixture(params=mailboxes.SERVERS)
def server(request: pytest.FixtureRequest, server_home: Path) -> Iterator[MailServer]:
    folder = server_home / f"mail{uuid4().hex[:8]}"
    folder.mkdir(mode=0o755)
    with ExitStack() as stack:
        yield stack.enter_context(getattr(mailboxes, request.param)(folder))


@pytest.fixture
def row(boundary: Boundary, vault: Vault, actor_system: Actor) -> ConnectorRow:
    draft = ConnectorDraft(kind="email", channel="email", name="邮件", config={}, secrets={})
    return boundary.run(actor_system, lambda tx: connector_store.create(tx, vault, draft))


def live_of(row: ConnectorRow, **more: Any) -> Live:
    policy = SendPolicy(rate_per_s=1000, burst=1000)
    return Live(row.id, "邮件", Email(config(**more), real_context(FixedClock(NOW))), policy)


def fetch(boundary: Boundary, live: Live) -> None:
    cursor = boundary.run(live.actor, lambda tx: delivery_health.cursor(tx, live.id))
    take_in(boundary, live, live.connector.poll(cursor, 10))


def events(boundary: Boundary, actor: Actor) -> list[tuple[str, str]]:
    query = select(inbox.c.name, inbox.c.payload).order_by(inbox.c.id)
    return boundary.run(actor, lambda tx: [(one.name, one.payload.get("text", "")) for one in tx.execute(query)])


def test_mail_is_fetched_once_and_deleted(
    boundary: Boundary, row: ConnectorRow, actor_system: Actor, server: MailServer
) -> None:
    server.put(REPLY + b"\r\n" + "好的\r\n> 旧文".encode())
    server.put(b"From: new@example.com\r\nSubject: hi\r\n\r\n" + b"x" * 5000 + b"\r\n.\r\n..end")
    live = live_of(row, pop3_port=server.port)
    fetch(boundary, live)
    fetch(boundary, live)
    assert events(boundary, actor_system) == [("email.reply", "好的"), ("email.received", "x" * 5000 + "\n.\n..end")]
    assert server.count() == 0


def test_mail_is_left_on_the_server_when_told_and_not_fetched_again(
    boundary: Boundary, row: ConnectorRow, actor_system: Actor, server: MailServer
) -> None:
    server.put(REPLY + b"\r\nok")
    live = live_of(row, pop3_port=server.port, delete_fetched=False)
    fetch(boundary, live)
    assert (
        live.connector.poll(boundary.run(actor_system, lambda tx: delivery_health.cursor(tx, row.id)), 10).items == []
    )
    live.connector.close()
    assert server.count() == 1


@pytest.mark.parametrize("moment", ["before commit", "before deletion"])
def test_killed_between_fetching_and_deleting_stores_once(
    boundary: Boundary, row: ConnectorRow, actor_system: Actor, server: MailServer, database_url: str, moment: str
) -> None:
    server.put(REPLY + b"\r\nok")
    command = [sys.executable, "-m", "tests.integration.connectors.fetch_and_die"]
    died = subprocess.run([*command, database_url, str(row.id), str(server.port), moment], cwd=ROOT, check=False)
    assert died.returncode == -9
    assert server.count() == 1
    assert len(events(boundary, actor_system)) == (0 if moment == "before commit" else 1)
    fetch(boundary, live_of(row, pop3_port=server.port))
    assert events(boundary, actor_system) == [("email.reply", "ok")]
    assert server.count() == 0


def test_unreachable_mailbox_is_a_fault_not_an_empty_one() -> None:
    with pytest.raises(Unavailable):
        Email(config(pop3_port=free_port()), real_context()).poll(None, 10)
    with pytest.raises(BadConfig):
        Email(config(pop3_host="mail.example.com"), real_context()).poll(None, 10)


class Refusing:
    """An aiosmtpd handler that answers as told and keeps what it takes."""

    def __init__(self, rcpt: str = "250 ok", data: str = "250 ok") -> None:
        self.rcpt, self.data = rcpt, data
        self.taken: list[Envelope] = []

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, to: str, options: list[str]) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(to)
        return self.rcpt

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.taken.append(envelope)
        return self.data


@pytest.fixture
def smtp() -> Iterator[Callable[[Refusing], int]]:
    running: list[Controller] = []

    def start(handler: Refusing) -> int:
        controller = Controller(handler, hostname="127.0.0.1", port=free_port())
        running.append(controller)
        controller.start()
        return int(controller.port)

    yield start
    for controller in running:
        controller.stop()


def message(**payload: str) -> Outbound:
    values = {"to": "parent@example.com", "subject": "课时提醒", "text": "剩余 3 课时 😀", **payload}
    return Outbound(uuid4(), values, 1, SystemClock().now(), TOKEN)


@pytest.mark.parametrize(
    ("rcpt", "data", "status"),
    [
        ("250 ok", "250 ok", SendStatus.SENT),
        ("450 4.2.0 greylisted", "250 ok", SendStatus.RETRY),
        ("550 5.1.1 no such user", "250 ok", SendStatus.PERMANENT),
        ("250 ok", "451 4.3.0 try later", SendStatus.RETRY),
        ("250 ok", "554 5.7.1 spam", SendStatus.PERMANENT),
    ],
)
def test_answer_of_the_server_decides(
    smtp: Callable[[Refusing], int], rcpt: str, data: str, status: SendStatus
) -> None:
    handler = Refusing(rcpt, data)
    connector = Email(config(smtp_port=smtp(handler), plus_addresses=True), real_context())
    result = connector.send(message())
    assert result.status is status
    if status is SendStatus.SENT:
        assert handler.taken[0].mail_from == f"school+b-{TOKEN}@qiming.example"
        parsed = parse_mail(bytes(handler.taken[0].content or b""))
        assert (parsed.subject, parsed.text.strip()) == ("课时提醒", "剩余 3 课时 😀")
    connector.close()


def test_connection_is_reused_and_survives_a_refusal(smtp: Callable[[Refusing], int]) -> None:
    handler = Refusing()
    connector = Email(config(smtp_port=smtp(handler)), real_context())
    for _number in range(3):
        assert connector.send(message()).status is SendStatus.SENT
    handler.rcpt = "550 no"
    assert connector.send(message()).status is SendStatus.PERMANENT
    handler.rcpt = "250 ok"
    assert connector.send(message()).status is SendStatus.SENT
    assert len({id(envelope) for envelope in handler.taken}) == 4
    connector.close()


def silent_after(step: bytes) -> int:
    """A server that answers every command until `step`, then says nothing more."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        link, _peer = listening.accept()
        reader = link.makefile("rb")
        link.sendall(b"220 x\r\n")
        in_data = False
        for line in reader:
            if step in line:
                break
            if not in_data:
                in_data = line.upper().startswith(b"DATA")
                link.sendall(b"354 go\r\n" if in_data else b"250 ok\r\n")
        threading.Event().wait(5)
        link.close()

    threading.Thread(target=serve, daemon=True).start()
    return int(listening.getsockname()[1])


def test_silence_after_the_text_is_unknown() -> None:
    connector = Email(config(smtp_port=silent_after(b"\x00"), timeout_s=1), real_context())
    assert connector.send(message()).status is SendStatus.UNKNOWN


def test_silence_before_the_text_can_be_tried_again() -> None:
    connector = Email(config(smtp_port=silent_after(b"rcpt"), timeout_s=1), real_context())
    with pytest.raises(Unavailable):
        connector.send(message())


def test_encryption_cannot_be_downgraded(smtp: Callable[[Refusing], int]) -> None:
    handler = Refusing()
    port = smtp(handler)
    with pytest.raises(Unavailable):
        Email(config(smtp_port=port, smtp_security="starttls"), real_context()).send(message())
    with pytest.raises(BadConfig):
        Email(config(smtp_host="mail.example.com"), real_context()).send(message())
    assert handler.taken == []


def test_demonstration_server_sends_and_answers(
    boundary: Boundary, row: ConnectorRow, actor_system: Actor, run_simulator: Callable[..., Path], tmp_path: Path
) -> None:
    sent = tmp_path / "sent.jsonl"
    socket_path = run_simulator("email", "--sent", str(sent))
    smtp_port, pop3_port = (int(port) for port in control.tell(socket_path, "ports").split()[1:])
    live = live_of(row, smtp_port=smtp_port, pop3_port=pop3_port)
    instance = uuid4()
    told = OutboxMessage(
        channel="email", recipient="parent@example.com", idempotency_key="k", instance_id=instance,
        payload={"to": "parent@example.com", "subject": "退费", "text": "已退"},
    )  # fmt: skip
    boundary.run(actor_system, lambda tx: outbox.enqueue(tx, told))
    assert drain_outbox(boundary, {row.id: live}) == 1
    assert json.loads(sent.read_text(encoding="utf-8"))["subject"] == "退费"
    assert control.tell(socket_path, "reply", "收到，谢谢") == "ok"
    fetch(boundary, live)
    assert events(boundary, actor_system) == [("email.reply", "收到，谢谢")]
    found = boundary.run(actor_system, lambda tx: tx.execute(select(inbox.c.correlation)).scalar_one())
    assert found["instance_id"] == str(instance)


def test_bounce_settles_the_message(
    boundary: Boundary, row: ConnectorRow, actor_system: Actor, run_simulator: Callable[..., Path], tmp_path: Path
) -> None:
    socket_path = run_simulator("email", "--sent", str(tmp_path / "sent.jsonl"))
    smtp_port, pop3_port = (int(port) for port in control.tell(socket_path, "ports").split()[1:])
    live = live_of(row, smtp_port=smtp_port, pop3_port=pop3_port)
    told = OutboxMessage(
        channel="email", recipient="gone@example.com", idempotency_key="k",
        payload={"to": "gone@example.com", "subject": "s", "text": "t"},
    )  # fmt: skip
    boundary.run(actor_system, lambda tx: outbox.enqueue(tx, told))
    drain_outbox(boundary, {row.id: live})
    token = boundary.run(actor_system, lambda tx: tx.execute(select(outbox_table.c.reply_token)).scalar_one())
    report = (
        "From: MAILER-DAEMON@mx.example\r\nReturn-Path: <>\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        "Final-Recipient: rfc822; gone@example.com\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <{token}.sf@qiming.example>\r\n\r\n--b--\r\n"
    )
    control.tell(socket_path, "deliver", report.replace("\r\n", "\\r\\n"))
    fetch(boundary, live)
    assert [name for name, _text in events(boundary, actor_system)] == ["email.bounce"]
    state = boundary.run(actor_system, lambda tx: tx.execute(select(outbox_table.c.state)).scalar_one())
    assert state == "failed"
