"""Health and figures for whoever runs the school's servers."""

import io

from tests.integration.webapp.api.school import School


def test_health_names_what_answers(school: School) -> None:
    assert school.anybody.get("/health/live").get_json() == {"status": "live"}
    assert school.anybody.get("/health/ready").get_json() == {"database": "ok", "queue": "ok"}


def test_files_are_read_by_their_uploader_only_until_a_record_holds_them(school: School) -> None:

    sales, other = school.person("east_sales1"), school.person("east_sales2")
    sent = sales.call("POST", "/files", data={"file": (io.BytesIO(b"hello"), "合同.pdf")})
    assert (sent.status_code, sent.get_json()["size"]) == (201, 5)
    path = f"/files/{sent.get_json()['id']}"
    assert sales.get(path) == b"hello"
    assert other.call("GET", path).status_code == 404


def test_administration_lists_positions_and_groups(school: School) -> None:
    admin = school.person("admin")
    root = next(one["id"] for one in admin.get("/branches")["items"] if one["parent_id"] is None)
    admin.post("/groups", {"key": "tutors", "name": "助教", "branch_id": root}, status=201)
    assert [one["key"] for one in admin.get("/groups")["items"]] == ["tutors"]
    heads = [one for one in admin.get("/positions")["items"] if one["is_branch_head"]]
    assert len(heads) == 3
    assert school.person("east_sales1").get("/groups", status=403)["code"] == "forbidden"


def test_connector_sends_a_test_message(school: School) -> None:
    admin = school.person("admin")
    (modem,) = [one for one in admin.get("/connectors")["items"] if one["kind"] == "gsm_modem"]
    sent = admin.post(f"/connectors/{modem['id']}/test", {"to": "13800138000"}, status=202)
    (row,) = school.rows("SELECT recipient, state FROM outbox WHERE id = :id", id=sent["id"])
    assert row == {"recipient": "13800138000", "state": "queued"}


def test_documentation_page_is_there_in_both_languages(school: School) -> None:
    chinese = school.anybody.get("/api/docs").text
    english = school.anybody.get("/api/docs", headers={"Accept-Language": "en"}).text
    assert "待办与任务" in chinese
    assert "Inbox and user tasks" in english
    assert "/api/v1/tasks/{task_id}/complete" in english
