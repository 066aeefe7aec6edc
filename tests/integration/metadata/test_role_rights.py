"""Administration rights of roles: granted by name, never more than one has, kept over the next release."""

import ast
from collections.abc import Iterator

import pytest

from engine.kernel.errors import Conflict, Forbidden, NotFound, UserError
from engine.metadata import organisation, rights, snapshot
from engine.metadata.known_rights import RIGHTS
from engine.metadata.organisation.role_rights import set_rights
from engine.workflow.runtime import DEPLOY, OPERATE, PASS_APPROVAL, SEND_MESSAGE, VIEW
from tests.unit.docs.places import modules

_ASKING = {"require_right", "has_right", "branches_with"}


def _asked() -> Iterator[str]:
    """The rights that the code asks for by a literal name."""
    for module in modules():
        for call in ast.walk(module.tree):
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name | ast.Attribute):
                continue
            name = call.func.id if isinstance(call.func, ast.Name) else call.func.attr
            if name in _ASKING and len(call.args) > 1 and isinstance(call.args[1], ast.Constant):
                yield str(call.args[1].value)


def test_every_right_that_is_asked_for_can_be_granted():
    known = {one.key for one in RIGHTS}
    assert set(_asked()) | {OPERATE, DEPLOY, VIEW, PASS_APPROVAL, SEND_MESSAGE, "manage_connectors"} <= known
    assert all(one.label.zh and one.label.en and one.meaning.zh and one.meaning.en for one in RIGHTS)


def test_rights_hold_where_the_role_is_held(school):
    east, west = school.branches["east"], school.branches["west"]
    school.run("boss", lambda tx: set_rights(tx, "principal", frozenset({"manage_connectors", "pass_approvals"})))
    for right, branch, holds in (("manage_connectors", east, True), ("pass_approvals", east, True),
                                 ("manage_connectors", west, False), ("manage_users", east, False)):  # fmt: skip
        assert school.run("east_principal", lambda tx, r=right, b=branch: rights.has_right(tx, r, b)) is holds


def test_messages_are_granted_by_name_or_all_at_once(school):
    school.run("boss", lambda tx: set_rights(tx, "principal", frozenset({"send_message:lead.received"})))
    assert school.run("east_principal", lambda tx: rights.has_right(tx, "send_message:lead.received"))
    assert not school.run("east_principal", lambda tx: rights.has_right(tx, "send_message:payment.received"))
    school.run("boss", lambda tx: set_rights(tx, "principal", frozenset({"send_message:*"})))
    assert school.run("east_principal", lambda tx: rights.has_right(tx, "send_message:payment.received"))
    assert not school.run("east_principal", lambda tx: rights.has_right(tx, "manage_users"))


@pytest.mark.parametrize("name", ["fly", "send_message", "send_message:", "manage_users:x", "*", ""])
def test_rights_that_do_not_exist_are_named(school, name):
    with pytest.raises(UserError) as caught:
        school.run("boss", lambda tx: set_rights(tx, "principal", frozenset({name})))
    assert caught.value.code == "unknown_right"


def test_nobody_gives_a_right_they_do_not_have(school):
    school.run("boss", lambda tx: set_rights(tx, "principal", frozenset({"manage_roles", "manage_users"})))
    with pytest.raises(Forbidden) as caught:
        school.run("east_principal", lambda tx: set_rights(tx, "sales", frozenset({"view_history"})))
    assert caught.value.code == "more_than_held"
    with pytest.raises(Forbidden):
        school.run("east_sales1", lambda tx: set_rights(tx, "sales", frozenset()))
    with pytest.raises(Conflict):
        school.run("boss", lambda tx: set_rights(tx, "admin", frozenset({"manage_users"})))
    with pytest.raises(NotFound):
        school.run("boss", lambda tx: set_rights(tx, "nobody_has_this", frozenset()))


def test_changed_rights_outlive_the_next_release(school):
    school.run("boss", lambda tx: set_rights(tx, "principal", frozenset({"view_history"})))
    school.run("system", lambda tx: organisation.install(tx, "学校"))
    assert school.run("boss", lambda tx: snapshot.load(tx).roles["principal"].rights) == {"view_history"}
    assert school.run("boss", lambda tx: snapshot.load(tx).roles["auditor"].rights) >= {"verify_history"}
