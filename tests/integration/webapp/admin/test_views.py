"""Saved views: kept, renamed, shared with the branch, deleted."""

import re

from tests.integration.webapp.admin.conftest import Office


def test_view_is_kept_renamed_shared_and_deleted(office: Office) -> None:
    sales, principal = office.open_client("east_sales1"), office.open_client("east_principal")
    question = "/records/lead?f=stage~in~new&sort=-created_at"
    assert office.post(sales, "/views/lead", name="今日新线索", question=question).status_code == 303
    assert "今日新线索" in sales.get("/records/lead").text
    assert "今日新线索" not in principal.get("/records/lead").text
    found = re.search(r"/views/lead/([0-9a-f-]{36})", sales.get("/views/lead").text)
    assert found is not None
    address = f"/views/lead/{found[1]}"
    assert office.post(principal, address, action="share").status_code == 404
    office.post(sales, address, action="rename", name="新线索")
    office.post(sales, address, action="share")
    shown = principal.get("/records/lead").text
    assert "新线索" in shown
    assert "f=stage~in~new" in shown.replace("%7E", "~")
    office.post(sales, address, action="remove")
    assert "新线索" not in principal.get("/records/lead").text.replace("今日新线索", "")
    assert office.post(sales, "/views/lead", name=" ", question=question).status_code == 422
