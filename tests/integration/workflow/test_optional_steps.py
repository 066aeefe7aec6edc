"""Ad-hoc sub-processes: people choose what begins and when it is enough; who may, and what stays on the trail."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from engine.kernel.actor import SYSTEM
from engine.kernel.errors import Conflict, Forbidden, NotFound
from engine.workflow import deployments, instances, tasks
from engine.workflow.instances.waiting import waiting_choices

STARTER, SALES = (f'<school:assignee rule="{rule}"/>' for rule in ("starter", "role:sales"))


def body(world: Any, attributes: str = "", condition: str = "", decided: str = "call") -> str:
    ends = f"<completionCondition>{condition}</completionCondition>" if condition else ""
    steps = {node: world.task(node, SALES) for node in ("call", "visit")}
    steps[decided] = world.task(decided, world.decides("role:sales")) if decided != "call" else steps["call"]
    flows: str = world.flows(("s", "x"), ("x", "after"), ("after", "e"))
    return (
        f'<startEvent id="s"/><adHocSubProcess id="x" name="Care" {attributes}>{"".join(steps.values())}{ends}'
        f'</adHocSubProcess>{world.task("after", STARTER)}<endEvent id="e"/>' + flows
    )


def begun(world: Any, *attributes: str, **more: str) -> tuple[UUID, int]:
    """A case that stands in the body, and the body's activation."""
    world.deploy(world.model(body(world, *attributes, **more)))
    case = world.start()
    (stage,) = offered(world, "ann", case)
    return case, stage.activation


def offered(world: Any, who: Any, case: UUID) -> tuple[instances.adhoc.OpenBody, ...]:
    found: tuple[instances.adhoc.OpenBody, ...] = world.run(who, lambda tx: instances.adhoc.offers(tx, case))
    return found


def choose(world: Any, who: Any, case: UUID, activation: int, node: str) -> Any:
    return world.run(who, lambda tx: instances.adhoc.begin(tx, case, activation, node))


def finish(world: Any, who: Any, case: UUID, activation: int) -> None:
    world.run(who, lambda tx: instances.adhoc.finish(tx, case, activation))


def facts(stage: instances.adhoc.OpenBody) -> list[tuple[str, int, int, bool]]:
    return [(one.node_id, one.done, one.running, one.may_begin) for one in stage.activities]


def test_steps_are_chosen_side_by_side_and_again(world: Any) -> None:
    case, stage = begun(world)
    opened = choose(world, "ann", case, stage, "call")
    assert opened == (world.open(case)["call"].id,)
    choose(world, "ann", case, stage, "call")
    world.done("bob", case, "call")
    (now,) = offered(world, "ann", case)
    assert (now.name, facts(now), now.may_finish) == (
        "Care",
        [("call", 1, 1, True), ("visit", 0, 0, True)],
        False,
    )
    with pytest.raises(Conflict, match=r"adhoc\.running"):
        finish(world, "ann", case, stage)
    world.done("bob", case, "call")
    finish(world, "bob", case, stage)
    assert set(world.open(case)) == {"after"}
    assert offered(world, "ann", case) == ()
    with pytest.raises(Conflict, match=r"adhoc\.gone"):
        choose(world, "ann", case, stage, "visit")


def test_body_in_which_all_was_done_ends_by_itself(world: Any) -> None:
    case, stage = begun(world)
    for node in ("visit", "call"):
        choose(world, "ann", case, stage, node)
        world.done("ann", case, node)
    assert set(world.open(case)) == {"after"}


def test_history_says_who_chose_and_who_ended(world: Any) -> None:
    case, stage = begun(world)
    choose(world, "ann", case, stage, "call")
    world.done("bob", case, "call")
    finish(world, "bob", case, stage)
    rows = world.run("ann", lambda tx: instances.history(tx, case))
    told = [(row["actor_id"], row["action"], row["data"].get("node")) for row in rows if row["data"].get("node")]
    assert told == [
        ("ann", "instance:activity_begun", "call"),
        ("bob", "task:completed", "call"),
        ("bob", "instance:stage_finished", "x"),
    ]


