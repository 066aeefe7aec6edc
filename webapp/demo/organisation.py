"""Headquarters, branches, users with their roles and positions, the shipped processes deployed."""

from functools import partial
from uuid import UUID

from engine.kernel.uow import Tx
from engine.metadata.organisation.branches import create_branch
from engine.metadata.organisation.credentials import set_password
from engine.metadata.organisation.installation import install
from engine.metadata.organisation.positions import create_position, hold_position
from engine.metadata.organisation.roles import assign_role
from engine.metadata.organisation.users import create_user, get_user
from processes.registry import Registry
from webapp import shipping
from webapp.demo.world import World

BRANCHES = (("east", "东城校区", "East campus"), ("west", "西城校区", "West campus"))
HEADQUARTERS = (
    ("admin", "系统管理员", "admin"),
    ("hq_manager", "林总监", "hq_manager"),
    ("hq_finance", "钱总账", "hq_finance"),
    ("auditor", "严审计", "auditor"),
)
STAFF = (
    ("principal", {"east": "王校长", "west": "赵校长"}, "principal"),
    ("sales1", {"east": "李顾问", "west": "周顾问"}, "sales"),
    ("sales2", {"east": "孙顾问", "west": "吴顾问"}, "sales"),
    ("academic", {"east": "陈教务", "west": "郑教务"}, "academic"),
    ("finance", {"east": "冯财务", "west": "蒋财务"}, "finance"),
    ("teacher1", {"east": "韩老师", "west": "杨老师"}, "teacher"),
    ("teacher2", {"east": "何老师", "west": "吕老师"}, "teacher"),
)


def found_school(world: World, password: str) -> None:
    """The organisation tree and everybody in it, each with the demo password."""
    world.ids["branch:hq"] = world.run(lambda tx: install(tx, "启明教育", name_en="Qiming Education"))
    root = world.ids["branch:hq"]
    for key, name, name_en in BRANCHES:
        world.ids[f"branch:{key}"] = world.run(
            partial(create_branch, key=key, name=name, name_en=name_en, parent_id=root)
        )
    for username, name, role in HEADQUARTERS:
        _employ(world, "hq", (username, name, role), password)
    for branch, _, _ in BRANCHES:
        for suffix, names, role in STAFF:
            _employ(world, branch, (f"{branch}_{suffix}", names[branch], role), password)
    world.run(lambda tx: _lines_of_command(tx, world))


def _employ(world: World, branch: str, person: tuple[str, str, str], password: str) -> None:
    username, name, role = person
    branch_id = world.ids[f"branch:{branch}"]

    def employ(tx: Tx) -> UUID:
        user_id = create_user(
            tx,
            username=username,
            name=name,
            branch_id=branch_id,
            phone=world.people.phone(),
            email=f"{username}@qiming.example",
            is_demo=True,
        )
        assign_role(tx, role, branch_id, user_id=user_id)
        set_password(tx, user_id, password)
        return user_id

    user_id = world.run(employ)
    world.users[username] = world.run(lambda tx: get_user(tx, user_id)).actor()


def _lines_of_command(tx: Tx, world: World) -> None:
    top = create_position(tx, key="manager", name="总部管理", branch_id=world.ids["branch:hq"], is_branch_head=True)
    hold_position(tx, top, UUID(world.users["hq_manager"].id))
    for branch, _, _ in BRANCHES:
        branch_id = world.ids[f"branch:{branch}"]
        head = create_position(
            tx, key="principal", name="校长", branch_id=branch_id, superior_id=top, is_branch_head=True
        )
        hold_position(tx, head, UUID(world.users[f"{branch}_principal"].id))
        staff = create_position(tx, key="staff", name="员工", branch_id=branch_id, superior_id=head)
        for suffix, _, _ in STAFF[1:]:
            hold_position(tx, staff, UUID(world.users[f"{branch}_{suffix}"].id))


def deploy_processes(world: World, registry: Registry) -> None:
    """Every shipped process live, as a new installation gets them."""
    world.run(lambda tx: shipping.refresh(tx, registry))
