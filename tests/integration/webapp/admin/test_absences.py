"""Who stands in for whom, and working calendars."""

from datetime import date, time

from flask.testing import FlaskClient

from engine.kernel.actor import SYSTEM
from engine.workflow import calendars, substitutions
from tests.integration.webapp.admin.conftest import Office


def test_person_names_a_substitute_and_ends_it(office: Office) -> None:
    sales, other = office.open_client("east_sales1"), office.users["east_principal"]
    given = {"substitute": other, "from": "2030-10-01T09:00", "until": "2030-10-03T18:00"}
    assert office.post(sales, "/absences", **given).status_code == 303
    assert "刘芳 → 王校长" in sales.get("/absences").text
    found = office.platform.boundary.run(SYSTEM, substitutions.current)
    assert [(one.user_id, one.starts_at.isoformat()) for one in found] == [
        (str(office.users["east_sales1"]), "2030-10-01T01:00:00+00:00")
    ]
    assert office.post(sales, f"/absences/{found[0].id}/end").status_code == 303
    assert "没有生效的代理" in sales.get("/absences").text


def test_substitute_for_somebody_else_needs_an_operator(office: Office, admin: FlaskClient) -> None:
    sales = office.open_client("east_sales1")
    given = {"substitute": office.users["east_sales1"], "from": "2030-10-01T09:00", "until": "2030-10-03T18:00"}
    other = office.users["east_principal"]
    assert office.post(sales, "/absences", user=other, **given).status_code in (403, 422)
    assert office.post(admin, "/absences", user=other, **given).status_code == 303
    assert office.post(sales, "/absences", **{**given, "until": "2030-09-01T09:00"}).status_code == 422


def test_operator_of_a_branch_names_no_substitute_for_headquarters(office: Office) -> None:
    users, client = office.users, office.open_client("east_principal")
    given = {"substitute": users["east_principal"], "from": "2030-10-01T09:00", "until": "2030-10-03T18:00"}
    assert office.post(client, "/absences", user=users["admin"], **given).status_code == 403
    assert office.post(client, "/absences", user=users["east_sales1"], **given).status_code == 303
    assert "刘芳 → 王校长" in client.get("/absences").text


def test_working_calendar_of_a_branch_is_changed(office: Office, admin: FlaskClient) -> None:
    east = office.branches["east"]
    assert "09:00-12:00" in admin.get(f"/admin/calendar?branch={east}").text
    given = {
        "branch": east, "weekday": ["2", "5", "6"], "windows": "10:00-12:00\n14:00-20:30",
        "holidays": "2026-10-01\n2026-10-02", "make_up": "",
    }  # fmt: skip
    assert office.post(admin, "/admin/calendar", **given).status_code == 303
    found = office.platform.boundary.run(SYSTEM, lambda tx: calendars.calendar_of(tx, east))
    assert found.weekdays == {2, 5, 6}
    assert found.windows == ((time(10), time(12)), (time(14), time(20, 30)))
    assert found.holidays == {date(2026, 10, 1), date(2026, 10, 2)}
    wrong = office.post(admin, "/admin/calendar", **{**given, "windows": "18:00-09:00"})
    assert wrong.status_code == 422
    assert office.post(office.open_client("east_sales1"), "/admin/calendar", **given).status_code == 403
