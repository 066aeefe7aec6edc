"""Tells people of their tasks: rows that the pages read, pushed to open pages after the commit."""

from collections.abc import Sequence

from engine.kernel.uow import Tx
from engine.workflow.tasks.rows import TaskRow

CHANNEL = "schoolflow_inbox"


class InboxNotices:
    """The task's own row is the notice; PostgreSQL tells listening web processes whose inbox changed."""

    def tell(self, tx: Tx, kind: str, users: Sequence[str], task: TaskRow) -> None:
        """Announces the users' ids on the channel; delivered with the commit, dropped with a rollback."""
        for user in dict.fromkeys(users):
            tx.post("select pg_notify(%(channel)s, %(user)s)", {"channel": CHANNEL, "user": user})
