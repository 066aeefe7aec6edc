"""Assignee rules as text (`school:assignee rule`, `school:task candidates`) and as values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class RuleKind(StrEnum):
    """What a rule asks the directory for."""

    USER = "user"
    ROLE = "role"
    GROUP = "group"
    POSITION = "position"
    BRANCH_HEAD = "branch_head"
    SUPERIOR = "superior"
    LAST_SUPERIOR = "last_superior"
    OWNER = "owner"
    FIELD = "field"
    STARTER = "starter"
    STARTER_CHOOSES = "starter_chooses"
    PREVIOUS_CHOOSES = "previous_chooses"
    EXPRESSION = "expression"
    DECISION = "decision"


_PLAIN = {RuleKind.BRANCH_HEAD, RuleKind.OWNER, RuleKind.STARTER, RuleKind.STARTER_CHOOSES, RuleKind.PREVIOUS_CHOOSES}
_COUNTED = {RuleKind.SUPERIOR, RuleKind.LAST_SUPERIOR}
_NAME = re.compile(r"^[\w.@-]{1,120}$")


class RuleError(ValueError):
    """An assignee rule that cannot be read."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. argument: the name, path, FEEL text or decision id; level: n of the n-th superior."""

    kind: RuleKind
    argument: str = ""
    level: int = 0


def parse_rule(text: str) -> Rule:
    """Parse one rule. Raises: RuleError.

    >>> parse_rule("superior:2")
    Rule(kind=<RuleKind.SUPERIOR: 'superior'>, argument='', level=2)
    """
    body = text.strip()
    if body.startswith("="):
        if not body[1:].strip():
            raise RuleError("Expected a FEEL expression after '=', but found nothing.")
        return Rule(RuleKind.EXPRESSION, body[1:].strip())
    word, _, argument = body.partition(":")
    try:
        kind = RuleKind(word)
    except ValueError:
        raise RuleError(f"Expected a rule such as role:finance or branch_head, but found {text!r}.") from None
    if kind in _PLAIN:
        if argument:
            raise RuleError(f"Expected {word!r} without an argument, but found {text!r}.")
        return Rule(kind)
    if kind in _COUNTED:
        return Rule(kind, level=_level(text, argument or "1"))
    if kind is RuleKind.EXPRESSION or not _NAME.match(argument):
        raise RuleError(f"Expected {word}:<name>, but found {text!r}.")
    return Rule(kind, argument)


@lru_cache(maxsize=2048)
def parse_rules(text: str) -> tuple[Rule, ...]:
    """Parse rules separated by spaces; a FEEL rule stands alone, as it may hold spaces itself. Raises: RuleError."""
    body = text.strip()
    if body.startswith("="):
        return (parse_rule(body),)
    return tuple(parse_rule(part) for part in body.split())


def _level(text: str, argument: str) -> int:
    if not argument.isascii() or not argument.isdigit() or not 1 <= int(argument) <= 20:
        raise RuleError(f"Expected a level from 1 to 20, but found {text!r}.")
    return int(argument)
