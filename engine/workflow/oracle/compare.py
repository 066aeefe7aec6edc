"""The same model, the same choices, two engines: where they differ one of them is wrong.

SpiffWorkflow runs in a child process with a time limit: some models make it loop for ever.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.kernel.text import Text
from engine.workflow import doctor
from engine.workflow.embed.engine import Engine

ROOT = Path(__file__).parents[3]
TIME_LIMIT_S = 30.0
ORDERS: tuple[tuple[int, ...], ...] = ((0,), (1,), (0, 1), (2, 0, 1))


@dataclass(frozen=True, slots=True)
class Run:
    """The open user tasks (sorted ids) before each choice, and whether the process completed.

    `failure`: why the oracle gave no answer; empty when it did.
    """

    open: tuple[tuple[str, ...], ...]
    completed: bool
    failure: str = ""


def run_oracle(
    source: str, process: str, variables: Mapping[str, Any], order: Sequence[int], *, time_limit_s: float = TIME_LIMIT_S
) -> Run:
    """What SpiffWorkflow does."""
    request = {"source": source, "process": process, "variables": dict(variables), "order": list(order)}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "engine.workflow.oracle.child"],
            input=json.dumps(request),
            capture_output=True,
            text=True,
            timeout=time_limit_s,
            cwd=ROOT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Run((), completed=False, failure=f"no answer within {time_limit_s:g} s")
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["no message"]
        return Run((), completed=False, failure=lines[-1][:300])
    answer = json.loads(done.stdout)
    return Run(tuple(tuple(names) for names in answer["open"]), completed=bool(answer["completed"]))


def run_ours(source: str, process: str, variables: Mapping[str, Any], order: Sequence[int]) -> Run:
    """What our interpreter does with the same choices."""
    engine = Engine()
    engine.deploy(source)
    instance = engine.start(process, variables)
    seen: list[tuple[str, ...]] = []
    for step in range(200):
        ready = sorted(instance.tasks, key=lambda task: task.element)
        seen.append(tuple(task.element for task in ready))
        if not ready:
            break
        instance.complete(ready[(order[step % len(order)] if order else 0) % len(ready)])
    return Run(tuple(seen), completed=instance.status == "completed")


def cross_check(source: bytes | str) -> tuple[Text, ...]:
    """Where the engines differ, per process and order of choices; also where the oracle has no answer.

    Raises: XmlError.
    """
    text, _ = doctor.treat(source)
    engine = Engine()
    found: list[Text] = []
    for process in engine.deploy(text).programs:
        for order in ORDERS:
            theirs = run_oracle(text, process, {}, order)
            if theirs.failure:
                told = Text(f"{process}：SpiffWorkflow 没有结果：{theirs.failure}", f"{process}: {theirs.failure}")
                found.append(told)
                break
            found += _differences(process, order, run_ours(text, process, {}, order), theirs)
    return tuple(found)


def _differences(process: str, order: Sequence[int], ours: Run, theirs: Run) -> list[Text]:
    if ours == theirs:
        return []
    for step, (mine, other) in enumerate(zip(ours.open, theirs.open, strict=False)):
        if mine != other:
            where = f"{process} {list(order)} #{step + 1}"
            zh = f"{where}：本引擎 {', '.join(mine) or '无任务'}；SpiffWorkflow {', '.join(other) or '无任务'}"
            en = f"{where}: here {', '.join(mine) or 'no task'}; SpiffWorkflow {', '.join(other) or 'no task'}"
            return [Text(zh, en)]
    if ours.completed:
        return [Text(f"{process}：SpiffWorkflow 没有结束", f"{process}: SpiffWorkflow does not reach the end")]
    return [Text(f"{process}：本引擎没有结束", f"{process}: the end is not reached here")]
