"""Where an instance stands: tokens, scopes, variables, armed events. A working copy is changed inside one step only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from engine.workflow.bpmn.enums import direct
from engine.workflow.interpreter.large import Packed
from engine.workflow.interpreter.pages import NONE, Kind, Marks
from engine.workflow.interpreter.table import working

if TYPE_CHECKING:
    from engine.workflow.interpreter.shortcuts import Shortcuts


@direct
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
    DATA = "d"


@direct
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
    `undo`: completed activities that can be compensated, oldest first, as `[node, vars, children]`. `left`: the data
    that sub-processes in it had when they were last left, for whoever goes back into them, as `[vars, left]` by node.
    """

    id: int
    node: str
    owner: int
    live: int = 0
    vars: dict[str, Any] = field(default_factory=dict)
    joins: dict[str, dict[str, int]] = field(default_factory=dict)
    undo: list[Any] = field(default_factory=list)
    left: dict[str, list[Any]] = field(default_factory=dict)


@dataclass(slots=True)
class Arm:
    """One armed event definition: number `index` of `node`, for activation `owner`, or for scope `scope` when 0.

    `due`: of a timer; `keys`: of a message; `count`/`start`/`round`: rounds left (-1: endless), the
    anchor and the number of the current round of a cycle; `mark`: last value of a condition (rising edge), which has
    become true `count` times since it last fired; `name`: of a message or signal, where the model computes it.
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
    name: str | None = None


@dataclass(slots=True)
class State:
    """A whole instance.

    `calls`: local handlers not yet answered. `called`: a call activity waits for it. `throws`: tokens held back before
    a signal throw, as `[node, scope, flow]`. `conversation`: correlation keys filled by the first message (8.4.2).
    `fits`: of the program this state is known to fit; `packed`: large values by identity with the bytes they were read
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
    fits: Shortcuts | None = field(default=None, compare=False, repr=False)
    packed: dict[int, tuple[Any, Packed]] = field(default_factory=dict, compare=False, repr=False)

    @property
    def variables(self) -> dict[str, Any]:
        """The process variables; empty before the start and after the end."""
        root = self.scopes.get(ROOT)
        return root.vars if root is not None else {}


ROOT = 0


def new_state(process: str) -> State:
    """The state of an instance that has not started."""
    found = bare_copy(_NEW)
    found.process = process
    found.scopes, found.tokens, found.arms, found.throws, found.conversation, found.packed = {}, {}, {}, [], {}, {}
    return found


def fork(state: State) -> State:
    """A working copy. Values are shared, for they are replaced and never changed in place."""
    found = bare_copy(state)
    found.scopes = working(state.scopes, SCOPES)
    _own_rest(found)
    return found


def bare_copy(state: State) -> State:
    """A state of its own that shares everything in it with the given one."""
    found = _blank(State)
    found.process = state.process
    found.status = state.status
    found.next_id = state.next_id
    found.calls = state.calls
    found.called = state.called
    found.scopes = state.scopes
    found.tokens = state.tokens
    found.arms = state.arms
    found.throws = state.throws
    found.conversation = state.conversation
    found.fits = state.fits
    found.packed = state.packed
    return found


_NEW = State("")
_blank = object.__new__  # filling one in costs half of giving its constructor all arguments


def own(state: State) -> None:
    """Make a whole copy of one that so far has its own process scope."""
    if len(state.scopes) > 1:
        root = state.scopes[ROOT]
        state.scopes = working(state.scopes, SCOPES)
        state.scopes[ROOT] = root
    _own_rest(state)


def _own_rest(state: State) -> None:
    state.tokens = working(state.tokens, TOKENS)
    state.arms = working(state.arms, ARMS) if state.arms else {}
    state.throws = [list(item) for item in state.throws] if state.throws else []
    state.conversation = state.conversation.copy()


def copy_scope(scope: Scope) -> Scope:
    """A scope of its own with the same variables, arrivals and list of what can be undone."""
    found, joins = _blank(Scope), scope.joins
    found.id = scope.id
    found.node = scope.node
    found.owner = scope.owner
    found.live = scope.live
    found.vars = scope.vars.copy()
    found.joins = {node: counts.copy() for node, counts in joins.items()} if joins else {}
    found.undo = scope.undo.copy()
    found.left = scope.left.copy() if scope.left else {}
    return found


def _copy_arm(arm: Arm) -> Arm:
    return Arm(
        arm.id,
        arm.node,
        arm.index,
        arm.owner,
        arm.scope,
        arm.due,
        arm.keys,
        arm.count,
        arm.start,
        arm.round,
        arm.mark,
        arm.name,
    )


def copy_token(token: Token) -> Token:
    """A token of its own; values in its variables and facts are shared."""
    if token.vars is None and token.data is None:
        return Token(token.id, token.node, token.scope, token.wait, token.parent, None, None, token.undo_of)
    variables = dict(token.vars) if token.vars is not None else None
    data = {name: _copy_list(item) for name, item in token.data.items()} if token.data is not None else None
    return Token(token.id, token.node, token.scope, token.wait, token.parent, variables, data, token.undo_of)


def _copy_list(item: Any) -> Any:
    if isinstance(item, list):
        return list(item)
    return dict(item) if isinstance(item, dict) else item


def _marks_of_scope(scope: Scope) -> Marks:
    return scope.owner, 1 if scope.joins else NONE


def _marks_of_token(token: Token) -> Marks:
    return (NONE, token.parent) if token.parent else (token.scope, NONE)


def _marks_of_arm(arm: Arm) -> Marks:
    return (arm.owner, NONE) if arm.owner else (NONE, arm.scope)


SCOPES = Kind(copy_scope, _marks_of_scope)
"""By the activation a scope is the body of; whether tokens wait at gateways in it."""
TOKENS = Kind(copy_token, _marks_of_token)
"""By the scope they live in, items by their host."""
ARMS = Kind(_copy_arm, _marks_of_arm)
"""By the activation that waits, those of event sub-processes by their scope."""
