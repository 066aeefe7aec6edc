"""Commands ``init`` and ``user``: the first rows of a real school, and its accounts."""

import getpass

import click

from engine.kernel.actor import SYSTEM
from engine.kernel.errors import Conflict, NotFound
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import directory, organisation, snapshot
from webapp import shipping
from webapp.cli.console import locale, platform, say


@click.command("init", help="建立学校：总部、角色、流程、第一个管理员 / a new school")
@click.option("--name", prompt="学校名称 / Name of the school", help="学校名称 / name")
@click.option("--admin", default="admin", show_default=True, help="管理员用户名 / username of the administrator")
def init(name: str, admin: str) -> None:
    """Safe to repeat: what exists stays, shipped processes of a new release are added."""
    with platform() as opened:
        root = opened.boundary.run(SYSTEM, lambda tx: shipping.install(tx, opened.processes, name))
        if opened.boundary.run(SYSTEM, lambda tx: directory.user_by_username(tx, admin)) is None:
            password = _new_password()

            def create(tx: Tx) -> None:
                user = organisation.create_user(tx, username=admin, name="管理员", branch_id=root)
                organisation.set_password(tx, user, password)
                organisation.assign_role(tx, "admin", root, user_id=user)

            opened.boundary.run(SYSTEM, create)
    say(Text(f"学校“{name}”已就绪，请用 {admin} 登录", f"The school {name} is ready; sign in as {admin}"), fg="green")


@click.group("user", help="账号 / accounts")
def user() -> None:
    """Commands about accounts."""


@user.command("list", help="列出账号 / list accounts")
def list_users() -> None:
    """Username, name, branch, whether active."""
    with platform() as opened:
        config, users = opened.boundary.run(
            SYSTEM, lambda tx: (snapshot.load(tx), organisation.list_users(tx, limit=10_000))
        )
    for one in users:
        mark = "" if one.is_active else " (停用)" if locale() == "zh" else " (inactive)"
        click.echo(f"{one.username:<24} {one.name:<12} {config.branches[one.branch_id].name}{mark}")


@user.command("add", help="新增账号 / add an account")
@click.argument("username")
@click.argument("name")
@click.option("--branch", default="hq", show_default=True, help="校区标识 / key of the branch")
@click.option("--role", "roles", multiple=True, help="角色，可多次 / role, repeatable")
def add(username: str, name: str, branch: str, roles: tuple[str, ...]) -> None:
    """With roles held at the branch; asks for the password."""
    password = _new_password()
    with platform() as opened:

        def create(tx: Tx) -> None:
            found = snapshot.load(tx).branch_by_key(branch)
            if found is None:
                raise NotFound("no_branch", Text(f"没有校区 {branch}", f"There is no branch {branch}"))
            user_id = organisation.create_user(tx, username=username, name=name, branch_id=found.id)
            organisation.set_password(tx, user_id, password, must_change=True)
            for role in roles:
                organisation.assign_role(tx, role, found.id, user_id=user_id)

        opened.boundary.run(SYSTEM, create)
    say(Text(f"已新增账号 {username}", f"The account {username} was added"), fg="green")


@user.command("password", help="重设密码 / set a password")
@click.argument("username")
def password(username: str) -> None:
    """Asks for the new password; it must be changed at the next sign-in."""
    new = _new_password()
    with platform() as opened:

        def change(tx: Tx) -> None:
            found = directory.user_by_username(tx, username)
            if found is None:
                raise NotFound("no_user", Text(f"没有账号 {username}", f"There is no account {username}"))
            organisation.set_password(tx, found, new, must_change=True)

        opened.boundary.run(SYSTEM, change)
    say(Text(f"已重设 {username} 的密码", f"The password of {username} was set"), fg="green")


def _new_password() -> str:
    first = getpass.getpass("密码 / Password: ")
    if first != getpass.getpass("再输一次 / Again: "):
        raise Conflict("passwords_differ", Text("两次输入的密码不一致", "The two passwords differ"))
    return first


COMMANDS = [init, user]
