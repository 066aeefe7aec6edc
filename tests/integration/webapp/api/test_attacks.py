"""What an attacker sends: each gets a clear refusal, never a failure of ours, a leak or a way out."""

import io
import json

import pytest
from werkzeug.test import TestResponse

from tests.integration.webapp.api.school import API, School

DEEP = "[" * 100_000 + "]" * 100_000


def refusal(answer: TestResponse) -> tuple[int, bool]:
    """The status, and whether it is explained."""
    body = answer.get_json(silent=True) or {}
    return answer.status_code, bool(body.get("message")) and body.get("code") != "internal"


@pytest.mark.parametrize(
    "body",
    [
        '{"name": "a\\u0000b"}',
        '{"name": "a\\ud800b"}',
        '{"name\\u0000": "x"}',
        '{"name\\ud800": "x"}',
        '{"name": NaN}',
        '{"protected_until": "9999999-01-01"}',
        '{"born_on": ' + "9" * 5000 + "}",
        DEEP,
        '{"name": ' + DEEP + "}",
        '{"a": 1',
        "\ufeff{}",
        '"text"',
        "null",
        "",
    ],
    ids=["nul", "surrogate", "nul-key", "surrogate-key", "nan", "year", "digits", "deep", "deep-value", "cut", "bom",
         "text", "null", "empty"],
)  # fmt: skip
def test_hostile_bodies_are_refused(school: School, body: str) -> None:
    sent = body.encode("utf-8", "surrogatepass")
    answer = school.person("east_principal").call(
        "POST", "/records/lead", data=sent, headers={"Content-Type": "application/json"}
    )
    status, is_explained = refusal(answer)
    assert (400 <= status < 500, is_explained) == (True, True), answer.get_data(as_text=True)[:300]


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "' OR 1=1 --", "%00", "a" * 5000, "\\", "%", "_"])
@pytest.mark.parametrize("name", ["search", "filter", "sort", "fields", "after"])
def test_hostile_questions_never_fail(school: School, name: str, text: str) -> None:
    answer = school.person("east_principal").call(
        "GET", "/records/lead", query_string={name: text.encode("utf-8", "surrogatepass")}
    )
    assert answer.status_code < 500, answer.get_data(as_text=True)[:300]


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b", "' OR 1=1 --", "a" * 100])
def test_hostile_names_do_not_sign_in(school: School, text: str) -> None:
    for body in ({"username": text, "password": "x"}, {"username": "admin", "password": text}):
        answer = school.anybody.post(f"{API}/auth/token", data=json.dumps(body), content_type="application/json")
        assert 400 <= answer.status_code < 500, answer.text


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", f"{API}/processes/a%00b/versions"), ("GET", "/hooks/a%00b/"), ("GET", "/records/lead?q=%00"),
     ("GET", "/iclock/cdata?SN=%00"), ("GET", f"{API}/users?search=%00")],
)  # fmt: skip
def test_nul_in_an_address_is_a_bad_request(school: School, method: str, path: str) -> None:
    assert school.anybody.open(path, method=method).status_code == 400


def test_nul_in_a_form_is_a_bad_request(school: School) -> None:
    client = school.app.test_client()
    token = client.get("/sign-in").text.split('name="_csrf" value="')[1].split('"')[0]
    form = {"_csrf": token, "username": "a\x00", "password": "x"}
    assert client.post("/sign-in", data=form).status_code == 400


def test_too_large_an_upload_is_refused_before_it_is_read(school: School) -> None:
    big = io.BytesIO(b"x" * (26 * 1024 * 1024))
    answer = school.person("east_sales1").call("POST", "/files", data={"file": (big, "x.bin")})
    assert refusal(answer) == (413, True)


def test_cookie_of_a_page_opens_no_call_of_the_api(school: School) -> None:
    """So no other site can make a signed-in browser call it, and it needs no form token."""
    client = school.app.test_client()
    token = client.get("/sign-in").text.split('name="_csrf" value="')[1].split('"')[0]
    form = {"_csrf": token, "username": "east_sales1", "password": school.password}
    assert client.post("/sign-in", data=form).status_code == 303
    assert client.get(f"{API}/me").status_code == 401
    assert client.post(f"{API}/records/lead", json={"name": "x"}).status_code == 401


def test_no_other_site_may_read_answers(school: School) -> None:
    for method in ("GET", "OPTIONS"):
        answer = school.anybody.open(
            f"{API}/me",
            method=method,
            headers={"Origin": "https://evil.example", "Access-Control-Request-Method": "GET"},
        )
        assert [name for name, _ in answer.headers if name.lower().startswith("access-control")] == []


@pytest.mark.parametrize(
    "name", ['a"; filename="b.html', "a\r\nX-Evil: 1", "../../etc/passwd", "é中.html", "a\x00.pdf"]
)
def test_name_of_a_file_can_not_leave_its_header(school: School, name: str) -> None:
    sales = school.person("east_sales1")
    sent = sales.call("POST", "/files", data={"file": (io.BytesIO(b"<script>1</script>"), name, "text/html")})
    if sent.status_code != 201:
        assert refusal(sent)[1]
        return
    got = sales.call("GET", f"/files/{sent.get_json()['id']}")
    assert got.status_code == 200
    assert got.mimetype == "application/octet-stream"
    assert got.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert "sandbox" in got.headers["Content-Security-Policy"]
    assert "X-Evil" not in got.headers


@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "https://evil.example", "/\t/evil.example", "/\n/evil.example",
               "javascript:alert(1)", " //evil.example"],
)  # fmt: skip
def test_signing_in_leads_nowhere_else(school: School, target: str) -> None:
    client = school.app.test_client()
    token = client.get("/sign-in").text.split('name="_csrf" value="')[1].split('"')[0]
    form = {"_csrf": token, "username": "east_sales1", "password": school.password}
    answer = client.post("/sign-in", query_string={"next": target}, data=form)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_forged_host_is_only_text(school: School) -> None:
    page = school.anybody.get("/api/docs", headers={"Host": 'evil.example"><script>x</script>'})
    assert page.status_code < 500
    assert "<script>x" not in page.text


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer \xff", "Basic YWRtaW46eA==", "bearer sf_x", "Bearer " + "x" * 5000]
)
def test_broken_tokens_are_401(school: School, header: str) -> None:
    answer = school.anybody.get(f"{API}/me", headers={"Authorization": header})
    assert refusal(answer) == (401, True)
