"""审批操作, each through the database."""

from datetime import timedelta
from typing import Any

import pytest

from engine.kernel.actor import SYSTEM
from engine.kernel.errors import Conflict, Forbidden, TooManyRequests, UserError
from engine.workflow import substitutions, tasks

ALL = 'operations="claim return transfer delegate withdraw add_signer remove_signer cc urge save"'


def two_steps(world: Any) -> str:
    body = (
        '<startEvent id="s"/>'
        + world.task("ask", '<school:assignee rule="starter"/>', attributes=ALL)
        + world.task("first", world.decides("role:sales"), attributes=ALL)
        + world.task("second", world.decides("role:finance"), attributes=f'{ALL} distinct_from="first"')
        + '<endEvent id="e"/>'
        + world.flows(("s", "ask"), ("ask", "first"), ("first", "second"), ("second", "e"))
    )
    return world.model(body)


def at_first(world: Any) -> Any:
    world.deploy(two_steps(world))
    case = world.start()
    world.done("ann", case, "ask")
    return case


def act(world: Any, who: str, case: Any, node: str, name: str, *args: Any, **kw: Any) -> Any:
    task_id = world.open(case)[node].id
    return world.run(who, lambda tx: getattr(tasks, name)(tx, task_id, *args, **kw))


def test_claim_takes_the_task_from_the_others_and_unclaim_gives_it_back(world: Any) -> None:
    case = at_first(world)
    act(world, "bob", case, "first", "claim")
    assert [row.node_id for row in world.box("bob")] == ["first"]
    assert world.box("ann", "candidate") == []
    with pytest.raises(Conflict, match="task_claimed"):
        act(world, "ann", case, "first", "claim")
    act(world, "bob", case, "first", "unclaim")
    assert len(world.box("ann", "candidate")) == 1


def test_transfer_and_delegate_hand_over_and_resolve_comes_back(world: Any) -> None:
    case = at_first(world)
    act(world, "bob", case, "first", "claim")
    act(world, "bob", case, "first", "transfer", "sam", "busy")
    assert [row.node_id for row in world.box("sam")] == ["first"]
    act(world, "sam", case, "first", "delegate", "ann")
    with pytest.raises(Conflict, match="task_delegated"):
        world.done("ann", case, "first", "approve")
    act(world, "ann", case, "first", "resolve", "looks fine")
    world.done("sam", case, "first", "approve")
    assert "second" in world.open(case)


def test_draft_is_its_writers_own_and_goes_on_without_his_comment(world: Any) -> None:
    case = at_first(world)
    act(world, "bob", case, "first", "save", {"amount": "12.50"}, "not sure yet")
    view, other = act(world, "bob", case, "first", "get"), act(world, "ann", case, "first", "get")
    assert (view.draft, view.draft_comment, other.draft) == ({"amount": "12.50"}, "not sure yet", None)
    act(world, "bob", case, "first", "claim")
    act(world, "bob", case, "first", "transfer", "sam")
    view = act(world, "sam", case, "first", "get")
    assert (view.draft, view.draft_comment) == ({"amount": "12.50"}, "")
    act(world, "sam", case, "first", "save", {})
    assert act(world, "sam", case, "first", "get").draft is None


def test_before_signer_decides_first_then_the_task_comes_back(world: Any) -> None:
    case = at_first(world)
    act(world, "bob", case, "first", "claim")
    act(world, "bob", case, "first", "add_signer", ["sam", "tea"], "before", "please look")
    assert world.box("bob") == []
    sam = world.box("sam")[0].id
    world.run("sam", lambda tx: tasks.complete(tx, sam, "approve"))
    tea = world.box("tea")[0].id
    world.run("tea", lambda tx: tasks.complete(tx, tea, "reject", {}, "no"))
    assert [row.node_id for row in world.box("bob")] == ["first"]
    world.done("bob", case, "first", "approve")
    assert set(world.open(case)) == {"second"}


def test_after_signer_agrees_and_the_decision_stands(world: Any) -> None:
    case = at_first(world)
    act(world, "bob", case, "first", "claim")
    act(world, "bob", case, "first", "add_signer", ["sam"], "after")
    assert world.box("sam") == []
    world.done("bob", case, "first", "approve", amount=7)
    assert set(world.open(case)) == {"first"}
    sam = world.box("sam")[0].id
    world.run("sam", lambda tx: tasks.complete(tx, sam, "approve"))
    variables = world.view(case).variables
    assert (variables["first"]["outcome"], variables["first"]["by"], variables["amount"]) == ("approve", "bob", 7)


