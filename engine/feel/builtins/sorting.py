"""``sort``. Source: DMN 1.5, table 79."""

from engine.feel.builtins.registry import builtin
from engine.feel.comparing import compare
from engine.feel.runtime import Run
from engine.feel.values import FeelFunction, Value


class _Key:
    """An element that asks the given function who comes first."""

    __slots__ = ("precedes", "run", "value")

    def __init__(self, value: Value, precedes: FeelFunction, run: Run) -> None:
        self.value = value
        self.precedes = precedes
        self.run = run

    def __lt__(self, other: "_Key") -> bool:
        self.run.spend(1)
        answer = self.precedes.call([self.value, other.value], self.run)
        if not isinstance(answer, bool):
            raise ValueError("no order")
        return answer


@builtin("sort", "list: list", "precedes: function", needs_run=True)
def sort(run: Run, items: list[Value], precedes: FeelFunction) -> list[Value]:
    """Stable; ``precedes(a, b)`` says that ``a`` comes before ``b``."""
    return sorted(items, key=lambda item: _Key(item, precedes, run))


@builtin("sort", "list: list", needs_run=True)
def sort_naturally(run: Run, items: list[Value]) -> list[Value] | None:
    """Ascending; null when the elements have no common order."""
    natural = FeelFunction("<", ("a", "b"), lambda pair, _: _before(pair[0], pair[1]))
    return sort(run, items, natural)


def _before(left: Value, right: Value) -> bool | None:
    order = compare(left, right)
    return None if order is None else order < 0
