"""What the ledger does by the clock: period cards accrue, lots expire, the books are proved."""

from datetime import time

from engine.kernel.duties import Daily, Duty, Occasion, Result
from engine.kernel.history import Event
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from processes.class_hours.proof import nightly_proof
from processes.class_hours.settling import accrue_periods, expire_lots

_SHOWN = 50


def accrue(tx: Tx, occasion: Occasion) -> Result:
    """Days and months of period cards that have passed."""
    return {"lots": accrue_periods(tx, occasion.on)}


def expire(tx: Tx, occasion: Occasion) -> Result:
    """Lots past their day, in portions until none is left."""
    count = 0
    while found := expire_lots(tx, occasion.on):
        count += found
    return {"lots": count}


def prove(tx: Tx, _occasion: Occasion) -> Result:
    """The proof of the ledger; what does not add up goes to the history and to the home pages of those in charge."""
    wrong = nightly_proof(tx)
    shown = [f"{one.check} {one.subject_id}: {one.detail}" for one in wrong[:_SHOWN]]
    if wrong:
        tx.record(Event("books:violated", ("books", "class_hours"), data={"violations": len(wrong), "shown": shown}))
    return {"violations": len(wrong), "shown": shown}


DUTIES = (
    Duty("class_hours.accrue_periods", Text("按期计课时", "Accrue period cards"), Daily(time(0, 30)), accrue),
    Duty("class_hours.expire_lots", Text("课时到期", "Let hours expire"), Daily(time(0, 40)), expire),
    Duty("class_hours.nightly_proof", Text("课时账核对", "Prove the hour ledger"), Daily(time(2, 0)), prove),
)
