"""What finance does by the clock: reminders of overdue instalments, and the proof of the money."""

from datetime import time, timedelta

from engine.kernel.duties import Daily, Duty, Occasion, Result
from engine.kernel.history import Event
from engine.kernel.outbox import OutboxMessage, enqueue
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from processes.finance.plans import Arrear, arrears
from processes.finance.proof import nightly_proof
from processes.people import api as people
from processes.people.api import Contact, Guardian
from processes.places import branch_of
from processes.templates import load_templates_beside

REMIND_EVERY_DAYS = 7
"""How often an overdue instalment is mentioned; a branch sets ``arrears_reminder_days``, 0 stops it."""
_TEMPLATE = "finance.arrears"
_SHOWN = 50
_LIFE = timedelta(hours=12)


def remind(tx: Tx, occasion: Occasion) -> Result:
    """Tells the guardians of a branch what is overdue: on the first day, then once in so many days."""
    assert occasion.branch_id is not None, "reminders go out branch by branch"
    branch = branch_of(tx, occasion.branch_id)
    days = int(branch.settings.get("arrears_reminder_days", REMIND_EVERY_DAYS))
    sent = 0
    for one in arrears(tx, on=occasion.on, branch_id=occasion.branch_id) if days else ():
        contact = people.student_contact(tx, one.student_id)
        turn = (occasion.on - one.due_on).days // days
        sent += sum(_tell(tx, branch.name, one, contact, guardian, turn) for guardian in contact.guardians)
    return {"messages": sent}


def _tell(tx: Tx, branch: str, one: Arrear, contact: Contact, guardian: Guardian, turn: int) -> int:
    template = load_templates_beside(__file__)[_TEMPLATE]
    inputs = {
        "student_name": contact.name,
        "due_on": one.due_on.isoformat(),
        "amount": f"{one.open_amount:.2f}",
        "branch": branch,
    }
    addresses = {"sms": guardian.phone if guardian.receives_sms else None, "email": guardian.email}
    wanted = [(channel, address) for channel, address in addresses.items() if address]
    for channel, address in wanted:
        message = OutboxMessage(
            channel=channel,
            recipient=address,
            payload=template.payload(channel, address, inputs),
            idempotency_key=f"arrears:{one.instalment_id}:{turn}:{guardian.id}:{channel}",
            expires_in=_LIFE,
            branch_id=one.branch_id,
            subject=("student", str(contact.student_id)),
        )
        enqueue(tx, message)
    return len(wanted)


def prove(tx: Tx, _occasion: Occasion) -> Result:
    """The proof of the money; what does not add up goes to the history and to the home pages of those in charge."""
    wrong = nightly_proof(tx)
    shown = [f"{one.check} {one.subject_id}: {one.detail}" for one in wrong[:_SHOWN]]
    if wrong:
        tx.record(Event("books:violated", ("books", "finance"), data={"violations": len(wrong), "shown": shown}))
    return {"violations": len(wrong), "shown": shown}


DUTIES = (
    Duty("finance.remind_arrears", Text("欠费提醒", "Remind of arrears"), Daily(time(10, 0)), remind, True),
    Duty("finance.nightly_proof", Text("资金账核对", "Prove the money"), Daily(time(2, 10)), prove),
)
