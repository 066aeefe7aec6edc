"""Each assignee rule gives the task to its people, in the branch of the case; and what happens where that fails."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from engine.workflow import instances, tasks

from .conftest import HEADQUARTERS

CONTRACT = UUID(int=9)
WEST = UUID(int=3)
TABLE = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="t">
<inputData id="i" name="amount"/><decision id="who_decides" name="who_decides">
<informationRequirement id="r"><requiredInput href="#i"/></informationRequirement>
<decisionTable id="t" hitPolicy="FIRST"><input id="c"><inputExpression id="x"><text>amount</text></inputExpression>
</input><output id="o" name="who"/>
<rule id="a"><inputEntry id="a1"><text>&gt; 1000</text></inputEntry><outputEntry id="a2"><text>["boss", "pat"]</text>
</outputEntry></rule>
<rule id="b"><inputEntry id="b1"><text>-</text></inputEntry><outputEntry id="b2"><text>"fay"</text></outputEntry></rule>
</decisionTable></decision></definitions>"""
RECORD = 'object="contract"'


def first_and_second(world: Any, second: str, attributes: str = "") -> None:
    """A task of sales, then the one whose people are asked for."""
    rule = f'<school:assignee rule="{second}"/><school:outcome name="approve" style="primary"/>'
    body = (
        '<startEvent id="s"/>'
        + world.task("first", world.decides("role:sales"))
        + world.task("second", rule + '<school:outcome name="reject" style="danger"/>', attributes=attributes)
        + world.flows(("s", "first"), ("first", "second"))
    )
    world.deploy(world.model(body, attributes=RECORD), dmn=TABLE)


def start(world: Any, amount: int = 2000, branch: UUID | None = None, choose: Any = None) -> UUID:
    world.store.rows["contract", CONTRACT] = {
        "owner_id": "bob", "branch_id": str(branch or world.branch), "teacher": "ted", "deputies": ["tom", "tea"],
    }  # fmt: skip
    values = {"amount": amount, "advisor": "sam", "team": ["sam", "tea"]}
    found: UUID = world.run(
        "ann",
        lambda tx: instances.start(
            tx, "demo", values, ("contract", CONTRACT), branch or world.branch, choose=choose or {}
        ),
    )
    return found


def asked(world: Any, case: UUID) -> list[str]:
    """Who may act on the second task, in the order of their names."""
    row = world.open(case)["second"]
    found = world.sql("select user_id from task_candidate where task_id = %(id)s order by 1", id=row.id)
    assert row.assignee == (found[0][0] if len(found) == 1 else None)
    return [user for (user,) in found]


@pytest.mark.parametrize(
    ("rule", "people"),
    [
        ("user:sam", ["sam"]),
        ("role:finance", ["fay", "fin"]),
        ("group:club", ["sam", "tea"]),
        ("position:head_teacher", ["ted"]),
        ("branch_head", ["pat"]),
        ("superior", ["pat"]),
        ("superior:2", ["boss"]),
        ("last_superior", ["pat"]),
        ("owner", ["bob"]),
        ("field:record.teacher", ["ted"]),
        ("field:contract.deputies", ["tea", "tom"]),
        ("field:advisor", ["sam"]),
        ("field:team", ["sam", "tea"]),
        ("starter", ["ann"]),
        ('=if amount &gt; 1000 then ["boss", "fay"] else "fin"', ["boss", "fay"]),
        ("=first.by", ["bob"]),
        ("decision:who_decides", ["boss", "pat"]),
    ],
)
def test_rule_names_its_people(world: Any, rule: str, people: list[str]) -> None:
    first_and_second(world, rule.replace('"', "&quot;"))
    case = start(world)
    world.done("bob", case, "first", "approve")
    assert asked(world, case) == people


@pytest.mark.parametrize(("rule", "people"), [("position:head_teacher", ["tom"]), ("branch_head", ["boss"])])
def test_rule_is_asked_in_the_branch_of_the_record(world: Any, rule: str, people: list[str]) -> None:
    first_and_second(world, rule)
    case = start(world, branch=WEST)
    world.done("bob", case, "first", "approve")
    assert asked(world, case) == people


