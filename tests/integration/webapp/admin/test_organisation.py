"""Positions, groups, rules, and why somebody may see something."""

import re

from flask.testing import FlaskClient

from engine.kernel.actor import SYSTEM
from engine.metadata import directory, snapshot
from tests.integration.webapp.admin.conftest import Office


def test_position_gives_its_holder_its_role_and_its_head(office: Office, admin: FlaskClient) -> None:
    east, sales = office.branches["east"], office.users["east_sales1"]
    office.post(admin, "/admin/positions", key="head", name="东城校长", branch=east, is_branch_head="1")
    found = re.search(r"/admin/positions/([0-9a-f-]{36})/people", admin.get("/admin/positions").text)
    assert found is not None
    office.post(admin, f"/admin/positions/{found[1]}/people", user=sales)
    office.post(admin, f"/admin/positions/{found[1]}/roles", role="auditor", branch=east)
    shown = admin.get("/admin/positions").text
    assert "刘芳" in shown
    assert "校区负责人" in shown
    assert office.platform.boundary.run(SYSTEM, lambda tx: directory.branch_head(tx, east)) == [sales]
    assert "东城校区" in admin.get(f"/admin/users/{sales}").text
    office.post(admin, f"/admin/positions/{found[1]}/people", user=sales, remove="1")
    assert office.platform.boundary.run(SYSTEM, lambda tx: directory.branch_head(tx, east)) == [
        office.users["east_principal"]
    ]


def test_group_takes_a_member_and_a_role(office: Office, admin: FlaskClient) -> None:
    office.post(admin, "/admin/groups", key="watch", name="值班组", branch=office.branches["hq"])
    found = re.search(r"/admin/groups/([0-9a-f-]{36})/people", admin.get("/admin/groups").text)
    assert found is not None
    office.post(admin, f"/admin/groups/{found[1]}/people", user=office.users["east_sales1"])
    members = office.platform.boundary.run(SYSTEM, lambda tx: directory.group_members(tx, "watch"))
    assert set(members) == {office.users["east_sales1"]}


def test_rules_widen_and_narrow_and_are_removed(office: Office, admin: FlaskClient) -> None:
    sharing = {
        "name": "公海共享",
        "object": "lead",
        "who": "role:teacher",
        "where": 'stage = "pool"',
        "masked": "lead.phone",
    }
    forbid = {"name": "不许导出", "object": "lead", "role": "sales", "action": "export"}
    assert office.post(admin, "/admin/rules/sharing", **sharing).status_code == 303
    assert office.post(admin, "/admin/rules/forbids", **forbid).status_code == 303
    shown = admin.get("/admin/rules").text
    assert "公海共享" in shown
    assert "脱敏：联系电话" in shown
    foreign = {**sharing, "name": "错", "masked": "contract.number"}
    assert office.post(admin, "/admin/rules/sharing", **foreign).status_code == 422
    assert "不许导出" in shown
    user = office.users["east_sales1"]
    why = admin.get(f"/admin/users/{user}/explain?object=lead&action=export").text
    assert "禁止规则“不许导出”优先" in why
    for address in re.findall(r'action="(/admin/rules/[a-z]+/[0-9a-f-]{36}/remove)"', shown):
        office.post(admin, address)
    config = office.platform.boundary.run(SYSTEM, snapshot.load)
    assert (config.sharing, config.forbids) == ((), ())


def test_explain_says_why_a_field_is_seen(office: Office, admin: FlaskClient) -> None:
    user = office.users["east_sales1"]
    text = admin.get(f"/admin/users/{user}/explain?object=lead&field=name").text
    assert "notice is-success" in text
    sales = office.open_client("east_sales1")
    assert sales.get(f"/admin/users/{office.users['admin']}/explain").status_code == 403


def test_permissions_of_a_user_are_tested_without_a_leak(office: Office, admin: FlaskClient) -> None:
    answer = office.post(admin, f"/admin/users/{office.users['east_sales1']}/test")
    assert answer.status_code == 200
    assert "没有任何一次读到无权看到的内容" in answer.text


def test_rules_are_for_those_who_manage_roles(office: Office) -> None:
    sales = office.open_client("east_sales1")
    assert [sales.get(f"/admin/{path}").status_code for path in ("positions", "groups", "rules")] == [403, 403, 403]


def test_position_is_changed_and_removed_once_empty(office: Office, admin: FlaskClient) -> None:
    east, sales = office.branches["east"], office.users["east_sales1"]
    office.post(admin, "/admin/positions", name="教学主管", branch=east)
    shown = admin.get("/admin/positions").text
    assert "jiao_xue_zhu_guan" in shown
    position = re.findall(r"/admin/positions/([0-9a-f-]{36})/people", shown)[-1]
    office.post(admin, f"/admin/positions/{position}/people", user=sales)
    assert office.post(admin, f"/admin/positions/{position}/remove").status_code == 409
    assert office.post(admin, f"/admin/positions/{position}", name="教学总监", superior=position).status_code == 422
    office.post(admin, f"/admin/positions/{position}", name="教学总监")
    office.post(admin, f"/admin/positions/{position}/people", user=sales, remove="1")
    assert "教学总监" in admin.get("/admin/positions").text
    office.post(admin, f"/admin/positions/{position}/remove")
    assert "教学总监" not in admin.get("/admin/positions").text


def test_branch_is_renamed_and_closed(office: Office, admin: FlaskClient) -> None:
    office.post(admin, "/admin/branches", name="南城校区", parent=office.branches["hq"])
    found = office.platform.boundary.run(SYSTEM, snapshot.load).branches
    branch = next(one for one in found.values() if one.key == "nan_cheng_xiao_qu")
    office.post(admin, f"/admin/branches/{branch.id}", name="南城旗舰校区", zone="Asia/Shanghai")
    office.post(admin, f"/admin/branches/{branch.id}", active="0")
    changed = office.platform.boundary.run(SYSTEM, snapshot.load).branches[branch.id]
    assert (changed.name, changed.is_active) == ("南城旗舰校区", False)
