"""The working calendar of a branch, in its zone."""

from dataclasses import replace
from uuid import UUID
from zoneinfo import ZoneInfo

from engine.kernel.uow import Tx
from engine.metadata import snapshot
from engine.workflow.calendar import DEFAULT_CALENDAR, WorkingCalendar


def calendar_of(tx: Tx, branch_id: UUID | None) -> WorkingCalendar:
    """The shipped calendar in the branch's zone; headquarters' when no branch is named."""
    config = snapshot.load(tx)
    branch = config.branches.get(branch_id, config.root) if branch_id else config.root
    return replace(DEFAULT_CALENDAR, zone=ZoneInfo(branch.zone))
