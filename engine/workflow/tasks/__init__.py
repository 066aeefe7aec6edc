"""User tasks: the inbox and everything people do with a task (审批操作)."""

from engine.workflow.tasks.completing import complete
from engine.workflow.tasks.consequences import Preview
from engine.workflow.tasks.handing import cc, claim, delegate, resolve, save, transfer, unclaim, urge
from engine.workflow.tasks.inbox import InboxPage, InboxQuery, StartedRow, counts, inbox
from engine.workflow.tasks.rows import TaskRow
from engine.workflow.tasks.sending_back import ReturnTarget, reject, return_targets, return_to
from engine.workflow.tasks.signing import add_signer, remove_signer
from engine.workflow.tasks.turns import Turn, arrange_signers
from engine.workflow.tasks.view import TaskEvent, TaskView, get
from engine.workflow.tasks.withdrawing import withdraw

__all__ = [
    "InboxPage",
    "InboxQuery",
    "Preview",
    "ReturnTarget",
    "StartedRow",
    "TaskEvent",
    "TaskRow",
    "TaskView",
    "Turn",
    "add_signer",
    "arrange_signers",
    "cc",
    "claim",
    "complete",
    "counts",
    "delegate",
    "get",
    "inbox",
    "reject",
    "remove_signer",
    "resolve",
    "return_targets",
    "return_to",
    "save",
    "transfer",
    "unclaim",
    "urge",
    "withdraw",
]
