"""The four processes of the product in memory: CPU per instance and command, and what straight paths spare.

`python -m bench.engine_shipped` prints a line for each. Handlers and decisions answer at once with the values below, so
that only the interpreter is measured; people take the shortest way to the end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from statistics import median
from typing import Any

from bench.engine_memory import cpu_per_call
from engine.workflow.bpmn.compiler import load
from engine.workflow.bpmn.program import Program
from engine.workflow.interpreter import commands as do
from engine.workflow.interpreter import effects as fx
from engine.workflow.interpreter import shortcuts
from engine.workflow.interpreter.advance import advance
from engine.workflow.interpreter.env import Env
from engine.workflow.interpreter.state import Status, new_state

FOLDER = Path(__file__).parents[1] / "processes"
ROUNDS = 25
PROCESSES = ("lead_assignment", "contract_approval", "class_transfer", "refund")
VALUES: dict[str, Any] = {
    **{f"v{number}": f"value {number}" for number in range(15)},
    "is_new": True,
    "neglected": False,
    "complete": True,
    "due_now": Decimal(0),
    "difference": Decimal(0),
    "proof_unchanged": True,
}
OUTCOMES = {"follow_up": "won", "accept_lead": "accept", "sign_contract": "signed"}
DECISION = {"level": "principal", "second": False, "queue": "north", "accept_within": "PT4H", "neglect_after": "P7D"}


def _decide(ref: str, binding: str, context: Mapping[str, Any]) -> dict[str, Any]:
    return DECISION


ENV = Env(now=datetime(2026, 9, 1, tzinfo=UTC), decide=_decide)
_ANSWERS: dict[type, Callable[[Any], do.Command]] = {
    fx.CallHandler: lambda effect: do.HandlerReturned(effect.activation, VALUES),
    fx.OpenTask: lambda effect: do.CompleteTask(effect.activation, {"n": 1}, OUTCOMES.get(effect.node, "approve")),
    fx.EnqueueJob: lambda effect: do.CompleteJob(effect.activation, VALUES),
    fx.SendOutbound: lambda effect: do.CompleteJob(effect.activation),
}


def program(name: str, *, general: bool) -> Program:
    """A process of the product; `general`: with nothing done along straight paths."""
    text = (FOLDER / name / f"{name}.bpmn").read_text()
    found = load(text).programs[name]
    if general:
        found = replace(found, cache={})
        found.cache[shortcuts.KEY] = shortcuts.none(found)
    return found


def drive(program: Program) -> int:
    """One instance from start to end; how many commands it took."""
    state, effects = advance(program, new_state(program.process), do.Start(VALUES), ENV)
    todo, commands = list(effects), 1
    while todo:
        effect = todo.pop(0)
        answer = _ANSWERS.get(effect.__class__)
        if answer is None or getattr(effect, "wait", True) is False:
            continue
        state, effects = advance(program, state, answer(effect), ENV)
        todo += effects
        commands += 1
    assert state.status == Status.COMPLETED, (state.status, [token.node for token in state.tokens.values()])
    return commands


def main() -> None:
    """Print the table."""
    for name in PROCESSES:
        along, node_by_node = program(name, general=False), program(name, general=True)
        commands = drive(along)
        rounds = [
            (cpu_per_call(lambda: drive(along), 20, 1), cpu_per_call(lambda: drive(node_by_node), 20, 1))  # noqa: B023
            for _ in range(ROUNDS)
        ]
        mine, ratio = median(own for own, _ in rounds), median(general / own for own, general in rounds)
        print(
            f"{name:<20} {mine * 1e6:4,.0f} µs   {commands:2} commands of {mine / commands * 1e6:3.0f} µs   "
            f"node by node {ratio:.2f} times"
        )


if __name__ == "__main__":
    main()
