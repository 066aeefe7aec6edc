"""A branch's own assignees, due times and decision tables: where headquarters allows it, for its own new cases."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from engine.kernel.actor import SYSTEM
from engine.kernel.errors import Conflict, Forbidden, UserError
from engine.workflow import instances
from engine.workflow.deployments import DeployRefused
from engine.workflow.overlays import saving

WEST = UUID(int=3)
FINANCE = {"check": {"assignees": [{"rule": "role:finance"}]}}


def table(limit: int, output: str = "second", given: str = "amount") -> str:
    return f"""<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="t">
<inputData id="i" name="{given}"/><decision id="limits" name="limits">
<informationRequirement id="r"><requiredInput href="#i"/></informationRequirement>
<decisionTable id="t" hitPolicy="FIRST">
<input id="c"><inputExpression id="x"><text>{given}</text></inputExpression></input>
<output id="o" name="{output}"/><output id="p" name="other"/>
<rule id="a"><inputEntry id="a1"><text>&gt; {limit}</text></inputEntry><outputEntry id="a2"><text>true</text>
</outputEntry><outputEntry id="a3"><text>1</text></outputEntry></rule>
<rule id="b"><inputEntry id="b1"><text>-</text></inputEntry><outputEntry id="b2"><text>false</text></outputEntry>
<outputEntry id="b3"><text>1</text></outputEntry></rule></decisionTable></decision></definitions>"""


def deploy(world: Any, attributes: str = 'branches="assignees due decisions"', locked: str = "") -> None:
    rule = (
        '<extensionElements><school:decision ref="limits" result="route"><school:input name="amount" value="=amount"/>'
    )
    body = (
        '<startEvent id="s"/><businessRuleTask id="decide">'
        + rule
        + "</school:decision></extensionElements></businessRuleTask>"
        + world.task("check", world.decides("role:sales"), attributes='due="P2D"')
        + '<exclusiveGateway id="x" default="no"/>'
        + world.task("second", world.decides("role:principal"), attributes=locked)
        + '<endEvent id="e"/><sequenceFlow id="yes" sourceRef="x" targetRef="second"><conditionExpression>route.second'
        '</conditionExpression></sequenceFlow><sequenceFlow id="no" sourceRef="x" targetRef="e"/>'
        + world.flows(("s", "decide"), ("decide", "check"), ("check", "x"), ("second", "e"))
    )
    world.deploy(world.model(body, attributes=attributes), dmn=table(1000))


def save(world: Any, tasks: Any = None, files: Any = None, branch: UUID | None = None, who: Any = "adm") -> Any:
    where = branch or world.branch
    return world.run(who, lambda tx: saving.save(tx, "demo", where, tasks or {}, files or {}))


def start(world: Any, branch: UUID) -> UUID:
    case: UUID = world.run("ann", lambda tx: instances.start(tx, "demo", {"amount": 500}, branch_id=branch))
    return case


def test_branch_runs_its_own_assignees_and_limit_and_its_sister_does_not(world: Any) -> None:
    deploy(world)
    saved = save(world, {"check": {"assignees": [{"rule": "role:finance"}], "due": "P1D"}}, {"limits.dmn": table(100)})
    assert (saved.overlay.status, saved.overlay.number) == ("active", 1)
    east, west = start(world, world.branch), start(world, WEST)
    assert len(world.box("fay", "candidate")) == 1
    days = {case: (world.open(case)["check"].due_at - world.clock.now()).days for case in (east, west)}
    assert days == {east: 1, west: 2}
    world.done("fay", east, "check", "approve")
    world.done("ann", west, "check", "approve")
    assert (set(world.open(east)), world.view(west).status) == ({"second"}, "completed")


def test_running_case_keeps_the_revision_it_was_started_with(world: Any) -> None:
    deploy(world)
    before = start(world, world.branch)
    first = save(world, FINANCE).overlay
    kept = start(world, world.branch)
    second = save(world, {}, {"limits.dmn": table(100)}).overlay
    pins = world.sql("select id, pinned->>'overlay' from instance order by id")
    assert pins == [(before, None), (kept, str(first.id))]
    world.done("fay", kept, "check", "approve")
    assert world.view(kept).status == "completed"
    rows = world.run("adm", lambda tx: saving.revisions(tx, "demo"))
    assert [(row.number, row.status, row.running) for row in rows] == [(2, "active", 0), (1, "replaced", 0)]
    world.run("adm", lambda tx: saving.withdraw(tx, second.id))
    assert world.view(start(world, world.branch)).status == "active"
    assert world.sql("select pinned from instance order by id desc limit 1") == [({},)]


@pytest.mark.parametrize(
    ("tasks", "files", "rule"),
    [
        ({"check": {"form": "other"}}, {}, "overlay.not_allowed"),
        ({"second": {"due": "P1D"}}, {}, "overlay.not_allowed"),
        ({"gone": {"due": "P1D"}}, {}, "overlay.no_task"),
        ({"check": {"assignees": [{"rule": "role:nobody"}]}}, {}, "overlay.nobody"),
        ({"check": {"assignees": [{"rule": "chief cook"}]}}, {}, "people.rule_invalid"),
        ({}, {"f.json": "{}"}, "overlay.not_allowed"),
        ({}, {"d.dmn": "<definitions/>"}, "dmn.unreadable"),
        ({}, {"d.dmn": table(1).replace('id="limits"', 'id="mine"')}, "overlay.no_decision"),
        ({}, {"d.dmn": table(1, output="more")}, "overlay.outputs"),
        ({}, {"d.dmn": table(1, given="salary")}, "overlay.inputs"),
    ],
)
def test_gate_refuses_an_overlay_that_does_not_fit(world: Any, tasks: Any, files: Any, rule: str) -> None:
    deploy(world, locked='branches=""')
    with pytest.raises(DeployRefused) as refused:
        save(world, tasks, files)
    assert rule in [one.rule for one in refused.value.findings if one.severity == "error"]


@pytest.mark.parametrize(
    "tasks", [{"check": {}}, {"check": {"owner": "x"}}, {"check": {"assignees": []}}, {"check": 1}]
)
def test_overlay_of_an_unknown_shape_is_refused(world: Any, tasks: Any) -> None:
    deploy(world)
    with pytest.raises(UserError, match="bad_overlay"):
        save(world, tasks)


def test_process_that_leaves_nothing_to_branches_takes_no_overlay(world: Any) -> None:
    deploy(world, attributes="")
    with pytest.raises(DeployRefused):
        save(world, FINANCE)


def test_model_that_leaves_something_unknown_to_branches_is_refused(world: Any) -> None:
    with pytest.raises(DeployRefused) as refused:
        deploy(world, attributes='branches="assignees salaries"', locked='branches="everything"')
    found = [(one.element_id, one.rule) for one in refused.value.findings if one.severity == "error"]
    assert found == [("demo", "reference.branches_unknown"), ("second", "reference.branches_unknown")]


def test_overlay_of_a_money_process_needs_a_second_person(world: Any) -> None:
    deploy(world, attributes='branches="assignees" money="true"')
    saved = save(world, FINANCE).overlay
    assert (saved.status, world.run("adm", lambda tx: saving.check(tx, "demo", world.branch, FINANCE, {}))) == (
        "waiting",
        (),
    )
    with pytest.raises(Forbidden, match="same_person"):
        world.run("adm", lambda tx: saving.approve(tx, saved.id))
    assert world.sql("select count(*) from instance where pinned <> '{}'") == [(0,)]
    assert world.run(SYSTEM, lambda tx: saving.approve(tx, saved.id)).status == "active"
    with pytest.raises(Conflict, match="overlay_decided"):
        world.run(SYSTEM, lambda tx: saving.refuse(tx, saved.id))


def test_overlay_needs_the_right_in_its_branch(world: Any) -> None:
    deploy(world)
    with pytest.raises(Forbidden, match="no_deploy_right"):
        save(world, FINANCE, who="ann")
    with pytest.raises(Forbidden, match="no_deploy_right"):
        world.run("ann", lambda tx: saving.check(tx, "demo", world.branch, {}, {}))


def test_finished_call_is_undone_with_the_revision_its_case_had(world: Any) -> None:
    undo = "<compensateEventDefinition/>"
    parent = (
        '<startEvent id="s"/><callActivity id="call" calledElement="demo"/>'
        + world.task("sure", '<school:assignee rule="starter"/>')
        + f'<endEvent id="e">{undo}</endEvent>'
        + world.flows(("s", "call"), ("call", "sure"), ("sure", "e"))
    )
    child = (
        '<startEvent id="s"/>'
        + world.task("work", '<school:assignee rule="starter"/>')
        + f'<boundaryEvent id="b" attachedToRef="work">{undo}</boundaryEvent>'
        + world.task("undo", world.decides("role:sales")).replace("<userTask", '<userTask isForCompensation="true"')
        + '<association id="l" sourceRef="b" targetRef="undo"/><endEvent id="e"/>'
        + world.flows(("s", "work"), ("work", "e"))
    )
    world.deploy(world.model(parent, key="caller"), world.model(child, attributes='branches="assignees"'))
    first = save(world, {"undo": {"assignees": [{"rule": "role:finance"}]}}).overlay
    case = world.start("caller")
    world.drain()
    world.done("ann", world.view(case).children[0], "work")
    save(world, {"undo": {"assignees": [{"rule": "role:principal"}]}})
    world.drain()
    world.done("ann", case, "sure")
    world.drain()
    pins = world.sql("select pinned->>'overlay' from instance where process_key = 'demo' order by id")
    assert [row[0] for row in pins] == [str(first.id), str(first.id)]
    assert ([len(world.box(who, "candidate")) for who in ("fay", "ann")], world.box("pat")) == ([1, 0], [])
