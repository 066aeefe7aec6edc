"""Administration: users, roles, positions, credentials, and that nobody grants more than they have."""

from datetime import timedelta

import pytest

from engine.kernel.actor import Actor, ActorKind
from engine.kernel.errors import Conflict, Forbidden, NotFound, TooManyRequests, Unauthenticated, UserError
from engine.kernel.text import Text
from engine.metadata import access, directory, organisation, query, records
from engine.metadata.organisation import credentials
from engine.metadata.query import Query
from engine.metadata.snapshot import Grant

PASSWORD = "correct horse 9"


def test_install_may_be_repeated(school):
    assert school.run("system", lambda tx: organisation.install(tx, "另一个")) == school.branches["hq"]
    assert len(school.run("system", organisation.list_branches)) == 3


def test_branches_need_the_right_and_a_free_key(school):
    hq = school.branches["hq"]
    with pytest.raises(Forbidden):
        school.run("east_principal", lambda tx: organisation.create_branch(tx, key="north", name="北", parent_id=hq))
    with pytest.raises(Conflict):
        school.run("boss", lambda tx: organisation.create_branch(tx, key="east", name="东", parent_id=hq))
    with pytest.raises(UserError):
        school.run(
            "boss", lambda tx: organisation.create_branch(tx, key="n", name="北", parent_id=hq, zone="Mars/Base")
        )


def test_a_principal_manages_users_of_its_branch_only(school):
    def create(tx, branch):
        return organisation.create_user(tx, username="new", name="新人", branch_id=school.branches[branch])

    with pytest.raises(Forbidden):
        school.run("east_principal", lambda tx: create(tx, "west"))
    assert school.run("east_principal", lambda tx: create(tx, "east"))
    with pytest.raises(Conflict):
        school.run("boss", lambda tx: create(tx, "west"))


def test_nobody_grants_more_than_they_have(school):
    nobody, east = school.user_id("nobody"), school.branches["east"]
    for role in ("admin", "auditor", "sales"):
        with pytest.raises(Forbidden) as caught:
            school.run("east_principal", lambda tx, r=role: organisation.assign_role(tx, r, east, user_id=nobody))
        assert caught.value.code == "more_than_held"
    school.run("east_principal", lambda tx: organisation.assign_role(tx, "teacher", east, user_id=nobody))
    with pytest.raises(Forbidden):
        school.run("east_principal", lambda tx: organisation.set_grant(tx, "sales", "enquiry", scopes={}, fields={}))
    school.run("boss", lambda tx: organisation.assign_role(tx, "sales", east, user_id=nobody))
    assert school.run("nobody", lambda tx: access.can(tx, "create", "enquiry")) is True


def test_row_rule_that_names_the_actor_is_each_ones_own(school):
    where = 'intent = "a" and owner_id = actor.id'
    school.run(
        "boss",
        lambda tx: organisation.set_grant(
            tx, "sales", "enquiry", scopes={"read": "all", "create": "branch"}, fields={"*": "write"}, where=where
        ),
    )
    for name in ("east_sales1", "east_sales2"):
        school.run(name, lambda tx, n=name: records.create(tx, "enquiry", {"name": n, "intent": "a"}))
    for name in ("east_sales1", "east_sales2", "east_sales1"):
        page = school.run(name, lambda tx: query.fetch(tx, Query("enquiry")))
        assert [record.values["name"] for record in page.items] == [name]


def test_a_custom_role_carries_only_rights_its_maker_has(school):
    school.run("boss", lambda tx: organisation.create_role(tx, key="desk", label=Text("前台", "Desk")))
    school.run(
        "boss",
        lambda tx: organisation.set_grant(
            tx, "desk", "enquiry", scopes={"read": "branch"}, fields={"name": "read"}, where='intent = "a"'
        ),
    )
    school.run(
        "boss",
        lambda tx: organisation.assign_role(tx, "desk", school.branches["east"], user_id=school.user_id("nobody")),
    )
    for name, intent in (("甲", "a"), ("乙", "b")):
        school.run("east_sales1", lambda tx, n=name, i=intent: records.create(tx, "enquiry", {"name": n, "intent": i}))
    page = school.run("nobody", lambda tx: query.fetch(tx, Query("enquiry")))
    assert [record.values["name"] for record in page.items] == ["甲"]
    assert "phone" not in page.items[0].values
    with pytest.raises(UserError):
        school.run(
            "boss", lambda tx: organisation.set_grant(tx, "desk", "enquiry", scopes={}, fields={}, where="nonsense = 1")
        )


def test_the_last_administrator_stays(school):
    with pytest.raises(Conflict):
        school.run(
            "boss",
            lambda tx: organisation.unassign_role(tx, "admin", school.branches["hq"], user_id=school.user_id("boss")),
        )


