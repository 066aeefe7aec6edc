"""A case goes back: into what is over, over what was posted, and straight on again when it was mended."""

from __future__ import annotations

from typing import Any

import pytest

from engine.kernel.text import Text
from engine.workflow import tasks
from engine.workflow.handlers import Handler

ALL = 'operations="claim return transfer delegate withdraw add_signer remove_signer cc urge save"'


def checked(world: Any) -> str:
    """Two checks side by side inside a sub-process, then a decision behind it."""
    inner = (
        '<startEvent id="i"/><parallelGateway id="fork"/><parallelGateway id="join"/>'
        + world.task("paper", world.decides("role:sales"), attributes=ALL)
        + world.task("money", world.decides("role:finance"), attributes=ALL)
        + world.flows(("i", "fork"), ("fork", "paper"), ("fork", "money"), ("paper", "join"), ("money", "join"))
    )
    body = (
        f'<startEvent id="s"/><subProcess id="check">{inner}</subProcess>'
        + world.task("last", world.decides("role:principal"), attributes=ALL)
        + '<endEvent id="e"/><sequenceFlow id="y1" sourceRef="s" targetRef="check"/><sequenceFlow id="y2" '
        'sourceRef="check" targetRef="last"/><sequenceFlow id="y3" sourceRef="last" targetRef="e"/>'
    )
    return str(world.model(body))


def test_return_into_a_finished_sub_process_opens_it_for_that_task_only(world: Any) -> None:
    world.deploy(checked(world))
    case = world.start()
    world.done("ann", case, "paper", "approve")
    world.done("fay", case, "money", "approve")
    last = world.open(case)["last"].id
    targets = world.run("pat", lambda tx: tasks.return_targets(tx, last))
    assert [one.node_id for one in targets] == ["paper", "money"]
    world.run("pat", lambda tx: tasks.return_to(tx, last, "money", "count again"))
    assert {node: row.assignee for node, row in world.open(case).items()} == {"money": "fay"}
    world.done("fay", case, "money", "approve")
    assert set(world.open(case)) == {"last"}
    world.done("pat", case, "last", "approve")
    assert world.view(case).status == "completed"


def test_withdraw_of_the_last_task_of_a_sub_process_opens_it_again(world: Any) -> None:
    world.deploy(checked(world))
    case = world.start()
    world.done("ann", case, "paper", "approve")
    money = world.open(case)["money"].id
    world.done("fay", case, "money", "approve")
    world.run("fay", lambda tx: tasks.withdraw(tx, money, "oops"))
    assert set(world.open(case)) == {"money"}
    world.done("fay", case, "money", "approve")
    world.done("pat", case, "last", "approve")
    assert world.view(case).status == "completed"


def posting(world: Any, undo: str) -> str:
    """A handler that posts between two tasks, with what undoes it."""
    work = '<extensionElements><school:handler name="{}"/></extensionElements>'
    body = (
        '<startEvent id="s"/>'
        + world.task("ask", '<school:assignee rule="starter"/>', attributes=ALL)
        + f'<serviceTask id="post" name="post">{work.format("post")}</serviceTask>'
        '<boundaryEvent id="b" attachedToRef="post"><compensateEventDefinition/></boundaryEvent>'
        f'{undo}<association id="a1" associationDirection="One" sourceRef="b" targetRef="undo"/>'
        + world.task("check", world.decides("role:finance"), attributes=ALL)
        + world.flows(("s", "ask"), ("ask", "post"), ("post", "check"))
    )
    return str(world.model(body))


