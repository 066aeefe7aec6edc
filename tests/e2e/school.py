"""A small school for browser tests, made through the product's own use-cases."""

from dataclasses import dataclass, replace
from uuid import UUID

from engine.kernel.actor import SYSTEM, Actor, ActorKind
from engine.kernel.uow import Tx
from engine.metadata import organisation, query, records
from engine.metadata.query import Query
from webapp import shipping
from webapp.composition import Platform

PASSWORD = "a-good-password"
_PEOPLE = (
    ("admin", "管理员", "hq", "admin"),
    ("auditor", "审计员", "hq", "auditor"),
    ("hq_manager", "林总监", "hq", "hq_manager"),
    ("hq_finance", "钱总账", "hq", "hq_finance"),
    ("east_principal", "王校长", "east", "principal"),
    ("east_sales1", "刘芳", "east", "sales"),
    ("east_sales2", "陈晨", "east", "sales"),
    ("east_academic", "赵敏", "east", "academic"),
    ("east_finance", "钱进", "east", "finance"),
    ("east_teacher1", "孙老师", "east", "teacher"),
    ("east_teacher2", "何老师", "east", "teacher"),
    ("west_principal", "赵校长", "west", "principal"),
    ("west_sales1", "周航", "west", "sales"),
    ("west_academic", "郑教务", "west", "academic"),
    ("west_finance", "蒋会计", "west", "finance"),
    ("west_teacher1", "杨老师", "west", "teacher"),
    ("west_teacher2", "吕老师", "west", "teacher"),
)
LEADS = ("李梓涵", "张明轩", "王语桐", "陈思远", "刘浩然", "赵雨欣", "周子墨", "吴若曦")


@dataclass(frozen=True)
class School:
    """Ids by key: branches, usernames, names of the leads that wait for ``east_sales1``."""

    branches: dict[str, UUID]
    users: dict[str, UUID]
    leads: dict[str, UUID]

    def actor(self, username: str) -> Actor:
        """The person as an actor."""
        return Actor(ActorKind.USER, str(self.users[username]), username)


def open_school(platform: Platform) -> School:
    """Branches, people, processes, leads."""
    run = platform.boundary.run
    branches = run(SYSTEM, _branches)
    users = run(SYSTEM, lambda tx: _people(tx, branches))
    run(SYSTEM, lambda tx: shipping.refresh(tx, platform.processes))
    school = School(branches, users, {})
    for number, name in enumerate(LEADS):
        values = {"name": name, "phone": f"1380000{2200 + number}", "guardian_name": f"{name[0]}女士", "source": "web"}
        lead = run(school.actor("east_sales1"), lambda tx, v=values: records.create(tx, "lead", v))
        school.leads[name] = lead.id
    for drain in platform.drains.values():
        drain()
    return replace(school, leads=run(school.actor("east_sales1"), _my_leads))


def _my_leads(tx: Tx) -> dict[str, UUID]:
    """Leads that the process has given to the actor."""
    mine = Query("lead", fields=("name",), filter={"field": "owner_id", "op": "=", "value": "me"}, limit=100)
    return {record.title: record.id for record in query.fetch(tx, mine).items}


def _branches(tx: Tx) -> dict[str, UUID]:
    hq = organisation.install(tx, "启明教育")
    made = {"hq": hq}
    for key, name in (("east", "东城校区"), ("west", "西城校区")):
        made[key] = organisation.create_branch(tx, key=key, name=name, parent_id=hq)
    return made


def _people(tx: Tx, branches: dict[str, UUID]) -> dict[str, UUID]:
    made = {}
    for username, name, branch, role in _PEOPLE:
        user_id = organisation.create_user(tx, username=username, name=name, branch_id=branches[branch])
        organisation.set_password(tx, user_id, PASSWORD)
        organisation.assign_role(tx, role, branches[branch], user_id=user_id)
        made[username] = user_id
    head = organisation.create_position(
        tx, key="principal", name="校长", branch_id=branches["east"], is_branch_head=True
    )
    organisation.hold_position(tx, head, made["east_principal"])
    return made
