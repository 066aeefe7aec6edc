"""One step in the making: the working copy of the state, the effects so far, the queue of moving tokens."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from engine.feel import FeelError
from engine.kernel.text import Text
from engine.workflow.bpmn.expressions import Source
from engine.workflow.bpmn.labels import labels_of
from engine.workflow.bpmn.program import Op, Program
from engine.workflow.interpreter import effects as fx
from engine.workflow.interpreter.env import Env
from engine.workflow.interpreter.large import merged
from engine.workflow.interpreter.state import ROOT, Arm, Scope, State, Token, Wait, own

if TYPE_CHECKING:
    from engine.workflow.interpreter.shortcuts import Shortcuts

BUDGET = 200_000


class Move(NamedTuple):
    """A token on its way: to `node` by `flow`, or (with `token`) an item about to begin."""

    node: str
    scope: int
    flow: str | None = None
    token: int = 0
    undo_of: int = 0
    vars: dict[str, Any] | None = None


class Trouble(Exception):
    """Something in the model or its data stops a token: becomes an incident, never an exception for the caller."""

    def __init__(self, code: str, zh: str, en: str, detail: str = "") -> None:
        super().__init__(en)
        self.code = code
        self.text = Text(zh, en)
        self.detail = detail or en


TROUBLES = (FeelError, Trouble)


class Run:
    """The working copy of one step. `plain`: what of the program is done by shortcuts. `stores`: what it wrote to them.

    `conditions`: armed conditional events by id, some maybe gone since; None until somebody looks for edges.
    Of `state` only the process scope and the table of tokens are copies until `own`, unless it is `owned`.
    """

    __slots__ = (
        "_owned",
        "before",
        "conditions",
        "effects",
        "env",
        "feel_env",
        "is_whole",
        "plain",
        "program",
        "queue",
        "state",
        "stores",
        "visits",
    )

    def __init__(self, plain: Shortcuts, state: State, env: Env, *, owned: bool) -> None:
        self.program: Program = plain.program
        self.state = state
        self.env = env
        self.feel_env = env.feel
        self.plain = plain
        self.effects: list[fx.Effect] = []
        self.queue: deque[Move] = deque()
        self.visits = 0
        self.stores: dict[str, Any] = {}
        self.conditions: dict[int, Arm] | None = None
        self._owned = owned
        self.look_from(state, everywhere=True)

    def look_from(self, before: State, *, everywhere: bool) -> None:
        """What this step began with; `everywhere`: something may have to be decided that it has not touched."""
        self.before = before
        self.is_whole = everywhere

    def own(self) -> None:
        """From here on everything may be changed; what is in the given state stays as it is."""
        if not self._owned:
            self._owned = True
            own(self.state)

    def go_on(
        self, scope_id: int, effects: Iterable[fx.Effect], moving: Iterable[tuple[str, str | None]], visits: int
    ) -> None:
        """So much of the step is done; tokens (already counted in their scope) go on to these nodes by these flows."""
        self.effects += effects
        self.queue.extend([Move(node, scope_id, flow) for node, flow in moving])
        self.visits += visits

    def new_id(self) -> int:
        """A fresh activation id."""
        number = self.state.next_id
        self.state.next_id = number + 1
        return number

    def op(self, token: Token) -> Op:
        """The node a token stands on."""
        return self.program.ops[token.node]

    def history(
        self, kind: fx.HistoryKind, element: str, activation: int, data: Mapping[str, Any] | None = None
    ) -> None:
        """Emit a history event."""
        self.effects.append(fx.HistoryEvent(kind, element, activation, data))

    def dicts(self, token: Token | None, scope_id: int) -> list[dict[str, Any]]:
        """The variable scopes an activation sees, innermost first."""
        state = self.state
        found: list[dict[str, Any]] = []
        while True:
            while token is not None:
                if token.vars is not None:
                    found.append(token.vars)
                token = state.tokens.get(token.parent) if token.parent else None
            scope = state.scopes.get(scope_id)
            if scope is None:
                return found
            found.append(scope.vars)
            if not scope.owner:
                return found
            token = state.tokens.get(scope.owner)
            if token is None:
                return found
            scope_id = token.scope

    def context(self, token: Token | None, scope_id: int, extra: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """What expressions see: `extra`, then the variable scopes from inside out, then the records of `env`."""
        records = self.env.records
        if token is None and scope_id == ROOT and not extra and not records:
            root = self.state.scopes.get(ROOT)
            return root.vars if root is not None else {}
        found = self.dicts(token, scope_id)
        if len(found) == 1 and not extra and not records:
            return found[0]
        return merged(records, *reversed(found), extra or {})

    def evaluate(self, source: Source, context: Mapping[str, Any]) -> Any:
        """The value. Raises: FeelError."""
        return source.evaluate(context, self.feel_env)

    def assign(self, token: Token | None, scope_id: int, name: str, value: Any) -> None:
        """Set a variable in the innermost scope that has it, else in the process."""
        self.assign_all(token, scope_id, {name: value})

    def assign_all(self, token: Token | None, scope_id: int, values: Mapping[str, Any]) -> None:
        """Set each variable in the innermost scope that has it, else in the process."""
        around = self.dicts(token, scope_id)
        if len(around) == 1:
            around[0].update(values)
            return
        for name, value in values.items() if around else ():
            next((one for one in around[:-1] if name in one), around[-1])[name] = value

    def scope_of(self, token: Token) -> Scope:
        """The scope a token lives in."""
        return self.state.scopes[token.scope]

    def push(self, node: str, scope_id: int, flow: str | None = None) -> None:
        """Send a token (already counted in its scope) on its way."""
        self.queue.append(Move(node, scope_id, flow))

    def park(self, token: Token, phase: str, error: Exception, result: Mapping[str, Any] | None = None) -> None:
        """Stop a token with an incident; `phase` says where Retry goes on."""
        if isinstance(error, Trouble):
            code, text, detail = error.code, error.text, error.detail
        elif isinstance(error, FeelError):
            code, text, detail = error.code, error.message, error.message.en
        else:
            raise error
        token.wait = Wait.INCIDENT
        token.data = {**(token.data or {}), "phase": phase, "code": code}
        if result:
            token.data["result"] = dict(result)
        self.state.tokens[token.id] = token
        self.effects.append(fx.RaiseIncident(token.id, token.node, code, labels_of(self.program).told(text), detail))