@pytest.mark.parametrize("by_person", [False, True])
def test_return_undoes_what_was_posted_since_its_target(world: Any, by_person: bool) -> None:
    done: list[str] = []
    for name in ("post", "unpost"):
        world.handlers.add(Handler(name, Text(name, name), lambda tx, inputs, name=name: done.append(name) or {}))
    extension = '<extensionElements><school:handler name="unpost"/></extensionElements>'
    undo = f'<serviceTask id="undo" name="undo" isForCompensation="true">{extension}</serviceTask>'
    if by_person:
        undo = world.task("undo", '<school:assignee rule="role:finance"/>', attributes=ALL)
        undo = undo.replace("<userTask ", '<userTask isForCompensation="true" ')
    world.deploy(posting(world, undo))
    case = world.start()
    world.done("ann", case, "ask")
    check = world.open(case)["check"].id
    world.run("fay", lambda tx: tasks.claim(tx, check))
    shown = world.run("fay", lambda tx: tasks.return_to(tx, check, "ask", dry_run=True))
    assert [(one.kind, one.name, one.undone_by) for one in shown.already_done] == [("posted", "post", "undo")]
    world.run("fay", lambda tx: tasks.return_to(tx, check, "ask", "wrong sum"))
    if by_person:
        assert set(world.open(case)) == {"undo"}
        world.done("fay", case, "undo")
    assert (set(world.open(case)), done) == ({"ask"}, ["post"] if by_person else ["post", "unpost"])
    world.done("ann", case, "ask")
    assert set(world.open(case)) == {"check"}


def undoable(node: str, undo: str) -> str:
    """A handler `node` and the one that undoes it."""
    work = '<extensionElements><school:handler name="{}"/></extensionElements>'
    return f'<serviceTask id="{node}">{work.format(node)}</serviceTask>' + undone(node, undo)


def undone(node: str, undo: str) -> str:
    """The handler `undo` undoes the activity."""
    return (
        f'<boundaryEvent id="b_{node}" attachedToRef="{node}"><compensateEventDefinition/></boundaryEvent>'
        f'<serviceTask id="{undo}" isForCompensation="true"><extensionElements><school:handler name="{undo}"/>'
        f'</extensionElements></serviceTask><association id="l_{node}" associationDirection="One" '
        f'sourceRef="b_{node}" targetRef="{undo}"/>'
    )


def test_sub_process_that_was_gone_back_into_is_undone_from_there_and_compensated_once(world: Any) -> None:
    """Its own handler is for a completion, so not for the one that was taken back; what was kept in it stays done."""
    done: list[str] = []
    for name in ("book", "unbook", "post", "unpost", "unsub"):
        world.handlers.add(Handler(name, Text(name, name), lambda tx, inputs, name=name: done.append(name) or {}))
    inside = (
        '<startEvent id="begin"/>'
        + undoable("book", "unbook")
        + world.task("inside", world.decides("role:finance"), attributes=ALL)
        + undoable("post", "unpost")
        + world.flows(("begin", "book"), ("book", "inside"), ("inside", "post"))
    )
    body = (
        f'<startEvent id="s"/><subProcess id="sub">{inside}</subProcess>{undone("sub", "unsub")}'
        + world.task("check", world.decides("role:finance"), attributes=ALL)
        + '<endEvent id="stop"><compensateEventDefinition/></endEvent>'
        + world.flows(("s", "sub"), ("sub", "check"), ("check", "stop"))
    )
    world.deploy(world.model(body))
    case = world.start()
    world.done("fay", case, "inside", "approve")
    check = world.open(case)["check"].id
    world.run("fay", lambda tx: tasks.claim(tx, check))
    world.run("fay", lambda tx: tasks.return_to(tx, check, "inside", "again"))
    assert (done, set(world.open(case))) == (["book", "post", "unpost"], {"inside"})
    world.done("fay", case, "inside", "approve")
    world.done("fay", case, "check", "approve")
    assert (done[3:], world.view(case).status) == (["post", "unsub"], "completed")


def mended(world: Any) -> Any:
    """A case whose third task is open, after a request and a first check."""
    body = (
        '<startEvent id="s"/>'
        + world.task("ask", '<school:assignee rule="starter"/>', attributes=ALL)
        + world.task("first", world.decides("role:finance"), attributes=ALL)
        + world.task("second", world.decides("role:principal"), attributes=ALL)
        + world.flows(("s", "ask"), ("ask", "first"), ("first", "second"))
    )
    world.deploy(world.model(body))
    case = world.start()
    world.done("ann", case, "ask", amount=1)
    world.done("fay", case, "first", "approve")
    return case


