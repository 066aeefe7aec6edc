"""Which connector answers a terminal that calls a fixed address (`/iclock/…`) and names itself by serial number."""

from __future__ import annotations

from collections.abc import Sequence
from hmac import compare_digest

from engine.kernel.connector_store import ConnectorRow

KIND = "zk_push"


def terminal_for(rows: Sequence[ConnectorRow], serial: str, token: str = "") -> tuple[ConnectorRow, bool] | None:
    """The connector for a terminal, and whether the secret part of the address was right.

    Order: the connector of the secret address, the one that lists the serial number, the oldest one (which puts an
    unknown terminal in quarantine). None when there is no such connector, or the secret is wrong.
    """
    candidates = [row for row in rows if row.kind == KIND and row.enabled]
    if token:
        named = [row for row in candidates if compare_digest(row.hook_token.encode(), token.encode())]
        return (named[0], True) if named else None
    listing = [row for row in candidates if serial in serials(row)]
    chosen = listing or candidates
    return (chosen[0], False) if chosen else None


def serials(row: ConnectorRow) -> frozenset[str]:
    """The serial numbers a connector accepts."""
    return frozenset(str(device.get("sn", "")) for device in row.config.get("devices", ()))
