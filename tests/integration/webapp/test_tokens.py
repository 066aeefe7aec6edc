"""One's own sessions and tokens: seen, made, ended; never anybody else's."""

import re

from flask import Flask
from flask.testing import FlaskClient

from tests.e2e.school import PASSWORD
from tests.integration.webapp.conftest import sign_in, token_of


def _issue(client: FlaskClient, **form: str) -> str:
    form = {"_csrf": token_of(client, "/account/tokens"), "label": "财务对接", "password": PASSWORD, **form}
    answer = client.post("/account/tokens", data=form)
    found = re.search(r"sf_[\w-]{20,}", answer.text)
    return found[0] if found else str(answer.status_code)


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_token_for_a_program_is_shown_once_and_works(client: FlaskClient) -> None:
    sign_in(client, "east_sales1")
    token = _issue(client)
    assert client.get("/api/v1/me", headers=_bearer(token)).get_json()["username"] == "east_sales1"
    listed = client.get("/account/tokens").text
    assert "财务对接" in listed
    assert token not in listed
    assert _issue(client, password="wrong-password") == "401"


def test_other_session_is_ended_at_once(app: Flask, client: FlaskClient) -> None:
    thief = app.test_client()
    assert (sign_in(client, "east_sales1"), sign_in(thief, "east_sales1")) == (303, 303)
    (address,) = re.findall(r'action="(/account/tokens/[\w-]+/end)"', client.get("/account/tokens").text)
    assert client.post(address, data={"_csrf": token_of(client, "/account/tokens")}).status_code == 303
    assert thief.get("/").status_code == 303
    assert client.get("/").status_code == 200


def test_nobody_ends_anothers_token(app: Flask, client: FlaskClient) -> None:
    other = app.test_client()
    sign_in(other, "admin")
    held = _bearer(_issue(other))
    (mine, *_) = other.get("/api/v1/me/tokens", headers=held).get_json()["items"]
    assert mine["is_this"] is True
    sign_in(client, "east_sales1")
    thief = _bearer(_issue(client))
    assert client.delete(f"/api/v1/me/tokens/{mine['id']}", headers=thief).status_code == 404
    assert (
        next(one["label"] for one in client.get("/api/v1/me/tokens", headers=thief).get_json()["items"]) == "财务对接"
    )
    assert other.delete(f"/api/v1/me/tokens/{mine['id']}", headers=held).status_code == 204
    assert other.get("/api/v1/me", headers=held).status_code == 401


def test_sign_ins_with_ones_name_are_seen_failures_too(client: FlaskClient) -> None:
    sign_in(client, "east_sales1", "wrong-password")
    sign_in(client, "east_sales1")
    token = _issue(client)
    found = client.get("/api/v1/me/sign-ins", headers=_bearer(token)).get_json()["items"]
    assert [(one["succeeded"], one["address"]) for one in found[:3]] == [(True, "127.0.0.1")] * 2 + [
        (False, "127.0.0.1")
    ]
    assert "127.0.0.1" in client.get("/account/tokens").text
