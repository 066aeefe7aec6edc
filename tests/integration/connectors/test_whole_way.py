"""From the device to the inbox and from the outbox to the peer: real threads, processes, HTTP and PostgreSQL."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from connectors.host import Fleet, PollLoop, Supervisor, build_live, check_now
from connectors.routing import terminal_for
from connectors.settings import check_config
from connectors.simulators import control
from engine.kernel import connector_store, delivery_health, outbox
from engine.kernel.actor import Actor
from engine.kernel.clock import SystemClock
from engine.kernel.connector import HealthState, Polled, RawRequest
from engine.kernel.connector_store import ConnectorDraft, ConnectorRow
from engine.kernel.connector_tables import inbox
from engine.kernel.connector_tables import outbox as outbox_table
from engine.kernel.database import open_engine
from engine.kernel.delivery import answer_request, drain_outbox
from engine.kernel.outbox import OutboxMessage
from engine.kernel.secrets import Vault
from engine.kernel.uow import Boundary, SilentWaker, Tx, Unavailable
from tests.integration.connectors.mailboxes import free_port
from tests.integration.connectors.peers import wait_until

ROOT = Path(__file__).resolve().parents[3]
PHONE = "+8613800138000"
Start = Callable[..., Path]


@pytest.fixture
def running(database_url: str) -> Iterator[Boundary]:
    """A boundary on the machine's clock: the simulators live in real time."""
    engine = open_engine(database_url)
    yield Boundary(engine, SystemClock(), SilentWaker())
    engine.dispose()


@pytest.fixture
def supervisor(running: Boundary, vault: Vault) -> Iterator[Supervisor]:
    started = Supervisor(running, vault, "worker-1")
    yield started
    started.stop()


def add(
    boundary: Boundary, vault: Vault, actor: Actor, kind: str, channel: str, config: dict[str, Any]
) -> ConnectorRow:
    shown, hidden = check_config(kind, config)
    draft = ConnectorDraft(kind=kind, channel=channel, name=kind, config=shown, secrets=hidden)
    return boundary.run(actor, lambda tx: connector_store.create(tx, vault, draft))


def rows(boundary: Boundary, actor: Actor) -> list[Any]:
    query = select(inbox.c.name, inbox.c.state, inbox.c.payload, inbox.c.reason).order_by(inbox.c.id)
    return boundary.run(actor, lambda tx: list(tx.execute(query).all()))


def put(boundary: Boundary, actor: Actor, channel: str, recipient: str, payload: dict[str, Any]) -> UUID:
    message = OutboxMessage(
        channel=channel, recipient=recipient, payload=payload, idempotency_key=json.dumps(payload, sort_keys=True)
    )
    return boundary.run(actor, lambda tx: outbox.enqueue(tx, message))


def state(boundary: Boundary, actor: Actor, outbox_id: UUID) -> str:
    query = select(outbox_table.c.state).where(outbox_table.c.id == outbox_id)
    return boundary.run(actor, lambda tx: str(tx.execute(query).scalar_one()))


def test_swipe_reaches_the_inbox_also_after_unplugging(
    running: Boundary, vault: Vault, supervisor: Supervisor, actor_system: Actor, run_simulator: Start, tmp_path: Path
) -> None:
    socket = run_simulator("card_reader", "--link", str(tmp_path / "reader"))
    row = add(running, vault, actor_system, "card_reader", "swipe", {"port": str(tmp_path / "reader")})
    supervisor.start()

    def health() -> str:
        return str(running.run(actor_system, lambda tx: delivery_health.figures(tx, row.id))["state"])

    wait_until(lambda: control.tell(socket, "swipe", "0008075634") and rows(running, actor_system))
    assert rows(running, actor_system)[0].payload["card_no"] == "007B3972"
    control.tell(socket, "unplug")
    wait_until(lambda: health() == "down")
    control.tell(socket, "plug")
    wait_until(lambda: health() == "ok")
    control.tell(socket, "swipe", "0008075635")
    wait_until(lambda: len({one.payload["card_no"] for one in rows(running, actor_system)}) == 2)


def test_only_one_process_owns_a_port(
    running: Boundary, vault: Vault, supervisor: Supervisor, actor_system: Actor, run_simulator: Start, tmp_path: Path
) -> None:
    run_simulator("card_reader", "--link", str(tmp_path / "reader"))
    row = add(running, vault, actor_system, "card_reader", "swipe", {"port": str(tmp_path / "reader")})
    supervisor.look()
    assert not running.run(actor_system, lambda tx: delivery_health.take_lease(tx, row.id, "worker-2", 30))
    supervisor.stop()
    assert running.run(actor_system, lambda tx: delivery_health.take_lease(tx, row.id, "worker-2", 30))