def test_decision_that_stands_because_its_last_signer_was_taken_back_can_be_withdrawn(world: Any) -> None:
    case = at_first(world)
    act(world, "bob", case, "first", "claim")
    act(world, "bob", case, "first", "add_signer", ["sam"], "after")
    done = world.open(case)["first"].id
    world.done("bob", case, "first", "approve", amount=7)
    world.run("bob", lambda tx: tasks.remove_signer(tx, world.box("sam")[0].id))
    assert world.view(case).variables["first"]["outcome"] == "approve"
    world.run("bob", lambda tx: tasks.withdraw(tx, done))
    assert ([one.node_id for one in world.box("bob")], world.box("sam")) == (["first"], [])


def test_after_signer_overrules_with_a_refusal(world: Any) -> None:
    case = at_first(world)
    act(world, "bob", case, "first", "claim")
    act(world, "bob", case, "first", "add_signer", ["sam"], "after")
    world.done("bob", case, "first", "approve")
    sam = world.box("sam")[0].id
    world.run("sam", lambda tx: tasks.complete(tx, sam, "reject", {}, "too much"))
    assert world.view(case).variables["first"]["outcome"] == "reject"


def test_removed_signer_gives_the_task_back(world: Any) -> None:
    case = at_first(world)
    act(world, "bob", case, "first", "claim")
    act(world, "bob", case, "first", "add_signer", ["sam"], "before")
    sam = world.box("sam")[0].id
    with pytest.raises(Forbidden):
        world.run("ann", lambda tx: tasks.remove_signer(tx, sam))
    [(waiting,)] = world.sql("select id from user_task where status = 'waiting'")
    assert world.run("bob", lambda tx: tasks.get(tx, waiting)).operations == ("remove_signer",)
    assert "remove_signer" not in world.run("adm", lambda tx: tasks.get(tx, waiting)).operations
    world.run("bob", lambda tx: tasks.remove_signer(tx, sam))
    assert (world.box("sam"), len(world.box("bob"))) == ([], 1)


def test_return_previews_then_reopens_for_who_did_it(world: Any) -> None:
    case = at_first(world)
    world.done("bob", case, "first", "approve")
    targets = act(world, "fay", case, "second", "return_targets")
    assert [one.node_id for one in targets] == ["ask", "first"]
    preview = act(world, "fay", case, "second", "return_to", "first", "", dry_run=True)
    assert ([t.node_id for t in preview.cancels], preview.reopens) == (["second"], ("first",))
    assert set(world.open(case)) == {"second"}
    act(world, "fay", case, "second", "return_to", "first", "numbers wrong")
    assert [row.node_id for row in world.box("bob")] == ["first"]
    assert world.box("ann", "candidate") == []


def test_return_to_starter_and_end(world: Any) -> None:
    case = at_first(world)
    act(world, "bob", case, "first", "return_to", "starter", "mend it")
    assert [row.node_id for row in world.box("ann")] == ["ask"]
    world.done("ann", case, "ask")
    act(world, "bob", case, "first", "return_to", "end", "forget it")
    assert world.view(case).status == "cancelled"


def test_return_needs_a_comment(world: Any) -> None:
    case = at_first(world)
    with pytest.raises(UserError, match="comment_required"):
        act(world, "bob", case, "first", "return_to", "ask", "")


def test_withdraw_takes_back_what_nobody_has_touched(world: Any) -> None:
    case = at_first(world)
    task_id = world.open(case)["first"].id
    world.run("bob", lambda tx: tasks.complete(tx, task_id, "approve"))
    world.run("bob", lambda tx: tasks.withdraw(tx, task_id, "oops"))
    assert [row.node_id for row in world.box("bob")] == ["first"]
    assert set(world.open(case)) == {"first"}


def test_withdraw_is_refused_once_somebody_acted(world: Any) -> None:
    case = at_first(world)
    task_id = world.open(case)["first"].id
    world.run("bob", lambda tx: tasks.complete(tx, task_id, "approve"))
    act(world, "fay", case, "second", "claim")
    with pytest.raises(Conflict, match="already_acted"):
        world.run("bob", lambda tx: tasks.withdraw(tx, task_id))


def test_reject_takes_the_refusing_outcome(world: Any) -> None:
    case = at_first(world)
    act(world, "bob", case, "first", "reject", "no")
    assert world.view(case).variables["first"]["outcome"] == "reject"