def test_of_two_who_choose_at_once_in_a_sequential_body_one_is_refused(world: Any) -> None:
    case, stage = begun(world, 'ordering="Sequential"')

    def attempt(node: str) -> str:
        try:
            choose(world, "ann" if node == "call" else "adm", case, stage, node)
        except Conflict as error:
            return error.message.zh
        return ""

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(attempt, ("call", "visit")))
    assert answers == ["", "请先完成正在进行的活动"]
    (running,) = world.open(case)
    (now,) = offered(world, "ann", case)
    assert {one.node_id: (one.running, one.may_begin) for one in now.activities} == {
        "call": (int(running == "call"), False),
        "visit": (int(running == "visit"), False),
    }
    world.done("bob", case, running)
    (free,) = offered(world, "ann", case)
    assert (all(one.may_begin for one in free.activities), free.may_finish) == (True, True)


def test_completion_condition_ends_the_body_and_nobody_else_does(world: Any) -> None:
    case, stage = begun(world, "", "enough = true")
    (now,) = offered(world, "ann", case)
    assert now.may_finish is False
    with pytest.raises(Conflict, match=r"adhoc\.condition"):
        finish(world, "adm", case, stage)
    choose(world, "ann", case, stage, "visit")
    choose(world, "ann", case, stage, "call")
    world.done("bob", case, "call", enough=True)
    assert set(world.open(case)) == {"after"}


def test_only_who_takes_part_chooses(world: Any) -> None:
    case, stage = begun(world)
    with pytest.raises(NotFound):
        choose(world, "bob", case, stage, "call")
    with pytest.raises(NotFound):
        offered(world, "fay", case)
    assert offered(world, "aud", case) == ()
    for act in (lambda: choose(world, "aud", case, stage, "call"), lambda: finish(world, "aud", case, stage)):
        with pytest.raises(Forbidden, match="not_participant"):
            act()
    choose(world, "adm", case, stage, "call")
    task_id = world.open(case)["call"].id
    world.run("ann", lambda tx: tasks.cc(tx, task_id, ["fay"]))
    assert offered(world, "fay", case) == ()
    choose(world, "bob", case, stage, "visit")
    assert set(world.open(case)) == {"call", "visit"}


def test_case_that_does_not_move_offers_nothing(world: Any) -> None:
    case, stage = begun(world)
    with pytest.raises(Conflict, match=r"adhoc\.unknown"):
        choose(world, "ann", case, stage, "after")
    world.run("adm", lambda tx: instances.suspend(tx, case, "check"))
    assert offered(world, "ann", case) == ()
    with pytest.raises(Conflict, match="instance_suspended"):
        choose(world, "ann", case, stage, "call")
    world.run("adm", lambda tx: instances.cancel(tx, case, "over"))
    with pytest.raises(Conflict, match="instance_ended"):
        finish(world, "ann", case, stage)


def test_undecided_approval_about_money_is_not_left_out(world: Any) -> None:
    source = world.model(body(world, decided="visit"), attributes='money="true"')
    made = world.run("adm", lambda tx: deployments.deploy(tx, {"m.bpmn": source}))
    world.run(SYSTEM, lambda tx: deployments.approve(tx, made.id))
    case = world.start()
    (stage,) = offered(world, "ann", case)
    assert stage.may_finish is False
    with pytest.raises(Forbidden, match="money_approval"):
        finish(world, "adm", case, stage.activation)
    choose(world, "ann", case, stage.activation, "visit")
    world.done("bob", case, "visit", "approve")
    finish(world, "ann", case, stage.activation)
    assert set(world.open(case)) == {"after"}


def test_body_without_people_begins_by_itself_and_is_not_offered(world: Any) -> None:
    inner = f'<subProcess id="sub"><startEvent id="z"/>{world.task("call", SALES)}'
    inner += f"{world.flows(('z', 'call'))}</subProcess>"
    source = f'<startEvent id="s"/><adHocSubProcess id="x">{inner}</adHocSubProcess>' + world.flows(("s", "x"))
    world.deploy(world.model(source))
    case = world.start()
    assert set(world.open(case)) == {"call"}
    assert offered(world, "ann", case) == ()


def test_who_may_choose_is_told_while_nothing_runs(world: Any) -> None:
    case, stage = begun(world)

    def waiting(who: str) -> list[tuple[UUID, tuple[str, ...]]]:
        found = world.run(who, waiting_choices)
        return [(one.instance_id, one.stages) for one in found]

    assert (waiting("ann"), waiting("bob")) == ([(case, ("Care",))], [])
    choose(world, "ann", case, stage, "call")
    assert waiting("ann") == []
    world.done("bob", case, "call")
    assert waiting("bob") == [(case, ("Care",))]
    finish(world, "ann", case, stage)
    assert waiting("ann") == []
