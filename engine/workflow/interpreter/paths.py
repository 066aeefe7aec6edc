"""Straight paths: what a token does from one place until it rests or something has to be looked at.

A user task without boundary events, loop, mappings, data or due time, an abstract task, a gateway that neither waits
nor chooses, a start and an end without event definitions: most nodes of most models. What happens along them follows
from the model alone, but for the numbers of the activations, and is laid out once per program. What these nodes do is
said by the general functions (`activities`, `joins`, `events`, `throwing`, `ways`); a path yields the same.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from engine.workflow.bpmn.model import NodeKind
from engine.workflow.bpmn.program import Op, Program, Way
from engine.workflow.interpreter.effects import CloseTask, Effect, HistoryEvent, HistoryKind, OpenTask
from engine.workflow.interpreter.state import Token, Wait

LONGEST = 64
"""Nodes in one path; what follows is a path of its own."""
KEPT = 64
"""Per path: instances of one process number their activations alike, so the same effects come again and again."""
_LEFT = -1
_new = tuple.__new__  # a named tuple's own constructor is a Python function: twice the time


class Row(NamedTuple):
    """An effect but for its activation: the `offset`-th of those the path begins, or the one it leaves."""

    effect: Callable[[int], Effect]
    offset: int


Taken = tuple[tuple[Effect, ...], dict[int, Token]]
"""Effects, and the tokens of user tasks begun, by activation. Many states share both: neither is ever changed."""


class Path:
    """From one place to the next rest. `rows`: what it yields; `opens`: user tasks begun, with their offsets.

    `begun`: activations; `visits`: nodes; `live`: by how much the scope's live count changes; `rest`: (node, flow) of
    tokens that go on another way. `turn`: its first node alone, for tokens that take turns with others.
    `kept`: what `take` gave, by its arguments.
    """

    __slots__ = ("begun", "kept", "live", "opens", "rest", "rows", "turn", "visits")

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.opens: list[tuple[str, int]] = []
        self.rest: deque[tuple[str, str | None]] = deque()
        self.begun = self.visits = self.live = 0
        self.turn = self
        self.kept: dict[tuple[int, int, int], Taken] = {}

    def take(self, scope: int, left: int, first: int) -> Taken:
        """What it does in this scope when activation `left` is left and the next free one is `first`."""
        effects = tuple([make(left if offset < 0 else first + offset) for make, offset in self.rows])
        found = effects, {first + at: Token(first + at, node, scope, Wait.USER) for node, at in self.opens}
        if len(self.kept) < KEPT:
            self.kept[scope, left, first] = found
        return found


def entering(program: Program, node: str) -> Path:
    """The path of a token that reaches this node."""

    def first() -> Path:
        path = Path()
        path.rest.append((node, None))
        return path

    return _laid(program, first)


def passing(program: Program, op: Op, taken: tuple[Way, ...]) -> Path:
    """The path through a gateway and along these ways."""

    def first() -> Path:
        path = Path()
        _pass(path, op, taken)
        return path

    return _laid(program, first)


def leaving(program: Program, op: Op) -> Path:
    """The path of a token that leaves a user task, which nobody else moves beside."""
    path = Path()
    path.rows.append(Row(_closed, _LEFT))
    _leave(path, op, op.ways, _LEFT)
    return _lay(program, path, LONGEST)


def _laid(program: Program, first: Callable[[], Path]) -> Path:
    path = _lay(program, first(), LONGEST)
    path.turn = _lay(program, first(), 1)
    return path


def _lay(program: Program, path: Path, longest: int) -> Path:
    """As the queue of a step does, first in first out, up to the first node that is not plain."""
    while path.rest and path.visits < longest:
        op = program.ops[path.rest[0][0]]
        if is_plain_task(op):
            _open(path, op)
        elif is_passed(program, op):
            _pass(path, op, op.ways)
        elif is_plain_end(op):
            _end(path, op)
        else:
            break
        path.rest.popleft()
        if op.kind is NodeKind.END:
            break
    return path


def _begin(path: Path, op: Op) -> int:
    offset = path.begun
    path.begun, path.visits = offset + 1, path.visits + 1
    path.rows.append(_history("entered", op.id, offset))
    return offset


def _open(path: Path, op: Op) -> None:
    """As `activities.enter` and the body of a user task."""
    node, offset = op.id, _begin(path, op)
    path.rows.append(Row(lambda number: _new(OpenTask, (number, node, None, None, {}, None, None, None)), offset))
    path.opens.append((node, offset))


def _pass(path: Path, op: Op, taken: tuple[Way, ...]) -> None:
    """As `joins.enter` and `events.enter_start` where nothing has to be waited for or chosen."""
    _leave(path, op, taken, _begin(path, op))


def _end(path: Path, op: Op) -> None:
    """As `throwing.enter` for a none end event."""
    _leave(path, op, (), _begin(path, op))


def _leave(path: Path, op: Op, taken: tuple[Way, ...], offset: int) -> None:
    """As `ways.leave`."""
    path.rows.append(_history("completed", op.id, offset))
    path.live += len(taken) - 1
    for way in taken:
        path.rows.append(_history("taken", way.id, offset))
        path.rest.append((way.target, way.id))


def _history(kind: HistoryKind, element: str, offset: int) -> Row:
    return Row(lambda number: _new(HistoryEvent, (kind, element, number, None)), offset)


def _closed(number: int) -> Effect:
    return CloseTask(number, "completed")


def is_plain_task(op: Op) -> bool:
    """A user task with nothing to arm, read, write, repeat, undo or evaluate."""
    return op.kind in (NodeKind.USER, NodeKind.MANUAL) and _is_plain_activity(op)


def _is_plain_activity(op: Op) -> bool:
    node = op.node
    special = (
        op.loop, op.boundary, op.inputs, op.outputs, op.data_inputs, op.data_outputs, op.action_outputs, op.undo,
        op.due, op.title, op.priority, node.properties, node.input_sets, node.for_compensation, node.stage,
    )  # fmt: skip
    return not any(special) and node.start_quantity == 1 and node.completion_quantity == 1


def is_plain_end(op: Op) -> bool:
    """An end event that throws and does nothing."""
    return op.kind is NodeKind.END and not (op.events or op.action or op.node.stage)


def is_passed(program: Program, op: Op) -> bool:
    """A node that every token passes at once, by all its ways."""
    if op.kind is NodeKind.TASK:
        around = program.ops.get(op.scope)
        return goes_on(op) and _is_plain_activity(op) and (around is None or around.kind is not NodeKind.ADHOC)
    if op.kind is NodeKind.EXCLUSIVE:
        return len(op.ways) == 1 and not op.has_conditions
    return goes_on(op) and (op.kind is NodeKind.START or (op.kind is NodeKind.PARALLEL and len(op.incoming) < 2))


def goes_on(op: Op) -> bool:
    """It takes all of its outgoing flows; without any, the token ends there."""
    return op.kind is NodeKind.PARALLEL or not op.has_conditions
