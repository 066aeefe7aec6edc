"""What an open page asks for now and then: how many tasks wait, and which one came last."""

import hashlib
from dataclasses import astuple, dataclass

from engine.kernel.uow import Tx
from engine.workflow import tasks
from engine.workflow.tasks import InboxQuery, TaskRow
from webapp.modelwords import titled
from webapp.screens.work import boxes


@dataclass(frozen=True)
class News:
    """Counts as the badges show them (1,000 means that many or more). ``newest``: id of the youngest task to do,
    ``title`` its title; both empty when nothing waits. Ids grow with time, but a task handed over keeps its own."""

    todo: int
    candidate: int
    cc: int
    newest: str
    title: str

    @property
    def tag(self) -> str:
        """The same as long as nothing has changed."""
        return hashlib.sha256(repr(astuple(self)).encode()).hexdigest()[:16]


def read(tx: Tx) -> News:
    """For the acting one."""
    counts = boxes.counted(tx)
    last = next((one for one in tasks.inbox(tx, InboxQuery("todo", limit=1)).items if isinstance(one, TaskRow)), None)
    newest, title = (str(last.id), titled(last.title)) if last else ("", "")
    return News(counts["todo"], counts["candidate"], counts["cc"], newest, title)
