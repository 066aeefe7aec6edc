"""What surrounds an evaluation: its environment, its budget, its scopes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from engine.feel.errors import FeelError
from engine.feel.fuel import MAX_STEPS, Fuel
from engine.feel.values import Value
from engine.kernel.text import Text

MAX_CALLS = 60


@dataclass(frozen=True, slots=True)
class FeelEnv:
    """``now`` (aware) and ``zone`` answer ``now()`` and ``today()``; ``max_steps`` bounds loops and sizes."""

    now: datetime
    zone: tzinfo = UTC
    max_steps: int = MAX_STEPS


class Run(Fuel):
    """One evaluation: the work still allowed and the depth of calls. Several expressions may share it."""

    __slots__ = ("calls", "env")

    def __init__(self, env: FeelEnv) -> None:
        self.env = env
        self.left = env.max_steps
        self.calls = 0

    def enter(self) -> None:
        """A function starts. Raises: FeelError when calls nest too deeply."""
        self.calls += 1
        if self.calls > MAX_CALLS:
            raise too_deep()


def too_deep() -> FeelError:
    """Functions call each other too deeply."""
    return FeelError(Text("函数调用层数过多", "Function calls nest too deeply"), code="feel_too_deep")


class Scope:
    """The names that a loop, a filter, a function or a context adds, and the way to those around it."""

    __slots__ = ("names", "outer", "root", "run")

    def __init__(self, names: Mapping[str, Value], outer: "Scope | None", root: Mapping[str, Value], run: Run) -> None:
        self.names = names
        self.outer = outer
        self.root = root
        self.run = run

    def inner(self, names: Mapping[str, Value]) -> "Scope":
        """A scope inside this one."""
        return Scope(names, self, self.root, self.run)
