"""A record that a process took away from its creator before the page came."""

from collections.abc import Callable

from tests.integration.webapp.api.school import School
from tests.integration.webapp.pages.visitor import Visitor

Visit = Callable[[str], Visitor]


def test_creator_who_lost_the_record_at_once_comes_to_the_list(school: School, visit: Visit) -> None:
    (row,) = school.rows("SELECT id FROM lead WHERE branch_id = :west LIMIT 1", west=school.branch("west"))
    sales, path = visit("east_sales1"), f"/records/lead/{row['id']}"
    sales.get(path, status=404)
    answer = sales.client.get(path, headers={"Referer": "http://localhost/records/lead/new"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/records/lead")
    assert "已按规则交给其他同事" in sales.get("/records/lead")
