"""Checking the history's chain, and what the last check found."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.kernel import history, history_search
from engine.kernel.history import Event, Verification
from engine.kernel.history_search import HistoryQuery
from engine.kernel.uow import Tx
from engine.metadata import rights

ACTION = "history:verified"
_SHOWN = 20


@dataclass(frozen=True)
class LastCheck:
    """The newest check. ``broken``: rows that do not fit; ``found``: (row, what is wrong) of the first of them."""

    at: datetime
    who: str
    rows: int
    broken: int
    found: tuple[tuple[str, str], ...]


def verify(tx: Tx) -> Verification:
    """Recomputes every hash; what was found goes into the history itself. Needs ``verify_history``."""
    rights.require_right(tx, "verify_history")
    found = history.verify(tx.connection)
    data: Mapping[str, Any] = {
        "rows": found.rows,
        "unsealed": found.unsealed,
        "broken": len(found.broken),
        "found": [list(one) for one in found.broken[:_SHOWN]],
    }
    tx.record(Event(ACTION, ("history", "all"), data=data))
    return found


def last_check(tx: Tx) -> LastCheck | None:
    """What the newest check found, for those who may check; None before the first."""
    if not rights.has_right(tx, "verify_history"):
        return None
    entries = history_search.search(tx.connection, HistoryQuery(action=ACTION, limit=1)).items
    if not entries:
        return None
    data = entries[0].data
    found = tuple((str(row), str(what)) for row, what in data.get("found", ()))
    return LastCheck(entries[0].at, entries[0].actor_name, int(data["rows"]), int(data["broken"]), found)
