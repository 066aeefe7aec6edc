"""Enum members as plain class attributes."""

from __future__ import annotations

from enum import Enum
from typing import TypeVar

E = TypeVar("E", bound=Enum)


def direct(kind: type[E]) -> type[E]:
    """The enum with its members beside its other attributes.

    Before Python 3.12 asking an enum for a member runs Python code, which takes longer than most of what is done then.
    """
    for member in kind:
        type.__setattr__(kind, member.name, member)
    return kind
