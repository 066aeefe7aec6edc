"""Return, countersign, signers and timers where several things run at once."""

from typing import Any

from engine.workflow import tasks

PARALLEL = (
    ("s", "ask"),
    ("ask", "split"),
    ("split", "left"),
    ("left", "left2"),
    ("split", "right"),
    ("left2", "join"),
    ("right", "join"),
    ("join", "last"),
    ("last", "e"),
)


def parallel(world: Any) -> str:
    body = (
        '<startEvent id="s"/>'
        + world.task("ask", '<school:assignee rule="starter"/>')
        + '<parallelGateway id="split"/>'
        + world.task("left", world.decides("role:sales"))
        + world.task("left2", world.decides("role:sales"))
        + world.task("right", world.decides("role:finance"))
        + '<parallelGateway id="join"/>'
        + world.task("last", world.decides("role:sales"))
        + '<endEvent id="e"/>'
        + world.flows(
            ("s", "ask"),
            ("ask", "split"),
            ("split", "left"),
            ("left", "left2"),
            ("split", "right"),
            ("left2", "join"),
            ("right", "join"),
            ("join", "last"),
            ("last", "e"),
        )
    )
    return world.model(body)


def back(world: Any, who: str, case: Any, node: str, target: str) -> Any:
    task_id = world.open(case)[node].id
    return world.run(who, lambda tx: tasks.return_to(tx, task_id, target, "again"))


def finish(world: Any, case: Any) -> None:
    people = {"ask": "ann", "left": "bob", "left2": "bob", "right": "fay", "last": "bob"}
    for _ in range(20):
        live = world.open(case)
        if not live:
            break
        node = sorted(live)[0]
        world.done(people[node], case, node, None if node == "ask" else "approve")


def test_return_inside_one_branch_leaves_the_other_alone(world: Any) -> None:
    world.deploy(parallel(world))
    case = world.start()
    world.done("ann", case, "ask")
    world.done("bob", case, "left", "approve")
    right = world.open(case)["right"].id
    preview = back(world, "bob", case, "left2", "left")
    assert [task.node_id for task in preview.cancels] == ["left2"]
    assert world.open(case)["right"].id == right
    finish(world, case)
    assert world.view(case).status == "completed"


def test_return_before_the_split_cancels_both_branches_and_empties_the_join(world: Any) -> None:
    world.deploy(parallel(world))
    case = world.start()
    world.done("ann", case, "ask")
    world.done("fay", case, "right", "approve")
    preview = back(world, "bob", case, "left", "ask")
    assert [task.node_id for task in preview.cancels] == ["left"]
    assert set(world.open(case)) == {"ask"}
    finish(world, case)
    assert world.view(case).status == "completed"
    assert world.sql("select node_id, count(*) from user_task where status = 'done' group by 1 order by 1") == [
        ("ask", 2),
        ("last", 1),
        ("left", 1),
        ("left2", 1),
        ("right", 2),
    ]


def test_return_behind_the_join_runs_one_branch_again_and_cannot_hang(world: Any) -> None:
    world.deploy(parallel(world))
    case = world.start()
    for node, who in (("ask", "ann"), ("left", "bob"), ("left2", "bob"), ("right", "fay")):
        world.done(who, case, node, None if node == "ask" else "approve")
    task_id = world.open(case)["last"].id
    world.run("bob", lambda tx: tasks.return_to(tx, task_id, "left", "again"))
    assert set(world.open(case)) == {"left"}
    finish(world, case)
    assert world.view(case).status == "completed"
    assert world.sql("select node_id, count(*) from user_task where status = 'done' group by 1 order by 1") == [
        ("ask", 1),
        ("last", 1),
        ("left", 2),
        ("left2", 2),
        ("right", 1),
    ]


def test_withdraw_in_one_branch_ignores_what_the_other_did(world: Any) -> None:
    world.deploy(parallel(world))
    case = world.start()
    world.done("ann", case, "ask")
    left = world.open(case)["left"].id
    world.run("bob", lambda tx: tasks.complete(tx, left, "approve"))
    world.done("fay", case, "right", "approve")
    world.run("bob", lambda tx: tasks.withdraw(tx, left, "oops"))
    assert set(world.open(case)) == {"left"}
    finish(world, case)
    assert world.view(case).status == "completed"


