"""Demo users stay inside: on this machine and its own networks."""

from dataclasses import replace

import pytest

from tests.integration.webapp.api.school import API, School
from webapp.app import create_app

ADMIN = "admin"


def issue(school: School, *, address: str = "127.0.0.1", header: str = "", public_url: str = "") -> int:
    settings = replace(school.platform.settings, public_url=public_url)
    client = create_app(replace(school.platform, settings=settings)).test_client()
    answer = client.post(
        f"{API}/auth/token",
        json={"username": ADMIN, "password": school.password},
        headers={header: "127.0.0.1"} if header else {},
        environ_base={"REMOTE_ADDR": address},
    )
    if answer.status_code == 403:
        assert answer.get_json()["code"] == "demo_on_public_address"
        assert "schoolflow init" in answer.get_json()["hint"]
    return answer.status_code


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "192.168.3.7", "172.17.0.1", "fd00::5"])
def test_demo_users_sign_in_at_home(school: School, address: str) -> None:
    assert issue(school, address=address) == 200


@pytest.mark.parametrize("address", ["8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8"])
def test_demo_users_are_refused_from_public_addresses(school: School, address: str) -> None:
    assert issue(school, address=address) == 403


def test_demo_users_are_refused_behind_a_proxy_nobody_declared(school: School) -> None:
    assert issue(school, header="X-Forwarded-For") == 403


@pytest.mark.parametrize(
    ("public_url", "status"),
    [("https://school.example", 403), ("http://8.8.4.4:8000", 403), ("http://localhost:8000", 200),
     ("http://192.168.3.2", 200)],
)  # fmt: skip
def test_demo_users_are_refused_where_the_school_is_published(school: School, public_url: str, status: int) -> None:
    assert issue(school, public_url=public_url) == status


def test_sign_in_page_says_why(school: School) -> None:
    with school.app.test_client() as client:
        token = client.get("/sign-in").text.split('name="_csrf" value="')[1].split('"')[0]
        form = {"_csrf": token, "username": " Admin ", "password": school.password}
        answer = client.post("/sign-in", data=form, environ_base={"REMOTE_ADDR": "8.8.8.8"})
        assert answer.status_code == 403
        assert "演示账号不能从公网地址登录" in answer.text


def test_users_of_ones_own_sign_in_from_anywhere(school: School) -> None:
    admin = school.person(ADMIN)
    body = {"username": "real_one", "name": "真人", "branch_id": school.branch("east"), "password": "a-good-password"}
    admin.post("/users", body, status=201)
    answer = school.anybody.post(
        f"{API}/auth/token",
        json={"username": "real_one", "password": "a-good-password"},
        environ_base={"REMOTE_ADDR": "8.8.8.8"},
    )
    assert answer.status_code == 200
