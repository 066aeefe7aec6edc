"""Process variables are shown by the access class they declare, to operators too."""

from typing import Any

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
    started = world.run("ann", lambda tx: instances.start(tx, "demo", VALUES, branch_id=world.branch))
    view = world.run(name, lambda tx: instances.get(tx, started))
    assert sorted(set(view.variables) & set(VALUES)) == expected
