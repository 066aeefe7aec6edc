"""Signing in to the API, and what strangers get."""

from tests.integration.webapp.api.school import API, School


def test_me_names_roles_and_branch(school: School) -> None:
    me = school.person("east_sales1").get("/me")
    assert (me["username"], me["name"], me["branch_id"]) == ("east_sales1", "李顾问", school.branch("east"))
    assert me["roles"] == [{"role": "sales", "branch_id": school.branch("east")}]


def test_strangers_get_401_in_their_language(school: School) -> None:
    chinese = school.anybody.get(f"{API}/tasks")
    english = school.anybody.get(f"{API}/tasks", headers={"Accept-Language": "en"})
    assert (chinese.status_code, chinese.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert set(chinese.get_json()) >= {"code", "message", "hint"}
    assert chinese.get_json()["message"] != english.get_json()["message"]
    assert english.get_json()["message"].isascii()
