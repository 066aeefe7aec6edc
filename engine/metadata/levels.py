"""The two orders everything about access is made of: field levels and scopes."""

from __future__ import annotations

from collections.abc import Iterable

LEVELS = ("none", "masked", "read", "write")
SCOPES = ("own", "team", "branch", "below", "all")
ACTIONS = ("create", "read", "update", "delete", "export", "import", "assign", "merge", "reveal")


def highest_level(levels: Iterable[str]) -> str:
    return max(levels, key=LEVELS.index, default="none")


def lowest_level(*levels: str) -> str:
    return min(levels, key=LEVELS.index, default="none")


def is_readable(level: str) -> bool:
    return level in ("read", "write")


def covers_scope(held: str | None, wanted: str) -> bool:
    """True when whoever holds scope `held` at a branch may give `wanted` there."""
    return held is not None and SCOPES.index(held) >= SCOPES.index(wanted)
