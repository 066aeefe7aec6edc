"""Whatever a role's field levels are: no page and no answer of the API holds a value its people may not see."""

import random
from uuid import UUID

import pytest

from engine.kernel.actor import SYSTEM
from engine.kernel.uow import Drain, Tx
from engine.metadata import organisation, records
from tests.integration.webapp.api.school import School
from tests.integration.webapp.conftest import sign_in

SECRETS = {
    "name": "卡娜瑞", "phone": "13873917391", "phone2": "13773927392", "guardian_name": "卡娜瑞妈妈爱丽丝",
    "region": "金丝雀街", "campaign": "金丝雀行动", "remark": "备注里的金丝雀", "age": 73,
}  # fmt: skip
FIELDS = [key for key in SECRETS if key != "age"]
ROLES = {"east_sales1": "sales", "east_academic": "academic", "east_finance": "finance"}


@pytest.fixture(scope="module")
def lead(school: School) -> UUID:
    """A lead of east_sales1 with a value of its own in every field, changed once, so that its trail holds them."""

    def plant(tx: Tx) -> UUID:
        owner, branch = str(school.actor("east_sales1")), school.branch("east")
        made = records.create(tx, "lead", {"owner_id": owner, "branch_id": branch, "source": "web", **SECRETS})
        records.update(tx, "lead", made.id, None, {"remark": "别的", "region": "别处"})
        records.update(tx, "lead", made.id, None, {key: SECRETS[key] for key in ("remark", "region")})
        return made.id

    found = school.platform.boundary.run(SYSTEM, plant)
    school.drain()
    owner = school.actor("east_sales1")
    school.rows("UPDATE lead SET owner_id = :owner WHERE id = :id RETURNING id", owner=owner, id=found)
    school.rows("DELETE FROM task_grant WHERE record_id = :id RETURNING task_id", id=found)
    return found


@pytest.mark.parametrize("seed", range(6))
def test_no_page_and_no_answer_holds_what_may_not_be_seen(school: School, lead: UUID, seed: int) -> None:
    chance = random.Random(seed)
    username = list(ROLES)[seed % len(ROLES)]
    levels = {key: chance.choice(["none", "masked", "read", "write"]) for key in FIELDS}
    grant(school, ROLES[username], levels)
    hidden = {key: str(SECRETS[key]) for key, level in levels.items() if level in ("none", "masked")}
    for path, text in answers(school, username, lead, hidden):
        found = [key for key, secret in hidden.items() if secret in text and not shown_by_another(key, levels)]
        assert found == [], f"{username} sees {found} at {path} with {levels}"


def shown_by_another(key: str, levels: dict[str, str]) -> bool:
    """The guardian's name holds the pupil's; a lead's task is titled by the pupil's name, which its process may say."""
    return key == "name"


def grant(school: School, role: str, levels: dict[str, str]) -> None:
    def change(tx: Tx) -> None:
        for key, level in levels.items():
            organisation.set_field_level(tx, role, "lead", key, level)

    school.platform.boundary.run(SYSTEM, change)


def answers(school: School, username: str, lead: UUID, hidden: dict[str, str]) -> list[tuple[str, str]]:
    """Every page and answer about leads that the person gets, refusals included."""
    person, client = school.person(username), school.app.test_client()
    assert sign_in(client, username, school.password) == 303
    pages = [
        "/records/lead", "/records/lead?view=board", f"/records/lead/{lead}", f"/records/lead/{lead}/edit",
        "/records/lead?sort=-created_at&q=卡娜瑞", "/search?q=金丝雀", "/search?q=1387391739", "/inbox", "/history",
        f"/records/lead/{lead}/history", "/records/follow_up", "/", "/records/lead?sort=phone",
    ]  # fmt: skip
    found = [(path, client.get(path, follow_redirects=True).get_data(as_text=True)) for path in pages]
    calls = [
        "/records/lead",
        f"/records/lead/{lead}",
        f"/records/lead/{lead}/history",
        "/records/lead?sort=-created_at",
    ]
    for key, secret in hidden.items():
        calls += [
            f"/records/lead?fields=id,{key}", f"/records/lead?sort={key}", f"/records/lead/count?filter={key} != null",
            f'/records/lead?filter={key} = "{secret[:2]}"', f"/records/lead/groups?by={key}",
            f"/records/follow_up?filter=lead_id.{key} != null", f"/records/follow_up?fields=lead_id.{key}",
        ]  # fmt: skip
    found += [(path, told(person.call("GET", path).get_data(as_text=True))) for path in calls]
    for key, secret in hidden.items():
        listed = person.call("GET", "/records/lead", query_string={"search": secret, "fields": "id"})
        assert str(lead) not in listed.get_data(as_text=True) or key == "name", f"found by {key}"
    found.append(("export", exported(school, username)))
    return found


def told(text: str) -> str:
    """Chinese as it is, however the answer writes it."""
    return text.encode().decode("unicode_escape", "ignore") if "\\u" in text else text


def exported(school: School, username: str) -> str:
    """The person's export of leads as a sheet; empty when it is refused."""
    person = school.person(username)
    answer = person.call("POST", "/records/lead/export", json={"format": "csv"})
    if answer.status_code != 202:
        return ""
    school.platform.drains[Drain.BACKGROUND]()
    return person.call("GET", f"/jobs/{answer.get_json()['job']}/file").get_data(as_text=True)
