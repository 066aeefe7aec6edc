"""What a worker empties when it is woken, by kind of due rows."""

from collections.abc import Callable, Mapping

from connectors.host import Fleet
from engine.kernel import background
from engine.kernel.actor import SYSTEM
from engine.kernel.background import JobHandler
from engine.kernel.delivery import drain_outbox
from engine.kernel.inbox import InboxRow, drain_inbox
from engine.kernel.uow import Boundary, Drain, Tx
from engine.workflow.drains import run_due
from engine.workflow.intake import correlate_inbox
from processes.attendance.intake import swipe

SWIPE = "attendance.swipe"
SLICE = 250
"""Steps done in one go before another kind of rows gets its turn: thousands of cases begin without delaying a swipe."""


def drains_of(
    boundary: Boundary, fleet: Fleet, job_handlers: Mapping[str, JobHandler]
) -> dict[Drain, Callable[[], int]]:
    """One function a kind; each gives the number of rows it handled."""

    def steps() -> int:
        return run_due(boundary, SYSTEM, limit=SLICE)

    return {
        Drain.OUTBOX: lambda: drain_outbox(boundary, fleet.refresh()),
        Drain.INBOX: lambda: drain_inbox(boundary, SYSTEM, take_in),
        Drain.TIMERS: steps,
        Drain.STEPS: steps,
        Drain.BACKGROUND: lambda: background.drain(boundary, job_handlers, SYSTEM),
    }


def take_in(tx: Tx, row: InboxRow) -> None:
    """One inbound event: a swipe is a command of the attendance domain, all else a message."""
    if row.name == SWIPE:
        swipe(tx, row)
    else:
        correlate_inbox(tx, row)
