"""What might grow with the size of a case, or with their number: CPU of the first and the last tenth of many steps.

`python -m bench.engine_growth` prints a line for each; everything stays in memory, so that nothing but the interpreter
and the embedding engine is measured. Twice the size may cost twice as much in all, not four times.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from statistics import median

from bench.engine_memory import tenths
from engine.workflow.bpmn.compiler import load
from engine.workflow.embed.engine import Engine
from engine.workflow.interpreter import commands as do
from engine.workflow.interpreter.advance import advance
from engine.workflow.interpreter.codec import decode, encode
from engine.workflow.interpreter.effects import OpenTask
from engine.workflow.interpreter.env import Env
from engine.workflow.interpreter.state import State, new_state

ENV = Env(now=datetime(2026, 9, 1, tzinfo=UTC))
HEAD = '<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t">'
ITEMS = "<multiInstanceLoopCharacteristics><loopCardinality>{}</loopCardinality></multiInstanceLoopCharacteristics>"
SIGNAL, MESSAGE = '<signal id="g" name="go"/>', '<message id="m" name="paid"/>'
CASES = 100_000


def _document(body: str, declared: str = "") -> str:
    return f'{HEAD}{declared}<process id="p" isExecutable="true">{body}</process></definitions>'


def _flows(*pairs: str) -> str:
    """Each `source target` or `source target condition`."""
    found = ""
    for pair in pairs:
        source, target, *condition = pair.split(" ", 2)
        inner = f"<conditionExpression>{condition[0]}</conditionExpression>" if condition else ""
        found += (
            f'<sequenceFlow id="{source}_{target}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'
        )
    return found


def _timed(calls: Iterable[Callable[[], object]]) -> list[float]:
    times = []
    for call in calls:
        begun = time.process_time()
        call()
        times.append(time.process_time() - begun)
    return times


class Case:
    """One instance of a document's process, moved by commands; `open`: its user tasks, oldest first."""

    def __init__(self, document: str) -> None:
        self.program = load(document).programs["p"]
        self.state: State = new_state("p")
        self.open: list[int] = []

    def do(self, command: do.Command) -> None:
        """One step."""
        self.state, effects = advance(self.program, self.state, command, ENV)
        self.open += [effect.activation for effect in effects if isinstance(effect, OpenTask)]

    def complete(self) -> None:
        """The oldest open task."""
        self.do(do.CompleteTask(self.open.pop(0)))


def _completing(document: str, steps: int) -> list[float]:
    case = Case(document)
    case.do(do.Start())
    return _timed(case.complete for _ in range(steps))


def parallel_items() -> list[float]:
    """A parallel multi-instance task of 10,000, completed item by item."""
    return _completing(_document(f'<userTask id="t">{ITEMS.format(10_000)}</userTask>'), 10_000)


def open_branches() -> list[float]:
    """5,000 tasks behind one fork."""
    tasks = "".join(f'<userTask id="t{n}"/>' for n in range(5000))
    ways = _flows("s f", *(f"f t{n}" for n in range(5000)))
    return _completing(_document(f'<startEvent id="s"/><parallelGateway id="f"/>{tasks}{ways}'), 5000)


def inclusive_rounds() -> list[float]:
    """A loop of 5,000 rounds through an inclusive fork and join."""
    nodes = '<startEvent id="s"/><exclusiveGateway id="x"/><userTask id="a"/><userTask id="b"/>'
    joined = '<inclusiveGateway id="f"/><inclusiveGateway id="j"/>'
    ways = _flows("s x", "x f", "f a true", "f b true", "a j", "b j", "j x")
    return _completing(_document(f"{nodes}{joined}{ways}"), 10_000)


def event_sub_process() -> list[float]:
    """An event sub-process that has begun 1,000 times and is still open as often."""
    event = '<startEvent id="h" isInterrupting="false"><signalEventDefinition signalRef="g"/></startEvent>'
    inner = f'<subProcess id="e" triggeredByEvent="true">{event}<userTask id="v"/>{_flows("h v")}</subProcess>'
    case = Case(_document(f'<userTask id="u"/>{inner}', SIGNAL))
    case.do(do.Start())
    return _timed(partial(case.do, do.SignalReceived("go")) for _ in range(1000))


def open_rounds(number: int) -> float:
    """Seconds to load a case with so many open rounds of two tasks, complete one and save: the median of 30 rounds."""
    inner = f'<userTask id="a"/><userTask id="b"/>{_flows("a b")}'
    case = Case(_document(f'<subProcess id="s">{inner}{ITEMS.format(number)}</subProcess>'))
    case.do(do.Start())
    blob = encode(case.state)

    def step(activation: int) -> None:
        encode(advance(case.program, decode(blob), do.CompleteTask(activation), ENV)[0])

    return median(_timed(partial(step, activation) for activation in case.open[:: max(1, number // 30)]))


def messages() -> list[float]:
    """100,000 cases that wait for a message of one name, each with a key of its own; 10,000 messages come."""
    key = '<s:key xmlns:s="https://schoolflow.example/bpmn" name="card" value="=card"/>'
    engine = Engine()
    engine.deploy(
        _document(
            f'<receiveTask id="r" messageRef="m"><extensionElements>{key}</extensionElements></receiveTask>', MESSAGE
        )
    )
    for card in range(CASES):
        engine.start("p", {"card": card})
    return _timed(partial(engine.correlate, "paid", keys={"card": card}) for card in range(0, CASES, 10))


def main() -> None:
    """Print the table."""
    for work in (parallel_items, open_branches, inclusive_rounds, event_sub_process, messages):
        times = work()
        first, last = tenths(times)
        told = f"{first * 1e6:5,.0f} → {last * 1e6:5,.0f} µs   in all {sum(times):6.2f} s"
        print(f"{len(times):6,} {work.__name__.replace('_', ' '):<20} {told}   last/first tenth {last / first:.2f}")
    few, many = open_rounds(40), open_rounds(4000)
    told = f"{few * 1e6:5,.0f} → {many * 1e6:5,.0f} µs"
    print(f"{4000:6,} {'open rounds, saved':<20} {told}   40 rounds to 4,000 {many / few:.2f} (target ≤ 3)")


if __name__ == "__main__":
    main()
