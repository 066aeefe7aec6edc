"""The two orders everything about access is made of: field levels and scopes."""

from __future__ import annotations

from collections.abc import Iterable

LEVELS = ("none", "masked", "read", "write")
SCOPES = ("own", "team", "branch", "below", "all")
ACTIONS = ("create", "read", "update", "delete", "export", "import", "assign", "merge", "reveal")


def highest_level(levels: Iterable[str]) -> str:
    return max(levels, key=LEVELS.index, default="none")


def is_readable(level: str) -> bool:
    return level in ("read", "write")