@pytest.mark.parametrize("target", ["ask", "starter"])
def test_direct_return_comes_straight_back_with_the_mended_values(world: Any, target: str) -> None:
    case = mended(world)
    second = world.open(case)["second"].id
    shown = world.run("pat", lambda tx: tasks.return_to(tx, second, target, dry_run=True, direct=True))
    assert (shown.cancels, shown.reopened) == ((), ("ask",))
    world.run("pat", lambda tx: tasks.return_to(tx, second, target, "wrong amount", direct=True))
    assert {node: row.assignee for node, row in world.open(case).items()} == {"ask": "ann"}
    world.done("ann", case, "ask", amount=2)
    assert {node: row.id for node, row in world.open(case).items()} == {"second": second}
    assert world.view(case).variables["amount"] == 2
    world.done("pat", case, "second", "approve")
    assert world.view(case).status == "completed"


def test_refused_direct_return_comes_back_without_changing_what_was_decided(world: Any) -> None:
    case = mended(world)
    second = world.open(case)["second"].id
    world.run("pat", lambda tx: tasks.return_to(tx, second, "first", "sure?", direct=True))
    world.done("fay", case, "first", "reject")
    assert (set(world.open(case)), world.view(case).variables["first"]["outcome"]) == ({"second"}, "approve")


def test_values_of_a_signer_asked_before_the_decision_are_kept(world: Any) -> None:
    case = mended(world)
    second = world.open(case)["second"].id
    world.run("pat", lambda tx: tasks.add_signer(tx, second, ["sam"], "before"))
    world.done("sam", case, "second", "approve", checked="yes")
    assert (world.view(case).variables["checked"], set(world.open(case))) == ("yes", {"second"})


def test_return_from_the_side_branch_of_an_open_task_begins_that_task_anew_and_not_twice(world: Any) -> None:
    timer = (
        '<boundaryEvent id="late" attachedToRef="a" cancelActivity="false"><timerEventDefinition>'
        "<timeDuration>PT1H</timeDuration></timerEventDefinition></boundaryEvent>"
    )
    back = world.decides("role:sales")
    body = (
        '<startEvent id="s"/><parallelGateway id="split"/><parallelGateway id="join"/><endEvent id="e"/>'
        + world.task("a", back, attributes=ALL)
        + timer
        + world.task("b", back)
        + world.task("side", back, attributes=ALL)
        + world.flows(("s", "split"), ("split", "a"), ("split", "b"), ("a", "join"), ("b", "join"), ("join", "e"))
        + world.flows(("late", "side"))
    )
    world.deploy(world.model(body))
    case = world.start()
    world.done("ann", case, "a", "approve")
    [done] = [row for row in world.view(case).tasks if row.node_id == "a"]
    world.run("ann", lambda tx: tasks.withdraw(tx, done.id, "too early"))
    world.pass_time(hours=2)
    side = world.open(case)["side"]
    preview = world.run("ann", lambda tx: tasks.return_to(tx, side.id, "a", "again", dry_run=True))
    assert [row.node_id for row in preview.cancels] == ["a", "side"]
    world.run("ann", lambda tx: tasks.return_to(tx, side.id, "a", "again"))
    assert [row.node_id for row in world.view(case).tasks if row.status == "open"].count("a") == 1
    world.done("ann", case, "a", "approve")
    world.done("ann", case, "b", "approve")
    assert world.view(case).status == "completed"


def test_withdraw_behind_a_join_that_waits_in_the_next_one_keeps_the_other_branch_arrived(world: Any) -> None:
    gates = "".join(f'<parallelGateway id="{one}"/>' for one in ("split", "fork", "inner", "outer"))
    people = "".join(world.task(one, world.decides("role:sales"), attributes=ALL) for one in ("a", "b", "c"))
    pairs = ["s-split", "split-fork", "split-c", "fork-a", "fork-b", "a-inner", "b-inner", "inner-outer", "c-outer"]
    flows = world.flows(*(tuple(pair.split("-")) for pair in [*pairs, "outer-e"]))
    world.deploy(world.model('<startEvent id="s"/><endEvent id="e"/>' + gates + people + flows))
    case = world.start()
    world.done("ann", case, "a", "approve")
    last = world.open(case)["b"].id
    world.done("ann", case, "b", "approve")
    world.run("ann", lambda tx: tasks.withdraw(tx, last, "oops"))
    assert set(world.open(case)) == {"b", "c"}
    world.done("ann", case, "b", "approve")
    world.done("ann", case, "c", "approve")
    assert world.view(case).status == "completed"


