"""A connector row to hang messages and events on."""

import pytest

from engine.kernel import connector_store
from engine.kernel.actor import Actor
from engine.kernel.connector_store import ConnectorDraft, ConnectorRow
from engine.kernel.secrets import Vault
from engine.kernel.uow import Boundary


@pytest.fixture
def vault() -> Vault:
    return Vault(["a key for tests"])


@pytest.fixture
def sms_row(boundary: Boundary, vault: Vault, actor_system: Actor) -> ConnectorRow:
    """An enabled connector of channel sms."""
    draft = ConnectorDraft(kind="gsm_modem", channel="sms", name="短信", config={}, secrets={})
    return boundary.run(actor_system, lambda tx: connector_store.create(tx, vault, draft))
