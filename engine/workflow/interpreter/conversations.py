"""Key-based correlation: the first message fills the keys, later ones must agree (BPMN 2.0.2 8.4.2)."""

from __future__ import annotations

from typing import Any

from engine.workflow.bpmn.program import Event
from engine.workflow.interpreter import arms, data
from engine.workflow.interpreter.run import Run


def known(run: Run, event: Event) -> dict[str, Any]:
    """The filled keys that a message of this kind must carry."""
    filled = run.state.conversation
    return {name: filled[name] for name, _ in event.retrieve if name in filled}


def learn(run: Run, event: Event, payload: Any) -> None:
    """A message was received or sent: keys still open take its values; whoever waits already waits with them.

    Raises: FeelError.
    """
    if not event.conversation:
        return
    found = data.mapped(run, event.retrieve, payload if isinstance(payload, dict) else {})
    fresh = {k: v for k, v in found.items() if v is not None and k not in run.state.conversation}
    if not fresh:
        return
    run.state.conversation |= fresh
    for item in list(run.state.arms.values()):
        op = run.program.ops[item.node]
        other = op.events[item.index] if item.index >= 0 else None
        if other is not None and other.conversation and item.keys != known(run, other):
            arms.disarm_one(run, item)
            arms.arm(run, op, item.index, owner=item.owner, scope=item.scope, name=item.name)
