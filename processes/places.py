"""Branches as the domain needs them: code for numbers, time zone, the local day."""

from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

from engine.kernel.errors import NotFound
from engine.kernel.uow import Tx
from engine.metadata import snapshot
from engine.metadata.snapshot import Branch


def branch_of(tx: Tx, branch_id: UUID) -> Branch:
    """The branch. Raises NotFound."""
    found = snapshot.load(tx).branches.get(branch_id)
    if found is None:
        raise NotFound
    return found


def zone_of(tx: Tx, branch_id: UUID) -> ZoneInfo:
    """The branch's time zone."""
    return ZoneInfo(branch_of(tx, branch_id).zone)


def today(tx: Tx, branch_id: UUID) -> date:
    """The day it is in the branch."""
    return tx.now.astimezone(zone_of(tx, branch_id)).date()
