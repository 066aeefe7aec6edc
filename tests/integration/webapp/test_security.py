"""Sessions, tokens of forms, headers, limits."""

from flask import Flask
from flask.testing import FlaskClient

from engine.kernel.actor import SYSTEM
from engine.kernel.uow import Tx
from engine.metadata import organisation
from tests.e2e.school import School
from tests.integration.webapp.conftest import sign_in, token_of
from webapp.composition import Platform


def test_pages_send_strangers_to_sign_in(client: FlaskClient) -> None:
    answer = client.get("/records/lead?view=due")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=/records/lead?view%3Ddue")


def test_sign_in_refuses_a_wrong_password_without_saying_which_was_wrong(client: FlaskClient) -> None:
    assert sign_in(client, "east_sales1", "wrong-password") == 401
    assert "用户名或密码不正确" in client.post(
        "/sign-in", data={"_csrf": token_of(client), "username": "nobody", "password": "x"}
    ).text  # fmt: skip
    assert client.get("/").status_code == 303


def test_sign_in_is_limited_after_eight_failures(client: FlaskClient) -> None:
    assert [sign_in(client, "east_sales1", "wrong-password") for _ in range(8)] == [401] * 8
    assert sign_in(client, "east_sales1") == 429


def test_sign_out_ends_the_session_wherever_the_cookie_is(app: Flask, client: FlaskClient) -> None:
    assert sign_in(client, "east_sales1") == 303
    cookie = client.get_cookie("schoolflow")
    assert cookie is not None
    client.post("/sign-out", data={"_csrf": token_of(client, "/")})
    thief = app.test_client()
    thief.set_cookie("schoolflow", cookie.value)
    assert thief.get("/").status_code == 303


def test_post_without_the_form_token_is_refused(client: FlaskClient, school: School) -> None:
    sign_in(client, "east_sales1")
    answer = client.post("/records/lead/new", data={"name": "张三", "phone": "13900000000"})
    assert answer.status_code == 403
    assert "页面已过期" in answer.text


def test_every_answer_carries_the_policy(client: FlaskClient) -> None:
    headers = client.get("/sign-in").headers
    assert headers["Content-Security-Policy"] == (
        "default-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self' data:; style-src 'self'; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_sign_in_goes_on_within_the_site_only(client: FlaskClient) -> None:
    form = {"_csrf": token_of(client), "username": "east_sales1", "password": "a-good-password"}
    answer = client.post("/sign-in?next=//evil.example/x", data=form)
    assert answer.headers["Location"] == "/"


def test_failures_show_plain_words_and_an_id(app: Flask, client: FlaskClient) -> None:
    def fail() -> str:
        raise RuntimeError("secret detail")

    app.view_functions["home.keys"] = fail
    sign_in(client, "east_sales1")
    answer = client.get("/keys")
    assert answer.status_code == 500
    assert "系统出错了" in answer.text
    assert "secret detail" not in answer.text


def test_built_files_are_kept_for_ever_and_compressed(client: FlaskClient) -> None:
    page = client.get("/sign-in").text
    path = page.split('rel="stylesheet" href="')[1].split('"')[0]
    answer = client.get(path, headers={"Accept-Encoding": "br"})
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Encoding"] == "br"
    assert client.get("/static/build/..%2fmanifest.json").status_code == 404


def test_view_as_shows_and_changes_nothing(client: FlaskClient, school: School) -> None:
    sign_in(client, "admin")
    token = token_of(client, "/")
    client.post(f"/admin/users/{school.users['east_sales1']}/view-as", data={"_csrf": token})
    assert "正在以 刘芳 的身份查看" in client.get("/").text
    assert client.post("/records/lead/new", data={"_csrf": token, "name": "张三"}).status_code == 403
    client.post("/view-as/stop", data={"_csrf": token})
    assert "正在以" not in client.get("/").text


def test_public_form_is_limited_to_ten_an_hour(client: FlaskClient) -> None:
    form = {"_csrf": token_of(client, "/apply/public_lead"), "name": "小明", "phone": "13912345678"}
    statuses = [client.post("/apply/public_lead", data=form).status_code for _ in range(11)]
    assert statuses == [303] * 10 + [429]


def test_history_shows_no_value_of_a_field_the_reader_may_not_read(client: FlaskClient, platform: Platform) -> None:
    def narrow(tx: Tx) -> None:
        organisation.set_field_level(tx, "principal", "lead", "phone", "none")

    sign_in(client, "east_principal")
    assert "13800002200" in client.get("/history?kind=lead").text
    platform.boundary.run(SYSTEM, narrow)
    text = client.get("/history?kind=lead").text
    assert "李梓涵" in text
    assert "13800002200" not in text


def test_person_whose_password_was_set_by_somebody_else_changes_it_first(
    client: FlaskClient, platform: Platform, school: School
) -> None:
    _set_password(platform, school, "west_sales1", "first-password")
    assert sign_in(client, "west_sales1", "first-password") == 303
    assert client.get("/records/lead").headers["Location"] == "/account/password"
    assert client.post("/account", data={"_csrf": token_of(client, "/account/password")}).status_code == 303
    assert client.get("/account").headers["Location"] == "/account/password"
    form = {"_csrf": token_of(client, "/account/password"), "old": "first-password", "new": "my-own-password"}
    assert client.post("/account/password", data={**form, "old": "wrong"}).status_code == 422
    assert client.post("/account/password", data=form).headers["Location"] == "/"
    assert client.get("/records/lead").status_code == 200


def test_api_answers_nothing_before_a_password_set_by_somebody_else_is_changed(
    client: FlaskClient, platform: Platform, school: School
) -> None:
    _set_password(platform, school, "west_sales1", "first-password")
    held = _token(client, "west_sales1", "first-password")
    refused = client.get("/api/v1/me", headers=held)
    assert (refused.status_code, refused.json["code"]) == (403, "must_change_password")
    assert "/api/v1/me/password" in refused.json["hint"]
    body = {"old": "first-password", "new": "my-own-password"}
    assert client.post("/api/v1/me/password", json=body, headers=held).status_code == 204
    assert client.get("/api/v1/me", headers=held).status_code == 401
    assert client.get("/api/v1/me", headers=_token(client, "west_sales1", "my-own-password")).status_code == 200


def _set_password(platform: Platform, school: School, username: str, password: str) -> None:
    def use_case(tx: Tx) -> None:
        organisation.set_password(tx, school.users[username], password, must_change=True)

    platform.boundary.run(SYSTEM, use_case)


def _token(client: FlaskClient, username: str, password: str) -> dict[str, str]:
    answer = client.post("/api/v1/auth/token", json={"username": username, "password": password})
    return {"Authorization": f"Bearer {answer.json['token']}"}
