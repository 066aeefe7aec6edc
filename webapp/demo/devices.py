"""Connectors that are ready to use: their devices are the simulators, run as processes of their own."""

from datetime import timedelta
from functools import partial
from pathlib import Path

import sqlalchemy as sa

from connectors.registry import kinds
from connectors.settings import check_config
from connectors.simulators import park
from engine.kernel import connector_store
from engine.kernel.actor import SYSTEM
from engine.kernel.card_number import CardForm, canonical
from engine.kernel.connector import Inbound
from engine.kernel.connector_store import ConnectorDraft
from engine.kernel.connector_tables import outbox
from engine.kernel.inbox import drain_inbox, receive
from engine.kernel.secrets import Vault
from engine.kernel.uow import Tx
from webapp.demo.world import World
from webapp.drains import take_in

UNKNOWN_CARD = "0008199999"
_AT_EAST = {"card_reader", "zk_push"}


def simulators(home: Path) -> Path:
    """The folder of the simulated devices."""
    return home / "simulators"


def connect_devices(world: World, vault: Vault, home: Path) -> None:
    """A card reader and a terminal at the east campus, a modem for SMS, a mailbox."""
    folder = simulators(home)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for connection in park.connections(folder):
        config, secrets = check_config(connection.kind, connection.config)
        draft = ConnectorDraft(
            kind=connection.kind,
            channel=kinds()[connection.kind].manifest.channel,
            name=connection.name.zh,
            config=config,
            secrets=secrets,
            branch_id=world.ids["branch:east"] if connection.kind in _AT_EAST else None,
        )
        row = world.run(partial(connector_store.create, vault=vault, draft=draft))
        world.ids[f"connector:{draft.kind}"] = row.id
    _deliver_past_messages(world)
    swipe_unknown_card(world)


def _deliver_past_messages(world: World) -> None:
    """What the school sent in its term arrived then: no device was there yet, and none need send it again."""
    past = sa.update(outbox).where(outbox.c.state == "queued", outbox.c.created_at < world.now - timedelta(hours=12))
    by_channel = {"sms": "gsm_modem", "email": "email"}
    for channel, kind in by_channel.items():
        arrived = past.where(outbox.c.channel == channel).values(
            state="delivered",
            connector_id=world.ids[f"connector:{kind}"],
            sent_at=outbox.c.created_at,
            settled_at=outbox.c.created_at,
            attempts=1,
        )
        world.run(partial(Tx.execute, statement=arrived))


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
