"""Rules → people, asked of the directory in the record's branch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from engine.workflow.assignees.directory import Directory
from engine.workflow.assignees.rules import Rule, RuleKind


def _nothing(_: str) -> object:
    return None


class Asking(NamedTuple):
    """The situation in which rules are answered.

    branch_id: the branch the rules look in. evaluate: FEEL text → value. field: path of the bound record → value.
    decide: decision id → value. Values are user ids, usernames, or lists of them.
    chosen: whom the starter or the previous handler picked for this task.
    """

    branch_id: UUID
    starter: str | None = None
    last_handler: str | None = None
    owner: str | None = None
    chosen_by_starter: Sequence[str] = ()
    chosen_by_previous: Sequence[str] = ()
    evaluate: Callable[[str], object] = _nothing
    field_value: Callable[[str], object] = _nothing
    decide: Callable[[str], object] = _nothing


def candidates_of(rules: Iterable[Rule], directory: Directory, asking: Asking) -> tuple[str, ...]:
    """Everyone the rules name, each once, in the order of the rules."""
    seen: dict[str, None] = {}
    for rule in rules:
        for user in _answer(rule, directory, asking):
            seen.setdefault(user)
    return tuple(seen)


def _answer(rule: Rule, directory: Directory, asking: Asking) -> Sequence[str]:
    match rule.kind:
        case RuleKind.USER:
            return _some(directory.user_by_username(rule.argument))
        case RuleKind.ROLE:
            return directory.users_in_role(rule.argument, asking.branch_id)
        case RuleKind.GROUP:
            return directory.users_in_group(rule.argument)
        case RuleKind.POSITION:
            return directory.users_in_position(rule.argument, asking.branch_id)
        case RuleKind.BRANCH_HEAD:
            return _some(directory.branch_head(asking.branch_id))
        case RuleKind.SUPERIOR:
            return _superior(directory, asking.starter, rule.level)
        case RuleKind.LAST_SUPERIOR:
            return _superior(directory, asking.last_handler, rule.level)
        case _:
            return directory.existing(_named(rule, asking))


def _named(rule: Rule, asking: Asking) -> Sequence[str]:
    match rule.kind:
        case RuleKind.OWNER:
            return _some(asking.owner)
        case RuleKind.STARTER:
            return _some(asking.starter)
        case RuleKind.STARTER_CHOOSES:
            return asking.chosen_by_starter
        case RuleKind.PREVIOUS_CHOOSES:
            return asking.chosen_by_previous
        case RuleKind.FIELD:
            return _users(asking.field_value(rule.argument))
        case RuleKind.DECISION:
            return _users(asking.decide(rule.argument))
        case _:
            return _users(asking.evaluate(rule.argument))


def _superior(directory: Directory, user: str | None, level: int) -> Sequence[str]:
    return _some(directory.superior(user, level)) if user else ()


def _some(user: str | None) -> Sequence[str]:
    return (user,) if user else ()


def _users(value: object) -> Sequence[str]:
    """User ids or names in a FEEL value: a text, a list of texts, or a context with such entries."""
    if isinstance(value, str):
        return (value,) if value else ()
    if isinstance(value, dict):
        return tuple(user for entry in value.values() for user in _users(entry))
    if isinstance(value, list | tuple):
        return tuple(user for entry in value for user in _users(entry))
    return (str(value),) if isinstance(value, UUID) else ()
