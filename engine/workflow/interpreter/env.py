"""Everything `advance` may know about the world, frozen for one step (no clock, no database inside)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from engine.feel import FeelEnv
from engine.workflow.interpreter.values import Value, Values

if TYPE_CHECKING:
    from engine.workflow.dmn.model import DecisionResult

    Decide = Callable[[str, str, Values], Value | DecisionResult]
    WorkingTime = Callable[[datetime, str], datetime]


@dataclass(frozen=True, slots=True)
class Env:
    """`now`: aware; `zone`: the branch's zone, in which unzoned timer texts are read.

    `decide(ref, binding, context)`: the decision in force; with a whole result its
    matched rules go into the history. Raises DmnError when it cannot decide: an incident.
    `records`: values of the records the program's references name, by variable name; they win over nothing: a
    process variable of the same name hides them.
    `stores`: what the data stores of the program hold, by name, when somebody asks (BPMN 2.0.2 10.4.1).
    `working_time(start, text)`: `start` plus a working-time duration such as `PT4W` or `P2W`. `feel`: the world of
    expressions, which follows from the first two.
    """

    now: datetime
    zone: tzinfo = UTC
    decide: Decide | None = None
    records: Mapping[str, Value] = field(default_factory=dict)
    working_time: WorkingTime | None = None
    stores: Mapping[str, Value] = field(default_factory=dict)
    feel: FeelEnv = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "feel", FeelEnv(now=self.now, zone=self.zone))