def test_rule_may_ask_headquarters_or_a_branch_of_an_expression(world: Any) -> None:
    for number, branch in enumerate(("hq", f"=&quot;{HEADQUARTERS}&quot;")):
        rule = f'<school:assignee rule="branch_head" branch="{branch}"/>'
        body = '<startEvent id="s"/>' + world.task("second", rule) + world.flows(("s", "second"))
        world.deploy(world.model(body, key=f"demo{number}"))
        case = world.start(f"demo{number}")
        assert asked(world, case) == ["boss"]


def test_several_rules_name_people_together(world: Any) -> None:
    candidates = 'candidates="role:finance user:sam role:finance"'
    body = '<startEvent id="s"/>' + world.task("second", attributes=candidates) + world.flows(("s", "second"))
    world.deploy(world.model(body))
    assert asked(world, world.start()) == ["fay", "fin", "sam"]


def test_starter_chooses_people_for_a_later_task(world: Any) -> None:
    first_and_second(world, "starter_chooses")
    case = start(world, choose={"second": ["tea", "tom"]})
    world.done("bob", case, "first", "approve")
    assert asked(world, case) == ["tea", "tom"]


def test_previous_handler_chooses_who_comes_next(world: Any) -> None:
    first_and_second(world, "previous_chooses")
    case = start(world)
    task_id = world.open(case)["first"].id
    view = world.run("bob", lambda tx: tasks.get(tx, task_id))
    assert [choice.node_id for choice in view.choices] == ["second"]
    world.run("bob", lambda tx: tasks.complete(tx, task_id, "approve", choose={"second": ["sam"]}))
    assert asked(world, case) == ["sam"]


@pytest.mark.parametrize(("empty", "people"), [("admin", ["adm"]), ("starter", ["ann"]), ("skip", None), ("fail", [])])
def test_task_without_people_follows_its_rule(world: Any, empty: str, people: list[str] | None) -> None:
    first_and_second(world, "field:record.nobody", f'empty="{empty}"')
    case = start(world)
    world.done("bob", case, "first", "approve")
    if people is None:
        assert world.view(case).status == "completed"
        return
    assert asked(world, case) == people
    assert [one.kind for one in world.view(case).incidents] == ([] if people else ["no_assignee"])


@pytest.mark.parametrize(("rule", "status"), [("ask", "active"), ("auto_approve", "completed")])
def test_person_who_agreed_before_is_asked_again_or_passed(world: Any, rule: str, status: str) -> None:
    first_and_second(world, "user:bob", f'same_person="{rule}"')
    case = start(world)
    world.done("bob", case, "first", "approve")
    assert world.view(case).status == status


@pytest.mark.parametrize(("rule", "people"), [("ask", ["ann"]), ("superior", ["pat"]), ("skip", None)])
def test_starter_is_not_his_own_approver_unless_the_model_says_so(
    world: Any, rule: str, people: list[str] | None
) -> None:
    first_and_second(world, "starter", f'self="{rule}"')
    case = start(world)
    world.done("bob", case, "first", "approve")
    if people is None:
        assert world.view(case).status == "completed"
    else:
        assert asked(world, case) == people


def test_seat_that_a_seat_passed_by_rule_made_needless_is_left_alone(world: Any) -> None:
    decided = world.decides("user:bob")
    loop = "<multiInstanceLoopCharacteristics><loopCardinality>2</loopCardinality></multiInstanceLoopCharacteristics>"
    body = (
        '<startEvent id="s"/>'
        + world.task("first", decided)
        + world.task(
            "sign", decided + '<school:countersign mode="any"/>', children=loop, attributes='same_person="auto_approve"'
        )
        + world.flows(("s", "first"), ("first", "sign"))
    )
    world.deploy(world.model(body))
    case = world.start()
    world.done("bob", case, "first", "approve")
    view = world.view(case)
    assert (view.status, view.variables["sign"]["outcome"]) == ("completed", "approve")
