from collections.abc import Mapping, Sequence
from uuid import UUID

import pytest

from engine.workflow.assignees import (
    Asking,
    Policy,
    Rule,
    RuleError,
    TaskFacts,
    candidates_of,
    parse_rule,
    parse_rules,
    settle,
)
from engine.workflow.assignees.policy import Outcome
from engine.workflow.assignees.rules import RuleKind

EAST = UUID(int=2)


class People:
    """ann and bob sell in the east, cat leads it, dan leads headquarters; bob2 is bob's second account."""

    def user_by_username(self, username: str) -> str | None:
        return username if username in {"ann", "bob", "bob2", "cat", "dan", "eve"} else None

    def existing(self, users: Sequence[str]) -> Sequence[str]:
        return [user for user in users if self.user_by_username(user)]

    def users_in_role(self, role: str, branch_id: UUID) -> Sequence[str]:
        return ["ann", "bob"] if (role, branch_id) == ("sales", EAST) else []

    def users_in_group(self, group: str) -> Sequence[str]:
        return ["eve"] if group == "audit" else []

    def users_in_position(self, position: str, branch_id: UUID) -> Sequence[str]:
        return ["cat"] if position == "principal" else []

    def branch_head(self, branch_id: UUID) -> str | None:
        return "cat"

    def superior(self, user_id: str, level: int) -> str | None:
        chain = ["ann", "cat", "dan"]
        index = chain.index(user_id) + level if user_id in chain else 99
        return chain[index] if index < len(chain) else None

    def branches_of(self, user_id: str) -> frozenset[UUID]:
        return frozenset({UUID(int=1)})

    def headquarters(self) -> UUID:
        return UUID(int=1)

    def administrators(self, branch_id: UUID) -> Sequence[str]:
        return ["dan"]

    def person(self, user_id: str) -> str:
        return "bob" if user_id == "bob2" else user_id

    def names(self, user_ids: Sequence[str]) -> Mapping[str, str]:
        return {user: user.title() for user in user_ids}


PEOPLE = People()


def settled(policy: Policy, **facts: object) -> object:
    return settle(policy, TaskFacts(**facts), PEOPLE.person)  # type: ignore[arg-type]


def test_parse_rules_splits_at_spaces_but_not_inside_feel() -> None:
    assert parse_rules("role:sales branch_head") == (Rule(RuleKind.ROLE, "sales"), Rule(RuleKind.BRANCH_HEAD))
    assert parse_rules('= if a then "x" else "y"') == (Rule(RuleKind.EXPRESSION, 'if a then "x" else "y"'),)


@pytest.mark.parametrize(
    "text", ["", "boss", "role:", "superior:0", "superior:21", "superior:x", "starter:me", "=", "role:a;b"]
)
def test_parse_rule_refuses_what_it_cannot_read(text: str) -> None:
    with pytest.raises(RuleError):
        parse_rule(text)


@pytest.mark.parametrize(
    ("rule", "people"),
    [
        ("user:ann", ("ann",)),
        ("role:sales", ("ann", "bob")),
        ("group:audit", ("eve",)),
        ("position:principal", ("cat",)),
        ("branch_head", ("cat",)),
        ("superior:2", ("dan",)),
        ("last_superior:1", ("dan",)),
        ("owner", ("bob",)),
        ("starter", ("ann",)),
        ("starter_chooses", ("eve",)),
        ("previous_chooses", ("dan",)),
        ("field:contract.manager", ("eve", "ann")),
        ("=approvers", ("bob",)),
        ("decision:who", ("cat", "dan")),
    ],
)
def test_candidates_of_answers_each_rule(rule: str, people: tuple[str, ...]) -> None:
    asking = Asking(
        branch_id=EAST,
        starter="ann",
        last_handler="cat",
        owner="bob",
        chosen_by_starter=("eve",),
        chosen_by_previous=("dan",),
        evaluate=lambda text: ["bob", "nobody"],
        field_value=lambda path: ["eve", "ann"],
        decide=lambda ref: {"first": "cat", "second": "dan"},
    )
    assert candidates_of([parse_rule(rule)], PEOPLE, asking) == people


