"""Messages that nobody could be given to, as their page shows them: why, and the cases each may be meant for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import url_for

from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import snapshot
from engine.workflow import deployments, messages
from engine.workflow.messages import UndeliveredMessage
from webapp.given import id_of


@dataclass(frozen=True)
class Receiver:
    """A case that waits for the message. ``process``: empty where the title says it."""

    id: UUID
    title: str
    process: str
    starter: str
    started_at: datetime
    url: str


@dataclass(frozen=True)
class Line:
    """``keys``: `name = value` each; ``detail``: technical, of what failed."""

    id: UUID
    name: str
    keys: tuple[str, ...]
    why: Text
    detail: str
    branch: str
    at: datetime
    receivers: tuple[Receiver, ...]


def read(tx: Tx) -> tuple[Line, ...]:
    """Where the actor operates processes, newest first. Raises: Forbidden."""
    names = {row.key: row.name or row.key for row in deployments.processes(tx)}
    branches = {key: branch.name for key, branch in snapshot.load(tx).branches.items()}
    return tuple(_line(one, names, branches) for one in messages.undelivered_messages(tx))


def _line(one: UndeliveredMessage, names: Mapping[str, str], branches: Mapping[UUID, str]) -> Line:
    receivers = tuple(_receiver(to, names) for to in one.receivers)
    keys = tuple(f"{name} = {value}" for name, value in one.keys.items())
    branch = branches.get(one.branch_id, "") if one.branch_id else ""
    return Line(one.id, one.name, keys, one.message, one.detail, branch, one.created_at, receivers)


def _receiver(to: messages.Receiver, names: Mapping[str, str]) -> Receiver:
    process = names.get(to.process_key, to.process_key)
    process = "" if process in to.title else process
    url = url_for("instances.show", instance_id=to.instance_id)
    return Receiver(to.instance_id, to.title, process, to.starter_name, to.started_at, url)


def settle(tx: Tx, incident_id: UUID, form: Mapping[str, str]) -> None:
    """Does what the form decides: ``again``, ``drop``, or ``give:`` and the case's id.

    Raises: UserError; NotFound; Conflict.
    """
    decision, _, to = form.get("decision", "").partition(":")
    reason = form.get("reason", "").strip()
    if decision == "again":
        messages.settle_message(tx, incident_id, "again", reason)
    elif decision == "drop":
        messages.settle_message(tx, incident_id, "drop", reason)
    elif decision == "give":
        messages.settle_message(tx, incident_id, "give", reason, to=id_of(to))
    else:
        raise UserError("bad_decision", Text("请选择处理方式", "Choose what to do"))