def test_distinct_from_counts_persons_and_whom_they_stood_in_for(world: Any) -> None:
    world.deploy(two_steps(world).replace("role:finance", "role:sales"))
    now = world.clock.now()
    world.run("bob", lambda tx: substitutions.create(tx, "bob", "ann", now, now + timedelta(days=1)))
    case = world.start()
    world.done("ann", case, "ask")
    world.done("ann", case, "first", "approve")
    row = world.open(case)["second"]
    assert row.assignee == "bob"


def test_substitute_acts_while_away_and_is_named(world: Any) -> None:
    case = at_first(world)
    act(world, "bob", case, "first", "claim")
    now = world.clock.now()
    world.run("bob", lambda tx: substitutions.create(tx, "bob", "sam", now, now + timedelta(days=1)))
    assert [row.node_id for row in world.box("sam")] == ["first"]
    world.done("sam", case, "first", "approve")
    assert world.sql("select user_id, acting_for from task_vote where node_id = 'first'") == [("sam", "bob")]


def test_cc_and_urge_reach_people(world: Any) -> None:
    case = at_first(world)
    act(world, "bob", case, "first", "cc", ["tea"], "fyi")
    assert [row.node_id for row in world.box("tea", "cc")] == ["first"]
    act(world, "ann", case, "first", "urge", "please")
    with pytest.raises(TooManyRequests):
        act(world, "ann", case, "first", "urge")
    assert [one.kind for one in act(world, "bob", case, "first", "get").events] == ["copied", "urged"]


def reminded(world: Any, reminder: str) -> Any:
    content = world.decides("role:sales") + f"<school:reminder {reminder}/>"
    body = '<startEvent id="s"/>' + world.task("first", content) + world.flows(("s", "first"))
    world.deploy(world.model(body))
    return world.start()


def test_reminder_urges_and_repeats(world: Any) -> None:
    case = reminded(world, 'after="PT1H" repeat="PT1H"')
    world.pass_time(hours=1)
    world.pass_time(hours=1)
    events = act(world, "bob", case, "first", "get").events
    assert [one.kind for one in events] == ["reminded", "reminded"]


def test_reminder_escalates_to_the_superior(world: Any) -> None:
    reminded(world, 'after="PT1H" action="escalate"')
    world.pass_time(hours=1)
    assert [row.node_id for row in world.box("pat")] == ["first"]
    assert world.box("ann", "candidate") == []


def test_time_approves_without_being_a_vote(world: Any) -> None:
    case = reminded(world, 'after="PT1H" action="approve"')
    world.pass_time(hours=1)
    assert world.view(case).status == "completed"
    assert world.sql("select count(*) from task_vote") == [(0,)]


def test_nobody_to_assign_is_an_incident_an_operator_settles_by_transfer(world: Any) -> None:
    body = '<startEvent id="s"/>' + world.task("first", world.decides("role:ghost"), attributes='empty="fail"')
    world.deploy(world.model(body + world.flows(("s", "first"))))
    case = world.start()
    assert [one.kind for one in world.view(case).incidents] == ["no_assignee"]
    act(world, "adm", case, "first", "transfer", "sam")
    assert [one.resolved_at is None for one in world.view(case).incidents] == [False]
    world.done("sam", case, "first", "approve")


def test_least_load_and_round_robin_share_the_work(world: Any) -> None:
    content = '<school:assignee rule="role:teacher" strategy="{}"/>'
    for key, strategy in (("least", "least_load"), ("round", "round_robin")):
        body = '<startEvent id="s"/>' + world.task("t", content.format(strategy)) + world.flows(("s", "t"))
        world.deploy(world.model(body, key=key))
    for _ in range(6):
        world.start("least")
    for _ in range(6):
        world.start("round")
    counted = world.sql("select process_key, assignee, count(*) from user_task group by 1, 2 order by 1, 2")
    assert [row[2] for row in counted] == [2, 2, 2, 2, 2, 2]


def test_skip_rule_passes_a_task_nobody_needs_to_do(world: Any) -> None:
    body = (
        '<startEvent id="s"/>'
        + world.task("self", world.decides("starter"), attributes='self="skip"')
        + world.task("next", '<school:assignee rule="starter"/>')
        + world.flows(("s", "self"), ("self", "next"))
    )
    world.deploy(world.model(body))
    assert set(world.open(world.start())) == {"next"}
    assert world.run(SYSTEM, lambda tx: None) is None
