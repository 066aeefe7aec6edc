"""What the API answers: statuses and shapes, versions, repeated requests, paging, two people at one task."""

import pytest

from tests.integration.webapp.api.school import API, School


@pytest.fixture(scope="module")
def lead(school: School) -> str:
    """A lead of the east campus."""
    body = {"name": "回答一", "phone": "13933330001", "region": "东城区", "branch_id": school.branch("east")}
    return str(school.person("east_principal").post("/records/lead", body, status=201)["id"])


def test_missing_and_hidden_records_answer_alike(school: School, lead: str) -> None:
    hidden = school.person("west_sales1").call("GET", f"/records/lead/{lead}")
    missing = school.person("west_sales1").call("GET", "/records/lead/00000000-0000-7000-8000-000000000000")
    assert (hidden.status_code, hidden.get_json()) == (404, missing.get_json())


def test_update_needs_the_version(school: School, lead: str) -> None:
    principal = school.person("east_principal")
    version = principal.get(f"/records/lead/{lead}")["version"]
    assert principal.patch(f"/records/lead/{lead}", {"remark": "a"}, status=428)["code"]
    changed = principal.call(
        "PATCH", f"/records/lead/{lead}", json={"remark": "b"}, headers={"If-Match": f'"{version}"'}
    )
    assert (changed.status_code, changed.headers["ETag"]) == (200, f'"{version + 1}"')
    stale = principal.patch(f"/records/lead/{lead}", {"remark": "c"}, version=version, status=412)
    assert stale["code"] == "stale"


def test_bad_values_are_named_by_field_in_both_languages(school: School) -> None:
    principal = school.person("east_principal")
    chinese = principal.call("POST", "/records/lead", json={"phone": "1"})
    english = principal.call("POST", "/records/lead", json={"phone": "1"}, headers={"Accept-Language": "en"})
    assert (chinese.status_code, english.status_code) == (422, 422)
    assert set(chinese.get_json()["fields"]) == set(english.get_json()["fields"]) >= {"phone"}
    assert english.get_json()["fields"]["phone"].isascii()


def test_unknown_addresses_and_methods_are_json(school: School) -> None:
    assert school.anybody.get(f"{API}/nothing").get_json()["code"] == "http_404"
    assert school.person("admin").call("DELETE", "/me").get_json()["code"] == "http_405"


def test_writing_a_field_one_may_not_is_refused(school: School, lead: str) -> None:
    principal = school.person("east_principal")
    version = principal.get(f"/records/lead/{lead}")["version"]
    body = {"protected_until": "2030-01-01T00:00:00Z"}
    refused = principal.patch(f"/records/lead/{lead}", body, version=version, status=403)
    assert "protected_until" in refused["fields"]


def test_repeated_request_is_done_once(school: School) -> None:
    principal = school.person("east_principal")
    body = {"name": "重复一", "phone": "13933330002", "branch_id": school.branch("east")}
    key = {"Idempotency-Key": "create-1"}
    first = principal.post("/records/lead", body, status=201, headers=key)
    assert principal.post("/records/lead", body, status=201, headers=key) == first
    assert school.rows("SELECT count(*) AS n FROM lead WHERE phone = '13933330002'") == [{"n": 1}]
    other = principal.post("/records/lead", {**body, "name": "别的"}, status=422, headers=key)
    assert other["code"] == "idempotency_key_reused"


def test_list_pages_by_cursor_without_gap_or_repeat(school: School) -> None:
    principal = school.person("east_principal")
    whole = [one["id"] for one in principal.get("/records/lead", sort="-created_at", limit=200)["items"]]
    found, after = [], None
    while True:
        page = principal.get("/records/lead", sort="-created_at", limit=7, **({"after": after} if after else {}))
        found += [one["id"] for one in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert found == whole
    assert principal.get("/records/lead/count") == {"value": len(whole), "is_capped": False}


def test_filter_takes_feel_and_json(school: School) -> None:
    principal = school.person("east_principal")
    feel = principal.get("/records/lead", filter='name = "回答一"')["items"]
    json = principal.get("/records/lead", filter='{"field": "name", "op": "=", "value": "回答一"}')["items"]
    assert [one["id"] for one in feel] == [one["id"] for one in json] != []
    assert principal.get("/records/lead", filter="name = ", status=422)["message"]


def test_task_is_completed_once_and_the_second_is_told_by_whom(school: School) -> None:
    first, second = school.person("east_academic"), school.person("east_finance")
    (contract,) = school.rows(
        "SELECT record_id AS id FROM user_task WHERE node_id = 'collect_payment' AND status = 'open' LIMIT 1"
    )
    task = second.task("collect_payment", record=str(contract["id"]))
    assert first.get(f"/tasks/{task['id']}", status=404)["code"]
    detail = second.get(f"/tasks/{task['id']}")
    due = detail["form"]["values"]["due_now"]
    values = {"payment_amount": due, "payment_method": "cash", "received_on": "2026-09-01"}
    body = {"outcome": "received", "values": values}
    second.post(f"/tasks/{task['id']}/complete", body)
    again = second.post(f"/tasks/{task['id']}/complete", body, status=409)
    assert "冯财务" in again["message"]


def test_too_many_wrong_passwords_are_429(school: School) -> None:
    body = {"username": "west_teacher2", "password": "wrong"}
    statuses = [school.anybody.post(f"{API}/auth/token", json=body).status_code for _ in range(12)]
    assert statuses[0] == 401
    assert statuses[-1] == 429


def test_openapi_is_served(school: School) -> None:
    document = school.anybody.get(f"{API}/openapi.json").get_json()
    assert "/api/v1/records/{object_key}" in document["paths"]