def test_positions_make_teams_and_superiors(school):
    east = school.branches["east"]

    def build(tx):
        head = organisation.create_position(tx, key="head", name="校长", branch_id=east, is_branch_head=True)
        lead = organisation.create_position(tx, key="lead", name="主管", branch_id=east, superior_id=head)
        seat = organisation.create_position(tx, key="seat", name="顾问", branch_id=east, superior_id=lead)
        organisation.hold_position(tx, head, school.user_id("east_principal"))
        organisation.hold_position(tx, lead, school.user_id("east_head"))
        organisation.hold_position(tx, seat, school.user_id("east_sales1"))

    school.run("boss", build)
    school.run(
        "boss",
        lambda tx: organisation.set_grant(tx, "sales_head", "enquiry", scopes={"read": "team"}, fields={"*": "read"}),
    )
    for user in ("east_sales1", "east_sales2"):
        school.run(user, lambda tx, u=user: records.create(tx, "enquiry", {"name": u}))
    page = school.run("east_head", lambda tx: query.fetch(tx, Query("enquiry")))
    assert [record.values["name"] for record in page.items] == ["east_sales1"]
    one = school.user_id("east_sales1")
    found = school.run("system", lambda tx: [directory.superiors(tx, one, n) for n in (1, 2, 9)])
    assert found == [
        [school.user_id("east_head")],
        [school.user_id("east_principal")],
        [school.user_id("east_principal")],
    ]
    assert school.run("system", lambda tx: directory.branch_head(tx, east)) == [school.user_id("east_principal")]
    assert school.run("system", lambda tx: directory.position_holders(tx, "lead", east)) == [
        school.user_id("east_head")
    ]


def test_directory_falls_back_to_the_branch_above(school):
    east, west = school.branches["east"], school.branches["west"]
    assert school.run("system", lambda tx: directory.users_with_role(tx, "sales", east)) == [
        school.user_id("east_sales1"), school.user_id("east_sales2")
    ]  # fmt: skip
    assert school.run("system", lambda tx: directory.users_with_role(tx, "auditor", west)) == [
        school.user_id("auditor")
    ]
    assert school.run("system", lambda tx: directory.branch_head(tx, west)) == [school.user_id("west_principal")]


def test_groups_carry_roles(school):
    def build(tx):
        group = organisation.create_group(tx, key="night", name="晚班", branch_id=school.branches["west"])
        organisation.assign_role(tx, "sales", school.branches["west"], group_id=group)
        organisation.add_group_member(tx, group, school.user_id("nobody"))
        return group

    group = school.run("boss", build)
    assert school.run("nobody", lambda tx: access.can(tx, "read", "enquiry")) is True
    assert school.run("system", lambda tx: directory.group_members(tx, "night")) == [school.user_id("nobody")]
    school.run("boss", lambda tx: organisation.leave_group(tx, group, school.user_id("nobody")))
    assert school.run("nobody", lambda tx: access.can(tx, "read", "enquiry")) is False


def test_a_deactivated_user_has_nothing_at_once(school):
    token = school.run("boss", lambda tx: organisation.issue_token(tx, school.user_id("east_sales1")))
    school.run("boss", lambda tx: organisation.deactivate_user(tx, school.user_id("east_sales1")))
    assert school.run("east_sales1", lambda tx: access.can(tx, "read", "enquiry")) is False
    with pytest.raises(Unauthenticated):
        school.run("system", lambda tx: organisation.require_token(tx, token))


def test_sign_in_tokens_and_rate_limit(school, clock):
    one = school.user_id("east_sales1")
    school.run("boss", lambda tx: organisation.set_password(tx, one, PASSWORD))

    def attempt(password, username="east_sales1"):
        return school.run("system", lambda tx: organisation.sign_in(tx, username, password, "127.0.0.1"))

    assert attempt(PASSWORD, " East_Sales1 ").id == one
    assert attempt("wrong") is None
    assert attempt(PASSWORD, "nosuch") is None
    token = school.run("east_sales1", lambda tx: organisation.issue_token(tx, one, label="手机"))
    assert school.run("system", lambda tx: organisation.require_token(tx, token)).id == str(one)
    for _ in range(7):
        attempt("wrong")
    with pytest.raises(TooManyRequests):
        attempt(PASSWORD)
    clock.advance(timedelta(minutes=16))
    assert attempt(PASSWORD).id == one
    school.run("east_sales1", lambda tx: organisation.revoke_token(tx, token))
    with pytest.raises(Unauthenticated):
        school.run("system", lambda tx: organisation.require_token(tx, token))


def test_tokens_expire_and_a_new_password_ends_them(school, clock):
    one = school.user_id("east_sales1")
    school.run("boss", lambda tx: organisation.set_password(tx, one, PASSWORD))
    token = school.run("boss", lambda tx: organisation.issue_token(tx, one))
    school.run("east_sales1", lambda tx: organisation.change_password(tx, PASSWORD, "another horse 9"))
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            school.run("system", lambda tx, t=token: organisation.require_token(tx, t))
        token = school.run("boss", lambda tx: organisation.issue_token(tx, one))
        clock.advance(credentials.TOKEN_LIFE)
    with pytest.raises(UserError):
        school.run("boss", lambda tx: organisation.set_password(tx, one, "short"))
    with pytest.raises(Forbidden):
        school.run("east_sales2", lambda tx: organisation.set_password(tx, one, PASSWORD))


