"""The pure engine in memory: CPU per instance against SpiffWorkflow, load-complete-save per core, growth, FEEL.

`python -m bench.engine_memory [--instances 300]` prints a table with ratios; both engines run the contract approval of
`bench/engine_durable.py` in one process by turns, in many short rounds of which the median counts.
Targets: CPU per instance at least 50 times less than SpiffWorkflow, 10,000 load + complete + save per second
and core, the last tenth of 2,000 items or 10,000 rounds at most twice the first.
"""

from __future__ import annotations

import argparse
import gc
import time
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from lxml import etree
from SpiffWorkflow.bpmn.parser import BpmnParser
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.util.task import TaskState

from bench import curves
from bench.engine_durable import VARIABLES, model
from bench.largemodel import large_model
from engine.feel import FeelEnv, compile_expression, from_python
from engine.workflow.bpmn.compiler import compile_model, load
from engine.workflow.bpmn.program import Program
from engine.workflow.bpmn.reader import read
from engine.workflow.embed.engine import Engine
from engine.workflow.interpreter import commands as do
from engine.workflow.interpreter.advance import advance
from engine.workflow.interpreter.codec import decode, encode
from engine.workflow.interpreter.effects import OpenTask
from engine.workflow.interpreter.env import Env
from engine.workflow.interpreter.state import State, Status, new_state

ENV = Env(now=datetime(2026, 9, 1, tzinfo=UTC))
FEEL_ENV = FeelEnv(now=ENV.now)
CONDITION = 'amount > 5000 and branch = "east" and not(vip)'
CONTEXT = {"amount": from_python(6000), "branch": "east", "vip": False, "check": {"outcome": "approved"}}
LIMIT = from_python(5000)
BY_HAND: dict[str, Callable[[dict[str, Any]], bool]] = {
    "amount > 5000": lambda values: values["amount"] > LIMIT,
    'check.outcome = "approved"': lambda values: values["check"]["outcome"] == "approved",
    CONDITION: lambda values: values["amount"] > LIMIT and values["branch"] == "east" and not values["vip"],
}
"""Conditions of gateways beside what a programmer would write for these very values."""
RECORDS = [{"id": number, "name": f"name {number}", "hours": from_python(number)} for number in range(2000)]
LARGE = {**VARIABLES, **{f"more{number}": f"value {number}" for number in range(180)}, "records": RECORDS}
NAMESPACE = 'xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"'
ITEMS, ROUNDS, ROUNDS_BY_TURNS = 2000, 10_000, 15


def cpu_per_call(work: Callable[[], object], count: int, rounds: int = 5) -> float:
    """Seconds of CPU per call, in the best of several rounds."""
    found = []
    for _ in range(rounds):
        start = time.process_time()
        for _ in range(count):
            work()
        found.append((time.process_time() - start) / count)
    return min(found)


