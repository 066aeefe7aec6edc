"""Process variables are shown by the access class they declare, to operators too."""

from typing import Any
from uuid import UUID

import pytest

from engine.workflow import instances

DECLARED = (
    '/><school:variable name="open" access="public"/><school:variable name="inner" access="operators"/>'
    '<school:variable name="phone" access="field:guardian.phone"'
)
VALUES = {"open": "a", "inner": "b", "phone": "138", "undeclared": "c"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [("ann", ["open"]), ("adm", ["inner", "open", "phone", "undeclared"]), ("aud", ["inner", "open", "undeclared"])],
)
def test_variables_follow_their_access_class(world: Any, name: str, expected: list[str]) -> None:
    """`ann` started it, `adm` may do and read everything, `aud` may look at cases but not at guardians' phones."""
    body = '<startEvent id="s"/>' + world.task("t", world.decides("starter")) + world.flows(("s", "t"))
    world.deploy(world.model(body, attributes=DECLARED))
    case = world.run("ann", lambda tx: instances.start(tx, "demo", VALUES, branch_id=world.branch))
    assert sorted(seen(world, name, case)) == expected
    world.done("ann", case, "t", "approve")
    assert world.view(case).status == "completed"
    assert seen(world, name, case) == {key: VALUES[key] for key in expected}


@pytest.mark.parametrize("ending", ["cancelled", "terminated"])
def test_case_keeps_its_variables_however_it_ended(world: Any, ending: str) -> None:
    stop = "<terminateEventDefinition/>" if ending == "terminated" else ""
    body = '<startEvent id="s"/>' + world.task("t", world.decides("starter")) + f'<endEvent id="e">{stop}</endEvent>'
    world.deploy(world.model(body + world.flows(("s", "t"), ("t", "e"))))
    case = world.start(amount=7)
    if ending == "cancelled":
        world.run("adm", lambda tx: instances.cancel(tx, case, "no more"))
    else:
        world.done("ann", case, "t", "reject", amount=8)
    assert (world.view(case).status, world.view(case).tokens) == (ending, ())
    assert seen(world, "adm", case)["amount"] == (7 if ending == "cancelled" else 8)


def test_forgotten_record_leaves_no_variables_in_finished_cases(world: Any) -> None:
    body = '<startEvent id="s"/>' + world.task("t", world.decides("starter")) + world.flows(("s", "t"))
    world.deploy(world.model(body))
    guardian = UUID(int=77)
    world.store.rows["guardian", guardian] = {"name": "Li"}
    cases = [
        world.run("ann", lambda tx: instances.start(tx, "demo", {"phone": "138"}, ("guardian", guardian), world.branch))
        for _ in range(2)
    ]
    world.done("ann", cases[0], "t", "approve")
    assert world.run("adm", lambda tx: instances.kept_variables(tx, "guardian", guardian)) == 2
    assert world.run("adm", lambda tx: instances.forget_variables(tx, "guardian", guardian)) == 2
    assert world.run("adm", lambda tx: instances.kept_variables(tx, "guardian", guardian)) == 0
    assert [seen(world, "adm", case) for case in cases] == [{}, {"phone": "138"}]
    world.done("ann", cases[1], "t", "approve")


def seen(world: Any, name: str, case: UUID) -> dict[str, Any]:
    """The values somebody sees, but for what tasks say of themselves."""
    found = world.run(name, lambda tx: instances.get(tx, case)).variables
    return {key: value for key, value in found.items() if key != "t"}
