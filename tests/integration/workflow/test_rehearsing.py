"""What an operation would mean: it is done, looked at and undone, and nothing of it stays."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from engine.kernel.errors import Conflict
from engine.workflow import instances, tasks
from engine.workflow.rehearsing import Rehearsal, rehearse

ALL = 'operations="claim return transfer delegate withdraw add_signer remove_signer cc urge save"'


def paid(world: Any) -> str:
    """Asking, a decision by finance, a message to the family, the principal's signature."""
    send = '<extensionElements><school:send connector="sms" to="=phone" text="paid"/></extensionElements>'
    body = (
        '<startEvent id="s"/>'
        + world.task("ask", '<school:assignee rule="starter"/>', attributes=ALL)
        + world.task("check", world.decides("role:finance"), attributes=ALL)
        + f'<sendTask id="tell" name="Tell the family">{send}</sendTask>'
        + world.task("sign", world.decides("role:principal"), attributes=ALL)
        + '<endEvent id="e"/>'
        + world.flows(("s", "ask"), ("ask", "check"), ("check", "tell"), ("tell", "sign"), ("sign", "e"))
    )
    return str(world.model(body))


def told(found: Rehearsal) -> list[tuple[str, str, str]]:
    return [(one.name, one.why, one.task) for one in found.told]


def rehearsed(world: Any, who: str, case: UUID, act: Any) -> Rehearsal:
    found: Rehearsal = world.run(who, lambda tx: rehearse(tx, case, lambda: act(tx)))
    return found


def test_rehearsal_names_whom_each_operation_reaches_and_leaves_the_case_as_it_was(world: Any) -> None:
    world.deploy(paid(world))
    case = world.start(phone="13800000000")
    world.done("ann", case, "ask")
    check = world.open(case)["check"].id
    back = rehearsed(world, "fay", case, lambda tx: tasks.return_to(tx, check, "ask", "count again"))
    assert told(back) == [("Ann", "opened", "ask"), ("Fin", "closed", "check")]
    forward = rehearsed(world, "fay", case, lambda tx: tasks.complete(tx, check, "approve"))
    assert (told(forward)[0], forward.ends) == (("Pat", "opened", "sign"), False)
    assert [(one.channel, one.step, one.count) for one in forward.sends] == [("sms", "Tell the family", 1)]
    ended = rehearsed(world, "adm", case, lambda tx: instances.cancel(tx, case, "no longer"))
    assert told(ended) == [("Fay", "closed", "check"), ("Fin", "closed", "check"), ("Ann", "ended", "")]
    assert (set(world.open(case)), world.open(case)["check"].id) == ({"check"}, check)
    sent = world.run("adm", lambda tx: tx.query("select 1 from outbox where instance_id = %(id)s", {"id": case}))
    assert (sent, world.view(case).status) == ([], "active")


def test_rehearsal_of_what_is_refused_is_refused_alike(world: Any) -> None:
    world.deploy(paid(world))
    case = world.start(phone="13800000000")
    ask = world.open(case)["ask"].id
    with pytest.raises(Conflict, match="not done"):
        rehearsed(world, "ann", case, lambda tx: tasks.withdraw(tx, ask))