def by_turns(mine: Callable[[], object], theirs: Callable[[], object], count: int) -> tuple[float, float, str]:
    """Seconds of CPU per call of both, medians of rounds taken by turns, and their ratio with its quartiles."""
    rounds = [
        (cpu_per_call(mine, count, 1), cpu_per_call(theirs, max(5, count // 30), 1)) for _ in range(ROUNDS_BY_TURNS)
    ]
    low, middle, high = quantiles([their / own for own, their in rounds], n=4)
    found, floor = median(own for own, _ in rounds), median(their for _, their in rounds)
    return found, floor, f"ratio {middle:.0f} ({low:.0f} to {high:.0f})"


def _clean(work: Callable[[], object], count: int) -> float:
    """As `cpu_per_call`, once; what the other left behind is cleared away before, not on its account."""
    gc.collect()
    return cpu_per_call(work, count, 1)


def ours(program: Program) -> Callable[[], None]:
    """One instance from start to end, the oldest open task first."""

    def once() -> None:
        state, _ = advance(program, new_state("contract"), do.Start(VARIABLES), ENV)
        while state.tokens:
            state, _ = advance(program, state, do.CompleteTask(next(iter(state.tokens)), {"n": 1}), ENV)
        assert state.status == Status.COMPLETED

    return once


def embedded() -> Callable[[], None]:
    """The same by the engine embedders use, which also keeps lists of open tasks and the history."""
    engine = Engine()
    engine.deploy(model())

    def once() -> None:
        instance = engine.start("contract", VARIABLES)
        while tasks := instance.tasks:
            instance.complete(tasks[0], {"n": 1})
        assert instance.status == "completed"

    return once


def spiff() -> Callable[[], None]:
    """The same with SpiffWorkflow, its specification parsed once."""
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.parse(BytesIO(model().encode())))
    spec = parser.get_spec("contract")

    def once() -> None:
        workflow = BpmnWorkflow(spec)
        next(iter(workflow.get_tasks(state=TaskState.READY))).data.update(VARIABLES)
        workflow.do_engine_steps()
        while ready := workflow.get_tasks(state=TaskState.READY, manual=True):
            ready[0].data["n"] = 1
            ready[0].run()
            workflow.do_engine_steps()
        assert workflow.completed

    return once


def stored_step(program: Program, variables: dict[str, Any]) -> Callable[[], None]:
    """Load a state with these variables, complete its user task, save."""
    state, effects = advance(program, new_state("contract"), do.Start(variables), ENV)
    activation = next(one.activation for one in effects if isinstance(one, OpenTask))
    blob = encode(state)

    def once() -> None:
        encode(advance(program, decode(blob), do.CompleteTask(activation, {"n": 1}), ENV)[0])

    return once


def spiff_stored_step() -> Callable[[], None]:
    """The same step with SpiffWorkflow and its JSON serializer."""
    parser = BpmnParser()
    parser.add_bpmn_xml(etree.parse(BytesIO(model().encode())))
    serializer = BpmnWorkflowSerializer()
    fresh = BpmnWorkflow(parser.get_spec("contract"))
    next(iter(fresh.get_tasks(state=TaskState.READY))).data.update(VARIABLES)
    fresh.do_engine_steps()
    text = serializer.serialize_json(fresh)

    def once() -> None:
        workflow = serializer.deserialize_json(text)
        task = next(iter(workflow.get_tasks(state=TaskState.READY, manual=True)))
        task.data["n"] = 1
        task.run()
        workflow.do_engine_steps()
        serializer.serialize_json(workflow)

    return once


def growth(parallel: bool) -> list[float]:
    """Seconds of CPU of each stored step of 2,000 items."""
    body = (
        f'<userTask id="t"><multiInstanceLoopCharacteristics isSequential="{str(not parallel).lower()}">'
        f"<loopCardinality>{ITEMS}</loopCardinality></multiInstanceLoopCharacteristics></userTask>"
    )
    program = _program(body)
    state, effects = advance(program, new_state("p"), do.Start({}), ENV)
    blob, todo = encode(state), [one.activation for one in effects if isinstance(one, OpenTask)]
    times: list[float] = []
    while todo:
        start = time.process_time()
        state, effects = advance(program, decode(blob), do.CompleteTask(todo.pop(0)), ENV)
        blob = encode(state)
        times.append(time.process_time() - start)
        todo += [one.activation for one in effects if isinstance(one, OpenTask)]
    return times


def turning() -> list[float]:
    """The same for a loop of 10,000 rounds through a user task."""
    program = _program(
        '<startEvent id="s"/><exclusiveGateway id="m"/><userTask id="t"/><exclusiveGateway id="x" default="f4"/>'
        '<endEvent id="e"/><sequenceFlow id="f1" sourceRef="s" targetRef="m"/><sequenceFlow id="f2" sourceRef="m" '
        'targetRef="t"/><sequenceFlow id="f3" sourceRef="t" targetRef="x"/><sequenceFlow id="f4" sourceRef="x" '
        'targetRef="m"/><sequenceFlow id="f5" sourceRef="x" targetRef="e"><conditionExpression>ok</conditionExpression>'
        "</sequenceFlow>"
    )
    state, effects = advance(program, new_state("p"), do.Start({"ok": False}), ENV)
    times: list[float] = []
    blob = encode(state)
    for number in range(ROUNDS):
        activation = next(one.activation for one in effects if isinstance(one, OpenTask))
        start = time.process_time()
        values = {"ok": number == ROUNDS - 1}
        state, effects = advance(program, decode(blob), do.CompleteTask(activation, values), ENV)
        blob = encode(state)
        times.append(time.process_time() - start)
    assert state.status == Status.COMPLETED
    return times


def _program(body: str) -> Program:
    source = f'<definitions {NAMESPACE} id="d" targetNamespace="t"><process id="p" isExecutable="true">{body}</process>'
    return load(f"{source}</definitions>").programs["p"]


def tenths(times: list[float]) -> tuple[float, float]:
    """Medians, which a pause of the machine does not move."""
    size = max(1, len(times) // 10)
    return median(times[:size]), median(times[-size:])


def _state_size(program: Program) -> int:
    state: State = advance(program, new_state("contract"), do.Start(VARIABLES), ENV)[0]
    return len(encode(state))


def _conditions() -> list[tuple[str, str, str]]:
    rows = []
    for text, by_hand in BY_HAND.items():
        expression = compile_expression(text)
        told = cpu_per_call(lambda: expression.evaluate(CONTEXT, FEEL_ENV), 5000)  # noqa: B023 - called at once
        floor = cpu_per_call(lambda: by_hand(CONTEXT), 5000)  # noqa: B023 - called at once
        rows.append((f"FEEL: {text}"[:32], f"{told * 1e9:,.0f} ns", f"a Python lambda {floor * 1e9:,.0f} ns"))
    return rows


def main() -> None:
    """Print the table."""
    options = argparse.ArgumentParser()
    options.add_argument("--instances", type=int, default=300)
    options.add_argument("--curves", type=Path, help="folder for the growth curves")
    asked = options.parse_args()
    count = asked.instances
    program = load(model()).programs["contract"]
    mine, theirs, ratio = by_turns(ours(program), spiff(), count)
    by_engine = cpu_per_call(embedded(), count)
    step, their_step, step_ratio = by_turns(stored_step(program, VARIABLES), spiff_stored_step(), count)
    large = cpu_per_call(stored_step(program, LARGE), count)
    compiling = cpu_per_call(lambda: compile_model(read(model())[0]), 20)
    large_xml = large_model("large")
    large_read = read(large_xml)[0]
    reading = cpu_per_call(lambda: read(large_xml), 5)
    large_compiling = cpu_per_call(lambda: compile_model(large_read), 5)
    feel_compiling = cpu_per_call(lambda: compile_expression(CONDITION), count)
    rows = [
        ("instance, this engine", f"{mine * 1e6:,.0f} µs", f"{1 / mine:,.0f} /s"),
        ("the same by the embedding engine", f"{by_engine * 1e6:,.0f} µs", f"{1 / by_engine:,.0f} /s"),
        ("instance, SpiffWorkflow", f"{theirs * 1e6:,.0f} µs", f"{ratio} (target ≥ 50)"),
        ("load + complete + save", f"{step * 1e6:,.0f} µs", f"{1 / step:,.0f} /s (target ≥ 10,000)"),
        ("the same, SpiffWorkflow JSON", f"{their_step * 1e6:,.0f} µs", step_ratio),
        ("with 200 variables, 2,000 records", f"{large * 1e6:,.0f} µs", f"{1 / large:,.0f} /s"),
        ("saved state, 20 variables", f"{_state_size(program)} bytes", ""),
        ("read + compile the model", f"{compiling * 1e3:.1f} ms", ""),
        ("read 300 mixed nodes and picture", f"{reading * 1e3:.1f} ms", ""),
        ("compile them", f"{large_compiling * 1e3:.1f} ms", "(target < 20 ms)"),
        ("FEEL: compile a condition", f"{feel_compiling * 1e6:,.0f} µs", ""),
        *_conditions(),
    ]
    grown = [("parallel items", growth(parallel=True)), ("sequential items", growth(parallel=False))]
    grown.append(("rounds of a loop", turning()))
    for name, times in grown:
        first, last = tenths(times)
        told = f"{first * 1e6:,.0f} → {last * 1e6:,.0f} µs"
        rows.append((f"{len(times):,} {name}", told, f"last/first tenth {last / first:.2f} (target ≤ 2)"))
    if asked.curves:
        _draw(asked.curves, dict(grown))
    for row in rows:
        print(f"{row[0]:<33} {row[1]:>18}   {row[2]}")


_SHOWN = {
    "parallel items": "并行 · parallel",
    "sequential items": "依次 · sequential",
    "rounds of a loop": "循环 · loop",
}


def _draw(folder: Path, times: dict[str, list[float]]) -> None:
    """One picture of both kinds of items, one of the loop: CPU of a stored step over the steps done."""
    axes = ("步数 · steps done", "每步 CPU 微秒 · µs of CPU per step")
    lines = {
        name: curves.Line(_SHOWN[name], [(x, y * 1e6) for x, y in curves.condensed(found)])
        for name, found in times.items()
    }
    items = [lines["parallel items"], lines["sequential items"]]
    curves.write(folder / "multi-instance.svg", "多实例 2,000 项 · multi-instance of 2,000", axes, items)
    curves.write(folder / "loop.svg", "循环 10,000 次 · loop of 10,000 rounds", axes, [lines["rounds of a loop"]])


if __name__ == "__main__":
    main()
