"""Joins that wait for ever, as incidents of the case: looked for when people have moved it and when it stands still.

A step that does neither costs nothing. While the case has an open incident every step looks, so that one that no longer
is true is closed (`interpreter.stranding` says what is found).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.kernel.text import Text
from engine.workflow.bpmn.model import Process
from engine.workflow.interpreter.effects import RaiseIncident
from engine.workflow.interpreter.state import Status
from engine.workflow.interpreter.stranding import Stranded, stands_still, stranded
from engine.workflow.interpreter.table import MANY

if TYPE_CHECKING:
    from engine.workflow.runner.session import Session

KIND = "stranded"
_OPEN = "select node_id from incident where instance_id = %(id)s and kind = 'stranded' and resolved_at is null"
_CLOSE = """update incident set resolved_at = %(now)s, resolved_by = %(actor)s, resolution = 'resolved'
 where instance_id = %(id)s and kind = 'stranded' and resolved_at is null and node_id = any(%(nodes)s)"""


def note(session: Session) -> None:
    """Open an incident for each join that waits for ever, and close those of joins that do not any more."""
    if session.state.status != Status.RUNNING or not _is_due(session):
        return
    found = {one.node: one for one in stranded(session.loaded.program, session.state)}
    known = _known(session)
    for number, node in enumerate((one for one in found if one not in known), 1):
        text = told(session.loaded.process, found[node])
        session.writes.incidents[-number] = RaiseIncident(0, node, KIND, text, "")
    gone = sorted(known - found.keys())
    if gone:
        parameters = {"id": session.row.id, "now": session.tx.now, "actor": session.tx.actor.id, "nodes": gone}
        session.tx.post(_CLOSE, parameters)
        session.row.open_incidents -= len(gone)


def told(process: Process, one: Stranded) -> Text:
    """Where it waits, and where nothing comes from."""
    join = process.nodes[one.node].name or one.node
    sources = dict.fromkeys(process.flows[flow].source for flow in one.lacking)
    names = [process.nodes[source].name or source for source in sources]
    return Text(
        f"“{join}”要等“{'”“'.join(names)}”那边的令牌，但那边已没有进行中的环节，会一直等下去",
        f"“{join}” waits for what comes from “{'”, “'.join(names)}”, where nothing is under way: it waits for ever",
    )


def _is_due(session: Session) -> bool:
    if session.is_moved or session.row.open_incidents > 0:
        return True
    writes, tokens = session.writes, session.state.tokens
    has_opened = writes.tasks or writes.jobs or writes.timers or writes.subscriptions or writes.incidents
    return not has_opened and len(tokens) < MANY and stands_still(session.loaded.program, session.state)


def _known(session: Session) -> set[str]:
    if session.is_new or session.row.open_incidents <= 0:
        return set()
    return {row[0] for row in session.tx.query(_OPEN, {"id": session.row.id})}
