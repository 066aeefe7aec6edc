"""What a new version under a running instance means for its rows and for what it waits for.

Tokens, timers with their due time, tasks with assignee and draft stay. Events that the old version did not have are
armed from now on; subscriptions follow renamed messages and signals; open tasks get the form of their new node. Tasks
that are done follow a step that has another name only, so that the case can go back to it.
"""

# ruff: noqa: S608 - the texts are made of constants of this module only

from __future__ import annotations

import json
from collections.abc import Mapping

from engine.kernel.uow import Tx
from engine.workflow.bpmn.model import EventKind
from engine.workflow.interpreter.commands import Refit
from engine.workflow.interpreter.state import State, Wait
from engine.workflow.programs import Loaded
from engine.workflow.runner import stranded
from engine.workflow.runner.row import InstanceRow
from engine.workflow.runner.session import Session

_EACH = "from jsonb_each_text(%(mapping)s::jsonb) m where instance_id = %(id)s"
_RENAME = (
    f"update user_task set node_id = m.value {_EACH} and node_id = m.key and status in ('open', 'waiting')",
    f"update subscription set node_id = m.value {_EACH} and node_id = m.key",
    f"update workflow_job set node_id = m.value {_EACH} and node_id = m.key",
    f"update timer set reference = m.value {_EACH} and reference = m.key and kind = 'event'",
)
_RENAME_DONE = f"""update user_task set node_id = m.value {_EACH} and node_id = m.key
 and status not in ('open', 'waiting')"""
_NAMED = "update subscription set name = %(name)s where instance_id = %(id)s and activation = %(activation)s"
_FORM = """update user_task set form = %(form)s where instance_id = %(id)s and activation = %(activation)s
 and kind = 'task' and status in ('open', 'waiting')"""
_FORGET = (
    "delete from timer where instance_id = %(id)s and kind = 'event' and not (activation = any(%(arms)s))",
    "delete from subscription where instance_id = %(id)s and not (activation = any(%(arms)s))",
)


def rename_rows(tx: Tx, row: InstanceRow, mapping: Mapping[str, str], names: Mapping[str, str]) -> None:
    """Open tasks, subscriptions, jobs and timers follow their nodes; two nodes may change places.

    names: those that done tasks follow, too.
    """
    if mapping:
        for sql in _RENAME:
            tx.post(sql, {"id": row.id, "mapping": json.dumps(dict(mapping))})
    if names:
        tx.post(_RENAME_DONE, {"id": row.id, "mapping": json.dumps(dict(names))})


def other_names(old: Loaded, mapping: Mapping[str, str]) -> dict[str, str]:
    """The part of the mapping that gives a step a name no step had, so that it can be taken back."""
    given = list(mapping.values())
    return {node: name for node, name in mapping.items() if name not in old.process.nodes and given.count(name) == 1}


def refit(tx: Tx, row: InstanceRow, old: Loaded, new: Loaded, mapping: Mapping[str, str]) -> None:
    """Arm the events that are new in this version; row and state are on it already. Raises: Conflict."""
    known = {mapping.get(node, node) for node in old.process.nodes}
    session = Session(tx, row)
    session.run(Refit(frozenset(new.process.nodes.keys() - known)))
    session.save()
    follow(tx, row, session.state, new)


def look_again(tx: Tx, row: InstanceRow) -> int:
    """Incidents of joins that wait for ever, as this version has them; by how many open ones it has more."""
    session = Session(tx, row)
    before, session.is_moved = row.open_incidents, True
    stranded.note(session)
    if session.writes.incidents or row.open_incidents != before:
        session.save()
    return row.open_incidents - before


def follow(tx: Tx, row: InstanceRow, state: State, loaded: Loaded) -> None:
    """Names of subscriptions and forms of open tasks as this version has them."""
    for arm in state.arms.values():
        event = loaded.program.ops[arm.node].events[arm.index] if arm.index >= 0 else None
        if event is not None and event.kind in (EventKind.MESSAGE, EventKind.SIGNAL):
            tx.post(_NAMED, {"id": row.id, "activation": arm.id, "name": arm.name or event.name})
    for token in state.tokens.values():
        node = loaded.node(token.node)
        if token.wait == Wait.USER and node is not None and node.task is not None:
            tx.post(_FORM, {"id": row.id, "activation": token.id, "form": node.task.form})


def forget_fresh(tx: Tx, row: InstanceRow, state: State) -> None:
    """Before going back to the old version: timers and subscriptions it does not know are gone."""
    for sql in _FORGET:
        tx.post(sql, {"id": row.id, "arms": list(state.arms)})
