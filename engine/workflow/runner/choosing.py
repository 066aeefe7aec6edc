"""Ad-hoc sub-processes that stand open (BPMN 2.0.2 13.3.5), and a note beside the case when one waits for people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine.workflow.bpmn.model import NodeKind
from engine.workflow.interpreter.adhoc import begins_by_itself
from engine.workflow.interpreter.state import Scope, State, Token, Wait

if TYPE_CHECKING:
    from engine.workflow.programs import Loaded
    from engine.workflow.runner.session import Session

_NOTE = "update instance set choices = %(names)s where id = %(id)s and choices <> %(names)s::text[]"


def open_bodies(loaded: Loaded, state: State) -> Iterator[tuple[Token, Scope]]:
    """Bodies people choose from, and others that stand still although nothing in them runs; oldest first."""
    for scope in state.scopes.values():
        host = state.tokens.get(scope.owner)
        if host is None or host.wait != Wait.SCOPE or loaded.program.ops[host.node].kind is not NodeKind.ADHOC:
            continue
        is_over = (host.data or {}).get("over")
        is_busy_alone = begins_by_itself(loaded.program, host.node) and scope.live > 0
        if not is_over and not is_busy_alone:
            yield host, scope


def note(session: Session) -> None:
    """Keep with the case the names of bodies in which nothing runs until somebody chooses."""
    nodes, found = session.loaded.process.nodes, open_bodies(session.loaded, session.state)
    names = sorted(nodes[host.node].name or host.node for host, scope in found if scope.live == 0)
    session.tx.post(_NOTE, {"id": session.row.id, "names": names})
