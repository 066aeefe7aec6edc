"""Votes of the running instance, for handlers that must count natural persons themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from engine.kernel.uow import Tx
from engine.workflow.runner import people
from engine.workflow.runner.calls import CURRENT

if TYPE_CHECKING:
    from engine.workflow.runner.session import Session


def approving_persons(tx: Tx, nodes: Sequence[str], outcome: str = "approve") -> frozenset[str]:
    """Natural persons who decided `outcome` at these tasks of the instance whose handler is running.

    A substitute counts as himself; whoever he stood in for does not count as a second person. Only the last vote of a
    person at a node counts. Raises: RuntimeError outside a handler.
    """
    session = _session(tx)
    last: dict[tuple[str, str], str] = {}
    for node, _, person, _, decided in people.votes(session):
        if node in nodes:
            last[(node, person)] = decided
    return frozenset(person for (_, person), decided in last.items() if decided == outcome)


def current_instance(tx: Tx) -> UUID:
    """The instance whose handler is running. Raises: RuntimeError outside a handler."""
    return _session(tx).row.id


def _session(tx: Tx) -> Session:
    found = tx.memo.get(CURRENT)
    if found is None:
        raise RuntimeError("Expected to be called from a handler of a running instance.")
    session: Session = found
    return session