def doubled(world: Any) -> str:
    """The first task gives two tokens, the last but one takes two."""
    give = world.task("give", world.decides("role:sales"), attributes=ALL)
    take = world.task("take", '<school:assignee rule="starter"/>', attributes=ALL)
    body = (
        '<startEvent id="s"/>'
        + give.replace("<userTask ", '<userTask completionQuantity="2" ')
        + world.task("each", world.decides("role:sales"), attributes=ALL)
        + take.replace("<userTask ", '<userTask startQuantity="2" ')
        + '<endEvent id="e"/>'
        + world.flows(("s", "give"), ("give", "each"), ("each", "take"), ("take", "e"))
    )
    return str(world.model(body))


def test_tokens_that_were_gathered_leave_with_the_return_before_their_source(world: Any) -> None:
    world.deploy(doubled(world))
    case = world.start()
    world.done("ann", case, "give", "approve")
    world.done("ann", case, "each", "approve")
    other = world.open(case)["each"].id
    world.run("bob", lambda tx: tasks.return_to(tx, other, "give", "again"))
    world.check()
    world.done("ann", case, "give", "approve")
    world.done("ann", case, "each", "approve")
    assert set(world.open(case)) == {"each"}
    world.done("ann", case, "each", "approve")
    world.done("ann", case, "take")
    assert world.view(case).status == "completed"


def test_tokens_that_are_not_made_again_count_as_gathered(world: Any) -> None:
    world.deploy(doubled(world))
    case = world.start()
    for node in ("give", "each", "each"):
        world.done("ann", case, node, "approve")
    take = world.open(case)["take"].id
    world.run("ann", lambda tx: tasks.return_to(tx, take, "each", "again"))
    world.check()
    world.done("ann", case, "each", "approve")
    world.done("ann", case, "take")
    assert world.view(case).status == "completed"


def two_of_three(world: Any) -> str:
    """Two of three checks are enough; the third is absorbed."""
    body = (
        '<startEvent id="s"/><parallelGateway id="fork"/><complexGateway id="enough"><activationCondition>'
        "activationCount &gt;= 2</activationCondition></complexGateway>"
        + "".join(world.task(key, world.decides("role:sales"), attributes=ALL) for key in "abc")
        + world.task("last", world.decides("role:principal"), attributes=ALL)
        + '<endEvent id="e"/>'
        + world.flows(("s", "fork"), *(("fork", key) for key in "abc"), *((key, "enough") for key in "abc"))
        + '<sequenceFlow id="y1" sourceRef="enough" targetRef="last"/><sequenceFlow id="y2" sourceRef="last" '
        'targetRef="e"/>'
    )
    return str(world.model(body))


@pytest.mark.parametrize("before", [("a", "b"), ("a", "b", "c")])
def test_return_through_a_complex_gateway_opens_it_again(world: Any, before: tuple[str, ...]) -> None:
    """Whether it still waits for the third branch or not: what is done again is enough for it to go on."""
    world.deploy(two_of_three(world))
    case = world.start()
    for node in before:
        world.done("ann", case, node, "approve")
    last = world.open(case)["last"].id
    world.run("pat", lambda tx: tasks.return_to(tx, last, "a", "again"))
    world.check()
    assert set(world.open(case)) == {"a", "c"} - set(before) | {"a"}
    world.done("ann", case, "a", "approve")
    world.check()
    assert "last" in world.open(case)
    world.done("pat", case, "last", "approve")
    for node in {"c"} - set(before):
        world.done("ann", case, node, "approve")
    assert world.view(case).status == "completed"
