"""The pages of administration rights and of erasing personal values."""

from engine.metadata import records
from tests.integration.webapp.admin.conftest import Office


def test_rights_of_a_role_are_shown_with_words_and_saved(office: Office) -> None:
    admin = office.open_client("admin")
    shown = admin.get("/admin/roles/principal/rights").text
    for label in ("管理连接器", "越过审批", "投递消息", "清除个人信息"):
        assert label in shown
    answer = office.post(
        admin,
        "/admin/roles/principal/rights",
        **{"right-manage_connectors": "1", "right-pass_approvals": "1", "right-send_message": "lead.received，a.b"},
    )
    assert answer.status_code == 303
    shown = admin.get("/admin/roles/principal/rights").text
    assert 'name="right-manage_connectors" value="1" checked' in shown
    assert 'name="right-manage_users" value="1" checked' not in shown
    assert 'value="a.b lead.received"' in shown
    assert "/admin/roles/principal/rights" in admin.get("/admin/roles/principal").text


def test_rights_of_administrators_stay(office: Office) -> None:
    admin = office.open_client("admin")
    assert "全部管理权限" in admin.get("/admin/roles/admin/rights").text
    assert office.post(admin, "/admin/roles/admin/rights").status_code == 409
    assert admin.get("/admin/roles/no_such/rights").status_code == 404


def test_rights_are_for_those_who_manage_roles(office: Office) -> None:
    principal = office.open_client("east_principal")
    assert principal.get("/admin/roles/sales/rights").status_code == 403
    assert office.post(principal, "/admin/roles/sales/rights", **{"right-view_history": "1"}).status_code == 403
    assert principal.get("/admin/personal").status_code == 403


def test_personal_values_are_found_and_erased_with_a_reason(office: Office) -> None:
    body = {"name": "清除二", "phone": "13866660003"}
    made = office.platform.boundary.run(office.actor("admin"), lambda tx: records.create(tx, "student", body))
    student, admin = str(made.id), office.open_client("admin")
    address = f"/admin/personal?object=student&id={student}"
    assert "清除二" in admin.get(address).text
    assert "永久清除" in admin.get(address).text
    assert office.post(admin, "/admin/personal", object="student", id=student, reason="").status_code == 422
    assert office.post(admin, "/admin/personal", object="student", id=student, reason="家长要求").status_code == 303
    assert "没有可清除的个人信息" in admin.get(address).text
    assert "编号应为" in admin.get("/admin/personal?object=student&id=12").text
    assert "13866660003" not in admin.get("/history?kind=student").text