def test_settle_offers_several_and_assigns_one() -> None:
    offered = settled(Policy(), candidates=["ann", "bob"])
    assert (offered.assignee, offered.candidates) == (None, ("ann", "bob"))
    assert settled(Policy(), candidates=["ann"]).assignee == "ann"


def test_settle_least_load_prefers_fewest_tasks_then_longest_wait() -> None:
    by_load = settled(Policy(strategy="least_load"), candidates=["ann", "bob"], load={"ann": 3, "bob": 2})
    assert by_load.assignee == "bob"
    tied = settled(Policy(strategy="least_load"), candidates=["ann", "bob"], turns={"ann": 9, "bob": 4})
    assert tied.assignee == "bob"


def test_settle_round_robin_gives_who_never_had_one_first() -> None:
    assert settled(Policy(strategy="round_robin"), candidates=["ann", "bob"], turns={"ann": 1}).assignee == "bob"


@pytest.mark.parametrize(
    ("empty", "outcome", "assignee"),
    [
        ("admin", Outcome.OPEN, "dan"),
        ("skip", Outcome.SKIP, None),
        ("starter", Outcome.OPEN, "ann"),
        ("fail", Outcome.FAIL, None),
    ],
)
def test_settle_nobody_follows_the_empty_rule(empty: str, outcome: Outcome, assignee: str | None) -> None:
    result = settled(Policy(empty=empty), candidates=[], starter="ann", administrators=["dan"])
    assert (result.outcome, result.assignee) == (outcome, assignee)


def test_settle_self_approval_skips_or_goes_to_the_superior() -> None:
    skip = settled(Policy(self_approval="skip"), candidates=["ann"], starter="ann")
    assert skip.outcome is Outcome.SKIP
    left = settled(Policy(self_approval="skip"), candidates=["ann", "bob"], starter="ann")
    assert left.candidates == ("bob",)
    above = settled(Policy(self_approval="superior"), candidates=["ann"], starter="ann", superior_of_starter="cat")
    assert above.assignee == "cat"


def test_settle_auto_approves_only_when_all_candidates_already_approved() -> None:
    policy = Policy(same_person="auto_approve")
    assert settled(policy, candidates=["ann"], approvers=frozenset({"ann"})).outcome is Outcome.APPROVE
    assert settled(policy, candidates=["ann", "bob"], approvers=frozenset({"ann"})).outcome is Outcome.OPEN


def test_settle_excludes_natural_persons_not_accounts() -> None:
    result = settled(Policy(), candidates=["bob2", "ann"], excluded_persons=frozenset({"bob"}))
    assert result.candidates == ("ann",)


def test_settle_never_brings_an_excluded_person_back_as_administrator_or_substitute() -> None:
    nobody = settled(Policy(), candidates=["bob"], administrators=["bob2"], excluded_persons=frozenset({"bob"}))
    assert nobody.outcome is Outcome.FAIL
    stays = settled(Policy(), candidates=["ann"], substitutes={"ann": "bob2"}, excluded_persons=frozenset({"bob"}))
    assert stays.assignee == "ann"


def test_settle_replaces_absent_people_and_follows_chains_but_not_circles() -> None:
    chain = settled(Policy(), candidates=["ann"], substitutes={"ann": "bob", "bob": "cat"})
    assert (chain.assignee, dict(chain.acting_for)) == ("cat", {"cat": "ann"})
    circle = settled(Policy(), candidates=["ann"], substitutes={"ann": "bob", "bob": "ann"})
    assert circle.assignee == "ann"


def test_settle_substitute_who_is_candidate_himself_acts_once_for_himself() -> None:
    result = settled(Policy(), candidates=["ann", "bob"], substitutes={"ann": "bob"})
    assert (result.candidates, dict(result.acting_for)) == (("bob",), {})