def test_modem_sends_confirms_and_takes_replies(
    running: Boundary, vault: Vault, supervisor: Supervisor, actor_system: Actor, run_simulator: Start, tmp_path: Path
) -> None:
    sent = tmp_path / "sent.jsonl"
    socket = run_simulator("gsm_modem", "--link", str(tmp_path / "modem"), "--sent", str(sent))
    add(running, vault, actor_system, "gsm_modem", "sms", {"port": str(tmp_path / "modem"), "pin": "1234"})
    message = put(running, actor_system, "sms", "138 0013 8000", {"to": PHONE, "text": "已到校，剩余 12.5 课时"})
    assert drain_outbox(running, Fleet(running, vault).refresh()) == 0
    supervisor.start()
    wait_until(lambda: state(running, actor_system, message) == "delivered")
    assert json.loads(sent.read_text(encoding="utf-8"))["text"] == "已到校，剩余 12.5 课时"
    control.tell(socket, "receive", PHONE, "谢谢")
    wait_until(lambda: [one.payload for one in rows(running, actor_system) if one.name == "sms.reply"])
    reply = next(one for one in rows(running, actor_system) if one.name == "sms.reply")
    assert (reply.state, reply.payload["text"], reply.payload["phone"]) == ("new", "谢谢", PHONE)


