"""Bounded work: values may share parts, so that a small one is huge when walked."""

from engine.feel.errors import FeelError
from engine.kernel.text import Text

MAX_STEPS = 1_000_000


class Fuel:
    """Steps still allowed."""

    __slots__ = ("left",)

    def __init__(self, steps: int = MAX_STEPS) -> None:
        self.left = steps

    def spend(self, steps: int) -> None:
        """Use up ``steps``. Raises: FeelError when none are left."""
        self.left -= steps
        if self.left < 0:
            raise FeelError(
                Text(
                    "计算量超过上限，请减少循环或数据", "The evaluation exceeds its budget; use fewer or smaller loops"
                ),
                code="feel_budget",
            )
