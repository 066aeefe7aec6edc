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

from engine.workflow.embed.engine import Engine

ROOT = Path(__file__).parents[3]
TIME_LIMIT_S = 30.0


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
