"""The built-in functions of FEEL, by name. Source: DMN 1.5, 10.3.4."""

from engine.feel.builtins import (
    contexts,
    conversion,
    intervals,
    lists,
    numbers,
    range_text,
    sorting,
    statistics,
    strings,
    temporal,
)
from engine.feel.builtins.registry import BUILTINS, Builtin

MODULES = (contexts, conversion, intervals, lists, numbers, range_text, sorting, statistics, strings, temporal)

__all__ = ["BUILTINS", "Builtin", "MODULES"]
