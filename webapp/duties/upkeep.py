"""What the platform does for itself: old rows forgotten, statistics fresh, indexes built, the history anchored."""

from datetime import time, timedelta

from engine.kernel import duty_runs, history_anchor, idempotency, statistics
from engine.kernel.actor import SYSTEM
from engine.kernel.duties import Daily, Duty, Every, Occasion, OutsideDuty, Result
from engine.kernel.outbox import OutboxMessage, enqueue
from engine.kernel.settings import Settings
from engine.kernel.text import Text
from engine.kernel.uow import Boundary, Tx
from engine.metadata import indexing
from engine.workflow import standing

_MAIL_LIFE = timedelta(days=2)


def duties_of(boundary: Boundary, settings: Settings) -> tuple[Duty | OutsideDuty, ...]:
    """The duties that need this process's settings."""
    owner_url = settings.database_owner_url or settings.database_url

    def anchor(tx: Tx, occasion: Occasion) -> Result:
        return _anchor(tx, occasion, settings)

    def analyze(_occasion: Occasion) -> Result:
        return {"tables": list(statistics.refresh(owner_url))}

    def build_indexes(_occasion: Occasion) -> Result:
        wanted = boundary.run(SYSTEM, indexing.wanted_indexes)
        return {"changed": list(indexing.bring_in_line(owner_url, wanted))}

    def tell_stranded(_occasion: Occasion) -> Result:
        return {"incidents": standing.tell_stranded(boundary)}

    return (
        Duty("kernel.forget_old", Text("清理过期记录", "Forget what has expired"), Daily(time(3, 30)), _forget),
        Duty("history.anchor", Text("历史链头存证", "Anchor the history's head"), Daily(time(3, 0)), anchor),
        OutsideDuty("workflow.stranded", _STRANDED, Daily(time(2, 30)), tell_stranded),
        OutsideDuty("database.analyze", Text("更新统计信息", "Refresh statistics"), _OFTEN, analyze),
        OutsideDuty("database.build_indexes", Text("建立字段索引", "Build indexes of fields"), _OFTEN, build_indexes),
    )


_STRANDED = Text("查找会一直等下去的流程", "Find cases that wait for ever")
_OFTEN = Every(timedelta(minutes=2))


def _forget(tx: Tx, _occasion: Occasion) -> Result:
    return {"idempotency_keys": idempotency.forget_old(tx), "duty_runs": duty_runs.forget_old(tx)}


def _anchor(tx: Tx, occasion: Occasion, settings: Settings) -> Result:
    """One line a day in the data folder, and by mail when an address is set: who changes the trail can't reach both."""
    anchor = history_anchor.current(tx.connection, tx.now)
    if anchor is None:
        return {"sequence": 0}
    history_anchor.keep(history_anchor.file_in(settings.home), anchor)
    address = settings.anchor_email
    if address:
        text = f"{anchor.at:%Y-%m-%d %H:%M} UTC\n{anchor.sequence}\n{anchor.head.hex()}\n"
        subject = f"Schoolflow 历史链头 {occasion.period}"
        payload = {"to": address, "subject": subject, "text": text}
        key = f"history-anchor:{occasion.period}"
        message = OutboxMessage(
            channel="email", recipient=address, payload=payload, idempotency_key=key, expires_in=_MAIL_LIFE
        )
        enqueue(tx, message)
    return {"sequence": anchor.sequence, "head": anchor.head.hex()}
