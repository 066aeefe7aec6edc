"""The inbox worker's command for swipes: attendance at once, a person only for what can't be decided."""

from engine.kernel.actor import process_actor
from engine.kernel.history import Event
from engine.kernel.inbox import InboxRow
from engine.kernel.uow import Tx
from engine.metadata import snapshot
from engine.workflow import messages
from processes.attendance.swipes import Kind, Result, Swipe, take
from processes.places import zone_of

EXCEPTION = "attendance.exception"
_NEEDS_NOBODY = frozenset({Kind.RECORDED, Kind.IGNORED})


def swipe(tx: Tx, row: InboxRow) -> None:
    """Handle one ``attendance.swipe`` event; handled twice it takes effect once.

    A repeat within the debounce window, a swipe on leaving and a swipe that no proven device sent are kept in the
    trail and charge nothing: roll-call decides.
    """
    with tx.acting_as(process_actor("process:attendance", "考勤", tx.actor)):
        seen = _swipe(tx, row)
        if row.payload.get("duplicate"):
            return
        if row.payload.get("direction") == "out" or row.payload.get("verified") is False:
            _note(tx, row, seen)
            return
        result = take(tx, seen)
        if result.kind not in _NEEDS_NOBODY:
            report(tx, seen, result)


def report(tx: Tx, seen: Swipe, result: Result) -> None:
    """Start the exception process; the same card at the same hour asks only once."""
    hour = seen.at.astimezone(zone_of(tx, seen.branch_id))
    who = result.student_id or seen.card_no or seen.person_no
    payload = {
        "kind": result.kind.value,
        "summary": result.summary(seen),
        "card_no": seen.printed_card,
        "person_no": seen.person_no,
        "swiped_at": seen.at,
        "device": seen.device,
        "branch_id": str(seen.branch_id),
        "swipe_key": seen.key,
        "student_id": str(result.student_id) if result.student_id else None,
        "student_name": result.student_name,
        "lesson_id": str(result.lesson_id) if result.lesson_id else None,
    }
    message_id = f"attendance:{result.kind}:{who}:{hour:%Y%m%d%H}"
    messages.correlate(tx, EXCEPTION, {}, payload, message_id, branch_id=seen.branch_id)


def _swipe(tx: Tx, row: InboxRow) -> Swipe:
    return Swipe(
        key=f"inbox:{row.id}",
        at=row.occurred_at,
        device=str(row.payload.get("device", "")),
        branch_id=row.branch_id or snapshot.load(tx).root.id,
        card_no=row.payload.get("card_no") or row.correlation.get("card_no"),
        person_no=row.payload.get("person_no") or row.correlation.get("person_no"),
    )


def _note(tx: Tx, row: InboxRow, seen: Swipe) -> None:
    data = {"device": seen.device, "at": seen.at, "direction": row.payload.get("direction", "")}
    tx.record(Event("attendance:not_counted", ("inbox", row.id), seen.branch_id, data))
