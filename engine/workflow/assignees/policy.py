"""What becomes of the candidates: nobody, the starter himself, somebody who already approved; and who gets the task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple, Protocol


class Outcome(StrEnum):
    """How a task starts its life."""

    OPEN = "open"
    SKIP = "skip"
    APPROVE = "approve"
    FAIL = "fail"


class PersonOf(Protocol):
    """user id → natural person."""

    def __call__(self, user_id: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of `school:task` for the hard cases, and the strategy of `school:assignee`."""

    empty: str = "admin"
    same_person: str = "ask"
    self_approval: str = "ask"
    strategy: str = "offer"


class TaskFacts(NamedTuple):
    """What settling needs to know.

    candidates: after substitution is *not* yet applied. excluded_persons: natural persons who may not act here
    (`distinct_from`). approvers: user ids that already approved in this instance. load: open tasks per user.
    turns: when each user last got this task by turns (a growing number; missing = never).
    substitutes: absent user → substitute.
    """

    candidates: Sequence[str]
    starter: str | None = None
    superior_of_starter: str | None = None
    administrators: Sequence[str] = ()
    excluded_persons: frozenset[str] = frozenset()
    approvers: frozenset[str] = frozenset()
    load: Mapping[str, int] = MappingProxyType({})
    turns: Mapping[str, int] = MappingProxyType({})
    substitutes: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Assignment:
    """The result: open for `assignee` or for `candidates` to claim; skipped; approved by rule; or failed (an incident).

    acting_for: substitute → the absent user he stands in for.
    """

    outcome: Outcome
    assignee: str | None = None
    candidates: tuple[str, ...] = ()
    acting_for: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""


def settle(policy: Policy, facts: TaskFacts, person: PersonOf) -> Assignment:
    """Apply the rules: distinct persons, self approval, duplicate approval, nobody left, substitution, strategy.

    Separation of duties comes first and is never relaxed: an excluded person is not brought back as administrator
    or substitute.
    """
    allowed = [user for user in facts.candidates if person(user) not in facts.excluded_persons]
    others, reason = _without_starter(policy, facts, allowed, person)
    if reason == "self_skip":
        return Assignment(Outcome.SKIP, reason=reason)
    if policy.same_person == "auto_approve" and others and facts.approvers.issuperset(others):
        return Assignment(Outcome.APPROVE, assignee=others[0], candidates=tuple(others), reason="same_person")
    if not others:
        return _nobody(policy, facts, person)
    return _hand_out(policy.strategy, facts, others, person)


def _without_starter(policy: Policy, facts: TaskFacts, users: list[str], person: PersonOf) -> tuple[list[str], str]:
    """The starter among the approvers: left in (`ask`), taken out (`skip`), replaced (`superior`)."""
    if policy.self_approval == "ask" or facts.starter is None:
        return users, ""
    starter = person(facts.starter)
    others = [user for user in users if person(user) != starter]
    if len(others) == len(users):
        return users, ""
    if policy.self_approval == "skip":
        return (others, "") if others else (others, "self_skip")
    above = facts.superior_of_starter
    if above and above not in others and person(above) not in facts.excluded_persons | {starter}:
        others.append(above)
    return others, ""


def _nobody(policy: Policy, facts: TaskFacts, person: PersonOf) -> Assignment:
    if policy.empty == "skip":
        return Assignment(Outcome.SKIP, reason="nobody")
    fallback: Sequence[str] = ()
    if policy.empty == "admin":
        fallback = facts.administrators
    elif policy.empty == "starter" and facts.starter:
        fallback = (facts.starter,)
    people = [user for user in fallback if person(user) not in facts.excluded_persons]
    if not people:
        return Assignment(Outcome.FAIL, reason="nobody")
    return _hand_out("offer", facts, people, person)


def _hand_out(strategy: str, facts: TaskFacts, users: list[str], person: PersonOf) -> Assignment:
    present, acting_for = _with_substitutes(facts, users, person)
    chosen: str | None = None
    if strategy == "least_load":
        chosen = min(
            present, key=lambda user: (facts.load.get(user, 0), facts.turns.get(user, -1), present.index(user))
        )
    elif strategy == "round_robin":
        chosen = min(present, key=lambda user: (facts.turns.get(user, -1), present.index(user)))
    elif len(present) == 1:
        chosen = present[0]
    return Assignment(Outcome.OPEN, chosen, tuple(present), acting_for)


def _with_substitutes(facts: TaskFacts, users: Sequence[str], person: PersonOf) -> tuple[list[str], dict[str, str]]:
    """Absent users replaced by their substitutes (chains followed, circles and excluded persons not)."""
    present: dict[str, None] = {}
    acting_for: dict[str, str] = {}
    for user in users:
        stand_in = deputy_of(facts.substitutes, user)
        if stand_in != user and person(stand_in) in facts.excluded_persons:
            stand_in = user
        if stand_in != user and stand_in not in users:
            acting_for[stand_in] = user
        present.setdefault(stand_in)
    return list(present), acting_for


def deputy_of(substitutes: Mapping[str, str], user: str) -> str:
    """Who acts for the user now: his substitute, that one's substitute when he is away too; himself in a circle."""
    seen = {user}
    current = user
    while (following := substitutes.get(current)) is not None:
        if following in seen:
            return user
        seen.add(following)
        current = following
    return current
