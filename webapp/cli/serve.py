"""Commands that serve: ``run`` (everything), ``web``, ``worker``."""

import os
import sys
import time
import urllib.request

import click

from connectors.simulators import park
from engine.kernel.errors import SetupError
from engine.kernel.settings import Settings, load_settings, secret_key
from engine.kernel.text import Text
from webapp import assets
from webapp.cli import unfinished
from webapp.cli.console import bring_up_to_date, require_up_to_date, running_servers, say
from webapp.cli.lock import lock_home, require_free_port
from webapp.cli.supervisor import Supervisor
from webapp.composition import compose


@click.command("run", help="一键启动：数据库、队列、网页、后台进程 / start everything")
@click.option("--demo", is_flag=True, help="首次启动时建立演示学校 / create the demo school on the first start")
def run(demo: bool) -> None:
    """Everything in one process group; Ctrl-C ends all of it."""
    began = time.monotonic()
    plain = load_settings(os.environ)
    assets.manifest()
    lock = lock_home(plain.home)
    require_free_port(plain.host, plain.port)
    with running_servers() as (settings, servers):
        if demo:
            unfinished.discard(settings)
        bring_up_to_date(settings)
        is_demo = _prepare(settings, demo)
        supervisor = Supervisor(_environment(settings))
        supervisor.listen()
        try:
            if is_demo:
                for program in _simulators(settings):
                    supervisor.add_command(program.name, program.command)
            supervisor.add("web", "web")
            supervisor.add("worker", "worker")
            _await_web(settings, supervisor)
            if not supervisor.stopping:
                _banner(settings, is_demo, time.monotonic() - began)
            failed = supervisor.watch(servers.revive)
        finally:
            supervisor.stop()
    lock.close()
    if failed:
        raise SetupError(
            "child_failed",
            Text(f"{failed} 进程多次启动失败，已停止全部服务", f"The {failed} process kept failing; all is stopped"),
        )


@click.command("web", help="启动一个网页进程 / one web process")
def web() -> None:
    """Serves pages and the API with gunicorn until it is told to stop."""
    from webapp.server import serve

    with running_servers() as (settings, _servers):
        require_up_to_date(settings)
        serve(settings)


@click.command("worker", help="启动一个后台进程 / one worker")
def worker() -> None:
    """Drains due rows until it is told to stop."""
    from webapp.worker import work

    with running_servers() as (settings, _servers):
        require_up_to_date(settings)
        opened = compose(settings)
        try:
            work(opened)
        finally:
            opened.close()


def _prepare(settings: Settings, demo: bool) -> bool:
    """Fills an empty database: with the demo school when asked; True when the school here is the demo one."""
    from webapp.cli.setup import make_demo
    from webapp.demo import is_demo, is_empty

    opened = compose(settings)
    try:
        if demo and is_empty(opened):
            make_demo(opened)
        return is_demo(opened)
    finally:
        opened.close()


def _simulators(settings: Settings) -> list[park.Program]:
    """The demo school's devices: processes of their own that speak the real protocols."""
    from webapp.demo.devices import simulators

    return park.programs(simulators(settings.home), f"http://{_reachable(settings)}:{settings.port}")


def _reachable(settings: Settings) -> str:
    return "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 - compared, not bound


def _environment(settings: Settings) -> dict[str, str]:
    return dict(os.environ) | {
        "DATABASE_URL": settings.database_url.replace("+psycopg", "", 1),
        "DATABASE_OWNER_URL": settings.database_owner_url.replace("+psycopg", "", 1),
        "REDIS_URL": settings.redis_url,
        "SCHOOLFLOW_HOME": str(settings.home),
        "SCHOOLFLOW_SECRET_KEY": secret_key(settings),
    }


def _await_web(settings: Settings, supervisor: Supervisor, timeout_s: float = 30.0) -> None:
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline and not supervisor.stopping:
        try:
            with urllib.request.urlopen(f"http://{_reachable(settings)}:{settings.port}/health/ready", timeout=2):
                return
        except OSError:
            time.sleep(0.05)
    if supervisor.stopping:
        return
    raise SetupError(
        "web_failed", Text("网页进程未能启动，请查看上方日志", "The web process did not come up; see above")
    )


def _banner(settings: Settings, is_demo: bool, seconds: float) -> None:
    address = settings.public_url or f"http://{settings.host}:{settings.port}/"
    say(Text(f"\nSchoolflow 已启动（{seconds:.1f} 秒）", f"\nSchoolflow is up ({seconds:.1f} s)"), fg="green")
    say(Text(f"  网址    {address}", f"  Address   {address}"))
    if is_demo:
        names = "admin, hq_manager, hq_finance, auditor, east_principal, east_sales1, east_academic, east_finance …"
        password_file = settings.home / "demo-password"
        say(Text(f"  演示账号  {names}", f"  Users     {names}"))
        say(Text(f"  密码文件  {password_file}", f"  Password  in {password_file}"))
        say(Text("  演示账号只能从本机或内网登录", "  Demo users sign in from this machine or its own network only"))
    say(Text("  按 Ctrl-C 停止全部服务\n", "  Ctrl-C stops everything\n"))
    sys.stdout.flush()


COMMANDS = [run, web, worker]
