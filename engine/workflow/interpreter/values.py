"""Names for process values: what FEEL knows (None, bool, Decimal, str, temporal values, list, dict)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

Value: TypeAlias = Any  # a FEEL value; the JSON edge of the engine
Values: TypeAlias = Mapping[str, Value]
