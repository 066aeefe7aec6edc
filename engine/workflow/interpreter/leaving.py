"""What data a sub-process had when it was left: whoever goes back into it finds them again.

Kept by the scope around it, the last time only, so that rounds of a loop do not add up.
"""

from __future__ import annotations

from engine.workflow.interpreter import lookups
from engine.workflow.interpreter.run import Run
from engine.workflow.interpreter.state import Scope, Token, Wait


def keep(run: Run, scope: Scope, owner: Token) -> None:
    """The sub-process is over; repeated ones cannot be gone back into."""
    if run.op(owner).loop is not None or owner.undo_of:
        return
    found = {**(owner.vars or {}), **scope.vars}
    if found or scope.left:
        run.scope_of(owner).left[owner.node] = [found, scope.left]


def keep_cancelled(run: Run, owner: Token) -> None:
    """The activity is about to be cancelled, maybe a sub-process that runs."""
    if owner.wait == Wait.SCOPE:
        for scope in lookups.bodies_of(run.state, owner.id):
            keep(run, scope, owner)


def recall(home: Scope, scope: Scope) -> None:
    """Somebody goes back into it: its data objects, inputs and properties are as they were."""
    variables, left = home.left.pop(scope.node, ({}, {}))
    scope.vars.update(variables)
    scope.left = dict(left)
