"""Where an instance stands: tokens, scopes, variables, armed events. A working copy is changed inside one step only."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from engine.workflow.interpreter.tokens import Tokens


class Wait(StrEnum):
    """What a token at rest waits for."""

    USER = "u"
    JOB = "j"
    HANDLER = "h"
    OUTBOUND = "o"
    EVENT = "e"
    SCOPE = "s"
    ITEMS = "m"
    CALLED = "c"
    COMPENSATION = "b"
    INCIDENT = "i"
    RETRY = "r"
    READY = "q"
    THROWN = "t"


class Status(StrEnum):
    """Of the whole instance."""

    NEW = "new"
    RUNNING = "running"
    COMPLETED = "completed"
    TERMINATED = "terminated"
    ERROR = "error"
    CANCELLED = "cancelled"


@dataclass(slots=True)
class Token:
    """One activation. `parent`: the loop or multi-instance activation it is an item of (0: none).

    `vars`: variables local to the activity (item data, input mapping). `data`: what its wait needs: counters of a loop
    host, the work list of a compensation, the code of an incident, tries of a handler. `undo_of`: the compensation
    throw this handler runs for.
    """

    id: int
    node: str
    scope: int
    wait: str
    parent: int = 0
    vars: dict[str, Any] | None = None
    data: dict[str, Any] | None = None
    undo_of: int = 0


@dataclass(slots=True)
class Scope:
    """The running body of the process or of one activation `owner` (0 for the process) of a sub-process.

    `live`: activations and join arrivals inside; the scope is complete at 0. `joins`: per gateway, arrivals by flow.
    `undo`: completed activities that can be compensated, oldest first, as `[node, vars, children]`.
    """

    id: int
    node: str
    owner: int
    live: int = 0
    vars: dict[str, Any] = field(default_factory=dict)
    joins: dict[str, dict[str, int]] = field(default_factory=dict)
    undo: list[Any] = field(default_factory=list)


@dataclass(slots=True)
class Arm:
    """One armed event definition: number `index` of `node`, for activation `owner`, or for scope `scope` when 0.

    `due`: of a timer; `keys`: of a message; `count`/`start`/`round`: rounds left (-1: endless), the
    anchor and the number of the current round of a cycle; `mark`: last value of a condition (rising edge).
    """

    id: int
    node: str
    index: int
    owner: int
    scope: int
    due: datetime | None = None
    keys: dict[str, Any] | None = None
    count: int = 0
    start: datetime | None = None
    round: int = 0
    mark: bool = False


@dataclass(slots=True)
class State:
    """A whole instance.

    `calls`: local handlers not yet answered. `called`: a call activity waits for it. `throws`: tokens held back before
    a signal throw, as `[node, scope, flow]`. `conversation`: correlation keys filled by the first message (8.4.2).
    `fits`: the program this state is known to fit; `packed`: large values by identity with the bytes they were read
    from or written as, so that a value nobody replaced is not written anew in every step. Neither is saved.
    """

    process: str
    status: str = Status.NEW
    next_id: int = 1
    calls: int = 0
    called: bool = False
    scopes: dict[int, Scope] = field(default_factory=dict)
    tokens: dict[int, Token] = field(default_factory=dict)
    arms: dict[int, Arm] = field(default_factory=dict)
    throws: list[list[Any]] = field(default_factory=list)
    conversation: dict[str, Any] = field(default_factory=dict)
    fits: object = field(default=None, compare=False, repr=False)
    packed: dict[int, tuple[Any, bytes]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def variables(self) -> dict[str, Any]:
        """The process variables; empty before the start and after the end."""
        root = self.scopes.get(ROOT)
        return root.vars if root is not None else {}


ROOT = 0


def new_state(process: str) -> State:
    """The state of an instance that has not started."""
    return State(process)


def copy_state(state: State) -> State:
    """A working copy: values are shared, for they are replaced and never changed in place."""
    return State(
        state.process,
        state.status,
        state.next_id,
        state.calls,
        state.called,
        {key: _copy_scope(scope) for key, scope in state.scopes.items()},
        _copy_tokens(state.tokens),
        {key: copy(arm) for key, arm in state.arms.items()} if state.arms else {},
        [list(item) for item in state.throws] if state.throws else [],
        dict(state.conversation) if state.conversation else {},
        None,
        state.packed,
    )


def _copy_tokens(tokens: dict[int, Token]) -> dict[int, Token]:
    if tokens.__class__ is not dict and isinstance(tokens, Tokens):
        awake = {token.id: _copy_token(token) for token in tokens.awake()}
        return Tokens(awake, dict(tokens.asleep), tokens.wake)
    return {key: _copy_token(token) for key, token in tokens.items()}


def _copy_scope(scope: Scope) -> Scope:
    joins = {node: dict(counts) for node, counts in scope.joins.items()} if scope.joins else {}
    return Scope(scope.id, scope.node, scope.owner, scope.live, dict(scope.vars), joins, list(scope.undo))


def _copy_token(token: Token) -> Token:
    if token.vars is None and token.data is None:
        return Token(token.id, token.node, token.scope, token.wait, token.parent, None, None, token.undo_of)
    variables = dict(token.vars) if token.vars is not None else None
    data = {name: _copy_list(item) for name, item in token.data.items()} if token.data is not None else None
    return Token(token.id, token.node, token.scope, token.wait, token.parent, variables, data, token.undo_of)


def _copy_list(item: Any) -> Any:
    if isinstance(item, list):
        return list(item)
    return dict(item) if isinstance(item, dict) else item