def countersign(world: Any, mode: str) -> str:
    content = (
        '<school:assignee rule="role:teacher" strategy="all"/><school:outcome name="approve" style="primary"/>'
        f'<school:outcome name="reject" style="danger"/><school:countersign {mode}/>'
    )
    loop = (
        '<multiInstanceLoopCharacteristics isSequential="false"><loopCardinality>3</loopCardinality>'
        "</multiInstanceLoopCharacteristics>"
    )
    body = (
        '<startEvent id="s"/>'
        + world.task("sign", content, children=loop, attributes='operations="add_signer remove_signer return"')
        + world.task("after", '<school:assignee rule="starter"/>')
        + world.flows(("s", "sign"), ("sign", "after"))
    )
    return world.model(body)


def vote(world: Any, who: str, outcome: str) -> None:
    task_id = world.box(who)[0].id
    world.run(who, lambda tx: tasks.complete(tx, task_id, outcome))


def test_countersign_all_waits_for_everyone(world: Any) -> None:
    world.deploy(countersign(world, 'mode="all"'))
    case = world.start()
    for who in ("tea", "ted"):
        vote(world, who, "approve")
        assert set(world.open(case)) == {"sign"}
    vote(world, "tom", "approve")
    result = world.view(case).variables["sign"]
    assert (result["outcome"], result["approved"], result["total"]) == ("approve", 3, 3)


def test_countersign_any_ends_with_the_first(world: Any) -> None:
    world.deploy(countersign(world, 'mode="any"'))
    case = world.start()
    vote(world, "ted", "approve")
    assert set(world.open(case)) == {"after"}
    assert world.box("tea") == []


def test_countersign_ratio_decides_early(world: Any) -> None:
    world.deploy(countersign(world, 'mode="ratio" value="0.5"'))
    case = world.start()
    vote(world, "ted", "approve")
    vote(world, "tea", "approve")
    assert set(world.open(case)) == {"after"}


def test_countersign_grows_and_shrinks(world: Any) -> None:
    world.deploy(countersign(world, 'mode="all"'))
    case = world.start()
    tea = world.box("tea")[0].id
    world.run("tea", lambda tx: tasks.add_signer(tx, tea, ["sam"], "parallel"))
    assert len(world.box("sam")) == 1
    tom = world.box("tom")[0].id
    world.run("tea", lambda tx: tasks.remove_signer(tx, tom))
    assert world.box("tom") == []
    for who in ("tea", "ted", "sam"):
        vote(world, who, "approve")
    assert world.view(case).variables["sign"]["total"] == 3
    assert set(world.open(case)) == {"after"}


def nested(world: Any) -> str:
    inner = (
        '<startEvent id="is"/>'
        + world.task("in1", world.decides("role:sales"))
        + world.task("in2", world.decides("role:finance"))
        + world.flows(("is", "in1"), ("in1", "in2"))
    )
    body = (
        '<startEvent id="s"/>'
        + world.task("ask", '<school:assignee rule="starter"/>')
        + f'<subProcess id="sub">{inner}</subProcess>'
        + '<boundaryEvent id="late" attachedToRef="sub"><timerEventDefinition><timeDuration>PT5H</timeDuration>'
        + "</timerEventDefinition></boundaryEvent>"
        + world.task("last", '<school:assignee rule="starter"/>')
        + world.flows(("s", "ask"), ("ask", "sub"), ("sub", "last"), ("late", "last"))
    )
    return world.model(body)


def test_return_out_of_a_sub_process_cancels_it_with_its_timer(world: Any) -> None:
    world.deploy(nested(world))
    case = world.start()
    world.done("ann", case, "ask")
    world.done("bob", case, "in1", "approve")
    task_id = world.open(case)["in2"].id
    targets = world.run("fay", lambda tx: tasks.return_targets(tx, task_id))
    assert [one.node_id for one in targets] == ["ask", "in1"]
    back(world, "fay", case, "in2", "ask")
    assert world.sql("select count(*) from timer") == [(0,)]
    world.pass_time(hours=6)
    assert set(world.open(case)) == {"ask"}


def test_return_inside_a_sub_process_keeps_its_timer_running(world: Any) -> None:
    world.deploy(nested(world))
    case = world.start()
    world.done("ann", case, "ask")
    world.done("bob", case, "in1", "approve")
    due = world.sql("select due_at from timer")
    back(world, "fay", case, "in2", "in1")
    assert world.sql("select due_at from timer") == due
    world.pass_time(hours=6)
    assert set(world.open(case)) == {"last"}