@pytest.fixture
def web(running: Boundary, vault: Vault, actor_system: Actor) -> Iterator[str]:
    """The web's part in small: find the connector, commit, answer."""
    fleet = Fleet(running, vault)

    @Request.application
    def application(request: Request) -> Response:
        live, parts = fleet.refresh(), request.path.strip("/").split("/")
        if parts[0] == "hooks":
            row = running.run(actor_system, lambda tx: connector_store.by_hook(tx, parts[1]))
            found = (row, True) if row else None
        else:
            token = parts[1] if parts[0] == "d" else ""
            found = terminal_for(fleet.rows(), request.args.get("SN", ""), token)
        if found is None:
            return Response("not found", 404)
        headers = {name.lower(): value for name, value in request.headers.items()}
        raw = RawRequest(
            request.method, request.path, request.args.to_dict(), headers, request.get_data(), "127.0.0.1", found[1]
        )
        reply = answer_request(running, live[found[0].id], raw)
        return Response(reply.body, reply.status, content_type=reply.content_type)

    server = make_server("127.0.0.1", 0, application, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def terminal(url: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "connectors.zk_push.simulator", "--url", url, "--sn", "S1", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_terminal_pushes_once_and_carries_out_commands(
    running: Boundary, vault: Vault, actor_system: Actor, web: str, tmp_path: Path
) -> None:
    row = add(running, vault, actor_system, "zk_push", "device", {"devices": [{"sn": "S1", "name": "前台"}]})
    assert terminal(f"{web}/d/{row.hook_token}", "swipe", "1001").stdout == "OK: 1\n"
    swipes = rows(running, actor_system)
    assert [(one.state, one.payload["person_no"], one.payload["verified"]) for one in swipes] == [("new", "1001", True)]
    assert "error 404" in terminal(f"{web}/d/wrong", "swipe", "1001").stdout
    command = {"command": "update_person", "person_no": "1001", "name": "王兰"}
    wrong = {"command": "shell"}
    messages = [put(running, actor_system, str(row.id), "S1", payload) for payload in (command, wrong)]
    polling = subprocess.Popen(
        [sys.executable, "-m", "connectors.zk_push.simulator", "--url", web, "--sn", "S1", "run", "--control",
         str(tmp_path / "c")], cwd=ROOT,
    )  # fmt: skip
    wait_until(lambda: state(running, actor_system, messages[0]) == "delivered")
    polling.terminate()
    polling.wait(10)
    assert state(running, actor_system, messages[1]) == "failed"


def test_terminal_that_is_not_listed_lands_in_quarantine(
    running: Boundary, vault: Vault, actor_system: Actor, web: str
) -> None:
    add(running, vault, actor_system, "zk_push", "device", {"devices": []})
    assert terminal(web, "swipe", "1001").stdout == "OK: 1\n"
    assert [(one.state, one.reason) for one in rows(running, actor_system)] == [("quarantined", "unknown_device")]


def test_aliyun_message_is_signed_sent_and_confirmed(
    running: Boundary, vault: Vault, actor_system: Actor, web: str, run_simulator: Start, tmp_path: Path
) -> None:
    port, sent = free_port(), tmp_path / "sent.jsonl"
    config = {
        "access_key_id": "testid", "access_key_secret": "testsecret", "sign_name": "启明教育", "template": "SMS_1",
        "endpoint": f"http://127.0.0.1:{port}/", "allow_hosts": ["127.0.0.1"],
    }  # fmt: skip
    row = add(running, vault, actor_system, "sms_aliyun", "sms", config)
    hook = f"{web}/hooks/{row.hook_token}/receipt"
    keys = ("--key", "testid", "--secret", "testsecret", "--port", str(port), "--callback", hook)
    socket = run_simulator("sms_aliyun", "--sent", str(sent), *keys)
    message = put(running, actor_system, "sms", PHONE, {"to": PHONE, "text": "已到校"})
    assert drain_outbox(running, Fleet(running, vault).refresh()) == 1
    wait_until(lambda: state(running, actor_system, message) == "delivered")
    assert json.loads(sent.read_text(encoding="utf-8"))["params"] == {"content": "已到校"}
    assert control.tell(socket, "reply", "13800138000", "收到") == "ok 200"
    assert rows(running, actor_system)[-1].payload["text"] == "收到"
    control.tell(socket, "next", "isv.MOBILE_NUMBER_ILLEGAL")
    refused = put(running, actor_system, "sms", PHONE, {"to": PHONE, "text": "第二条"})
    drain_outbox(running, Fleet(running, vault).refresh())
    assert state(running, actor_system, refused) == "failed"


def test_wrong_secret_is_refused_by_the_provider(
    running: Boundary, vault: Vault, actor_system: Actor, run_simulator: Start, tmp_path: Path
) -> None:
    port = free_port()
    config = {
        "access_key_id": "testid", "access_key_secret": "other", "sign_name": "启明教育", "template": "SMS_1",
        "endpoint": f"http://127.0.0.1:{port}/", "allow_hosts": ["127.0.0.1"],
    }  # fmt: skip
    add(running, vault, actor_system, "sms_aliyun", "sms", config)
    run_simulator("sms_aliyun", "--sent", str(tmp_path / "s"), "--key", "testid", "--secret", "x", "--port", str(port))
    message = put(running, actor_system, "sms", PHONE, {"to": PHONE, "text": "已到校"})
    drain_outbox(running, Fleet(running, vault).refresh())
    assert state(running, actor_system, message) == "failed"


def test_secrets_are_sealed_and_changed_without_being_read(
    running: Boundary, vault: Vault, actor_system: Actor
) -> None:
    config = {"from_address": "a@example.com", "smtp_host": "127.0.0.1", "smtp_password": "geheim"}
    row = add(running, vault, actor_system, "email", "email", config)
    assert "smtp_password" not in row.config
    assert b"geheim" not in (row.sealed or b"")
    shown, hidden = check_config(
        "email", {**row.config, "pop3_password": "neu"}, known_secrets=frozenset(["smtp_password"])
    )
    changed = running.run(
        actor_system,
        lambda tx: connector_store.change(tx, vault, row.id, 1, name="x", config=shown, secrets=hidden, zone=row.zone),
    )
    assert vault.open(changed.sealed) == {"smtp_password": "geheim", "pop3_password": "neu"}
    rotated = Vault(["new key", "a key for tests"]).rotate(changed.sealed or b"")
    assert Vault(["new key"]).open(rotated) == {"smtp_password": "geheim", "pop3_password": "neu"}


class Flaky(Boundary):
    """A boundary whose database is away for the next `away` transactions."""

    away = 0

    def run(self, actor: Actor, use_case: Callable[[Tx], Any]) -> Any:
        if self.away:
            self.away -= 1
            raise Unavailable
        return super().run(actor, use_case)


def test_swipe_read_while_the_database_is_away_is_kept(
    running: Boundary, vault: Vault, actor_system: Actor, run_simulator: Start, tmp_path: Path
) -> None:
    socket = run_simulator("card_reader", "--link", str(tmp_path / "reader"))
    row = add(running, vault, actor_system, "card_reader", "swipe", {"port": str(tmp_path / "reader")})
    flaky = Flaky(running.engine, running.clock, SilentWaker())
    live = build_live(row, vault, flaky)
    loop = PollLoop(flaky, vault, row, "worker-1")
    stop = threading.Event()
    loop.round(live, stop)
    control.tell(socket, "swipe", "0008075634")
    items = live.connector.poll(None, 10).items
    flaky.away = 1
    loop.commit(live, Polled(items, None), stop)
    assert [one.payload["card_no"] for one in rows(running, actor_system)] == ["007B3972"]
    live.connector.close()


def test_check_of_an_owned_port_tells_what_its_owner_knows(
    running: Boundary, vault: Vault, supervisor: Supervisor, actor_system: Actor, run_simulator: Start, tmp_path: Path
) -> None:
    run_simulator("card_reader", "--link", str(tmp_path / "reader"))
    row = add(running, vault, actor_system, "card_reader", "swipe", {"port": str(tmp_path / "reader")})
    supervisor.start()
    live = Fleet(running, vault).refresh()[row.id]
    wait_until(lambda: check_now(running, live).facts.get("port") == str(tmp_path / "reader"))
    assert check_now(running, live).state is HealthState.OK
    unreachable = {
        "from_address": "a@example.com",
        "smtp_host": "127.0.0.1",
        "smtp_port": free_port(),
        "smtp_security": "none",
    }
    mail = add(running, vault, actor_system, "email", "email", unreachable)
    assert check_now(running, Fleet(running, vault).refresh()[mail.id], deep=True).state is HealthState.DOWN
