"""Connectors that are ready to use: their devices are the simulators, run as processes of their own."""

import sys
from functools import partial
from pathlib import Path

from engine.kernel import connector_store
from engine.kernel.actor import SYSTEM
from engine.kernel.card_number import CardForm, canonical
from engine.kernel.connector import Inbound
from engine.kernel.connector_store import ConnectorDraft
from engine.kernel.inbox import drain_inbox, receive
from engine.kernel.secrets import Vault
from webapp.demo.world import World
from webapp.drains import take_in

SMTP_PORT, POP3_PORT = 2525, 2110
TERMINAL = "SIM0000000001"
UNKNOWN_CARD = "0008199999"


def connect_devices(world: World, vault: Vault, home: Path) -> None:
    """A card reader and a terminal at the east campus, a modem for SMS, a mailbox."""
    folder = home / "simulators"
    east = world.ids["branch:east"]
    mail = {
        "from_address": "school@qiming.example",
        "from_name": "启明教育",
        "smtp_host": "127.0.0.1",
        "smtp_port": SMTP_PORT,
        "smtp_security": "none",
        "pop3_host": "127.0.0.1",
        "pop3_port": POP3_PORT,
        "pop3_security": "none",
        "pop3_user": "school",
        "poll_s": 15,
    }
    drafts = (
        ConnectorDraft(
            kind="card_reader",
            channel="swipe",
            name="前台读卡器（模拟）",
            config={"port": str(folder / "card_reader.port"), "device": "前台读卡器"},
            secrets={},
            branch_id=east,
        ),
        ConnectorDraft(
            kind="zk_push",
            channel="device",
            name="中控考勤机（模拟）",
            config={"devices": [{"sn": TERMINAL}]},
            secrets={},
            branch_id=east,
        ),
        ConnectorDraft(
            kind="gsm_modem",
            channel="sms",
            name="短信猫（模拟）",
            config={"port": str(folder / "gsm_modem.port"), "signature": "启明教育"},
            secrets={},
        ),
        ConnectorDraft(
            kind="email", channel="email", name="校区邮箱（模拟）", config=mail, secrets={"pop3_password": "school"}
        ),
    )
    for draft in drafts:
        row = world.run(partial(connector_store.create, vault=vault, draft=draft))
        world.ids[f"connector:{draft.kind}"] = row.id
    swipe_unknown_card(world)


def swipe_unknown_card(world: World) -> None:
    """A new family's card at the front desk: it waits to be bound."""
    card = canonical(UNKNOWN_CARD, CardForm.DECIMAL_10)
    event = Inbound(
        dedupe_key=f"demo:{card}",
        name="attendance.swipe",
        occurred_at=world.clock.now(),
        payload={"card_no": card, "device": "前台读卡器"},
        correlation={"card_no": card},
    )
    world.run(lambda tx: receive(tx, world.ids["connector:card_reader"], event))
    drain_inbox(world.boundary, SYSTEM, take_in)


def simulator_commands(home: Path) -> list[list[str]]:
    """The command lines of the simulated reader, modem and mail server; each runs until it is stopped."""
    folder = home / "simulators"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def serve(kind: str, *more: str) -> list[str]:
        control = ["--control", str(folder / f"{kind}.control")]
        return [sys.executable, "-m", f"connectors.{kind}.simulator", "serve", *control, *more]

    return [
        serve("card_reader", "--link", str(folder / "card_reader.port")),
        serve("gsm_modem", "--link", str(folder / "gsm_modem.port"), "--sent", str(folder / "sms.jsonl")),
        serve(
            "email",
            *("--sent", str(folder / "mail.jsonl")),
            *("--smtp-port", str(SMTP_PORT), "--pop3-port", str(POP3_PORT)),
        ),
    ]