def test_sharing_rules_shares_and_forbids(school):
    record = school.run("east_sales1", lambda tx: records.create(tx, "enquiry", {"name": "甲", "fee": "5"}))

    def seen(user):
        return school.run(user, lambda tx: query.count(tx, Query("enquiry"))).value

    assert seen("east_sales2") == 0
    school.run(
        "east_head", lambda tx: organisation.share_record(tx, "enquiry", record.id, school.user_id("east_sales2"))
    )
    assert seen("east_sales2") == 1
    with pytest.raises(Forbidden):
        school.run("east_sales2", lambda tx: records.update(tx, "enquiry", record.id, 1, {"fee": "6"}))
    school.run(
        "east_head", lambda tx: organisation.unshare_record(tx, "enquiry", record.id, school.user_id("east_sales2"))
    )
    assert seen("east_sales2") == 0
    rule = school.run(
        "boss",
        lambda tx: organisation.create_sharing_rule(
            tx, object_key="enquiry", name="小额共享", where="fee < 10", role="sales", branch_id=school.branches["east"]
        ),
    )
    assert (seen("east_sales2"), seen("west_sales")) == (1, 1)
    school.run(
        "boss",
        lambda tx: organisation.create_forbid(
            tx, object_key="enquiry", name="西区不可", actions=["read"], where='contains(name, "甲")',
            user_id=school.user_id("west_sales"),
        ),
    )  # fmt: skip
    assert (seen("east_sales2"), seen("west_sales")) == (1, 0)
    school.run("boss", lambda tx: organisation.remove_sharing_rule(tx, rule))
    assert seen("east_sales2") == 0
    school.run(
        "boss",
        lambda tx: organisation.create_forbid(
            tx, object_key="enquiry", name="不看电话", fields=["phone"], user_id=school.user_id("east_sales1")
        ),
    )
    assert school.run("east_sales1", lambda tx: access.levels(tx, "enquiry"))["phone"] == "none"


def test_task_grants_open_listed_fields_of_one_record(school, clock):
    record = school.run(
        "east_sales1", lambda tx: records.create(tx, "enquiry", {"name": "甲", "fee": "5", "phone": "13800138000"})
    )
    task, helper = record.id, school.user_id("nobody")

    def read(tx):
        return records.get(tx, "enquiry", record.id).values

    school.run(
        "system", lambda tx: access.grant_task(tx, task, helper, "enquiry", record.id, {"name": "read", "fee": "write"})
    )
    values = school.run("nobody", read)
    assert values["name"] == "甲"
    assert "phone" not in values
    school.run("nobody", lambda tx: records.update(tx, "enquiry", record.id, 1, {"fee": "6"}))
    with pytest.raises(Forbidden):
        school.run("nobody", lambda tx: records.update(tx, "enquiry", record.id, 2, {"phone": None}))
    with pytest.raises(Forbidden):
        school.run("nobody", lambda tx: query.fetch(tx, Query("enquiry")))
    forbid = school.run(
        "boss",
        lambda tx: organisation.create_forbid(
            tx, object_key="enquiry", name="不看姓名", fields=["name"], user_id=helper
        ),
    )
    assert "name" not in school.run("nobody", read)
    school.run("boss", lambda tx: organisation.remove_forbid(tx, forbid))
    school.run("system", lambda tx: access.end_task(tx, task, tx.now + timedelta(days=3)))
    with pytest.raises(Forbidden):
        school.run("nobody", lambda tx: records.update(tx, "enquiry", record.id, 2, {"fee": "7"}))
    assert school.run("nobody", read)["fee"] == 6
    clock.advance(timedelta(days=4))
    with pytest.raises(NotFound):
        school.run("nobody", read)


def test_principals_have_only_what_was_approved(school):
    form = Actor(ActorKind.PUBLIC_FORM, "public_form:enquiry", "网上咨询")
    values = {"name": "网", "phone": "13800138000", "branch_id": str(school.branches["east"])}
    with pytest.raises(Forbidden):
        school.boundary.run(form, lambda tx: records.create(tx, "enquiry", values))
    grant = Grant({"create": "all"}, {"name": "write", "phone": "write"})
    with pytest.raises(Forbidden):
        school.run("east_principal", lambda tx: organisation.approve_principal(tx, form.id, {"enquiry": grant}))
    school.run("boss", lambda tx: organisation.approve_principal(tx, form.id, {"enquiry": grant}))
    record = school.boundary.run(form, lambda tx: records.create(tx, "enquiry", values))
    assert "phone" not in record.values
    with pytest.raises(NotFound):
        school.boundary.run(form, lambda tx: records.get(tx, "enquiry", record.id))
    with pytest.raises(Forbidden):
        school.boundary.run(form, lambda tx: records.create(tx, "enquiry", {**values, "fee": "1"}))


def test_view_as_reads_with_the_other_rights(school):
    with pytest.raises(Forbidden):
        school.run("auditor", lambda tx: access.view_as(tx, school.user_id("nobody")))
    actor = school.run("boss", lambda tx: access.view_as(tx, school.user_id("nobody")))
    assert actor.on_behalf_of == school.actors["boss"].id
    assert school.boundary.run(actor, lambda tx: access.can(tx, "read", "enquiry")) is False
