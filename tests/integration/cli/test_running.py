"""``schoolflow run``: starts, stops, dies, and what it says when it can't start."""

import os
import shutil
import signal
import socket
import subprocess
import urllib.error
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from engine.kernel import database
from engine.kernel.errors import SetupError
from engine.kernel.servers.postgres import PostgresServer
from tests.integration.cli.console import (
    ROOT,
    Console,
    Running,
    ask,
    await_none_of,
    eventually,
    number_of,
    processes_of,
)

pytestmark = pytest.mark.timeout(400)


def test_second_start_serves_and_ctrl_c_leaves_no_process(demo: Console) -> None:
    running = Running(demo, "--demo")
    print(f"\nsecond start: {running.await_ready():.1f} s")
    said = "\n".join(running.lines)
    assert len(processes_of(demo.home)) >= 5
    assert running.interrupt() == 0
    assert await_none_of(demo.home) == {}
    assert "Traceback" not in said


def test_killed_parent_leaves_no_server_behind(demo: Console) -> None:
    running = Running(demo, "--demo")
    running.await_ready()
    running.kill()
    assert await_none_of(demo.home) == {}
    assert (demo.home / "demo-password").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("program", ["valkey-server", "postgres"])
def test_killed_server_is_started_again_and_the_work_goes_on(demo: Console, program: str) -> None:
    running = Running(demo, "--demo")
    running.await_ready()
    word = (demo.home / "demo-password").read_text("utf-8").strip()
    token = ask(demo, "/api/v1/auth/token", body={"username": "east_sales1", "password": word})["token"]
    victim = number_of(demo, program)
    os.kill(victim, signal.SIGKILL)
    assert eventually(lambda: number_of(demo, program) not in (0, victim) and both_answer(demo)), running.lines
    lead = {"name": "钟书瑶", "phone": f"1397777{victim % 10_000:04}", "guardian_name": "钟先生", "source": "web"}
    made = ask(demo, "/api/v1/records/lead", token, lead)
    assert eventually(lambda: is_assigned(demo, token, made["id"])), running.lines
    assert running.interrupt() == 0
    assert await_none_of(demo.home) == {}


def test_second_instance_on_the_same_folder_is_refused(demo: Console) -> None:
    running = Running(demo)
    running.await_ready()
    try:
        zh, en = Console(demo.home).refused("run")
    finally:
        assert running.interrupt() == 0
    assert zh == f"数据目录 {demo.home} 已被另一个正在运行的实例使用（进程 {running.process.pid}）"
    assert en == f"Another instance (process {running.process.pid}) already runs on the data folder {demo.home}"
    assert await_none_of(demo.home) == {}


def test_taken_port_is_refused(console: Console) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", console.port))
        other.listen()
        zh, en = console.refused("run")
    assert zh.startswith(f"端口 127.0.0.1:{console.port} 无法使用")
    assert en.startswith(f"The port 127.0.0.1:{console.port} can't be used")


def test_unreachable_database_is_refused_without_its_password(console: Console) -> None:
    console.more = {"DATABASE_URL": "postgresql://app:hush-hush@127.0.0.1:1/school"}
    zh, en = console.refused("run")
    assert zh.startswith("无法连接数据库 postgresql+psycopg://app:***@127.0.0.1:1/school")
    assert en.startswith("The database postgresql+psycopg://app:***@127.0.0.1:1/school can't be reached")
    assert "hush" not in zh + en


def test_wrong_password_is_refused(console: Console, postgres: PostgresServer) -> None:
    url = make_url(postgres.url).set(drivername="postgresql", password="wrong").render_as_string(False)
    console.more = {"DATABASE_URL": url}
    _, en = console.refused("run")
    assert "password authentication failed" in en


def test_too_old_server_is_refused(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "OLDEST_VERSION", 99)
    engine = database.open_engine(database_url)
    with pytest.raises(SetupError) as caught:
        database.check_database(engine)
    engine.dispose()
    assert caught.value.message.zh.startswith("需要 PostgreSQL 99 或更新版本")
    assert caught.value.message.en.startswith("PostgreSQL 99 or newer is needed")


@pytest.mark.parametrize(("name", "value"), [("SCHOOLFLOW_PORT", "http"), ("DATABASE_URL", "mysql://x/y")])
def test_wrong_setting_is_named(console: Console, name: str, value: str) -> None:
    console.more = {name: value}
    zh, en = console.refused("run")
    assert zh.startswith(f"{name} 应") and en.startswith(f"{name} must")


def test_folder_that_cannot_be_made_is_refused(console: Console) -> None:
    console.home.parent.joinpath("file").write_text("")
    console.home = console.home.parent / "file" / "home"
    zh, en = console.refused("run")
    assert zh == f"无法使用数据目录 {console.home}：Not a directory"
    assert en == f"The data folder {console.home} can't be used: Not a directory"


def test_read_only_folder_is_refused(console: Console) -> None:
    console.home = Path("/proc/schoolflow")
    zh, en = console.refused("run")
    assert zh.startswith("无法使用数据目录 /proc/schoolflow") and en.startswith("The data folder /proc/schoolflow")


def test_too_long_path_is_refused(console: Console) -> None:
    console.home = console.home / ("长" * 40)
    zh, en = console.refused("run")
    assert zh.startswith("数据目录路径过长") and en.startswith("The data folder's path is too long")


@pytest.fixture
def small_disk(console: Console) -> Iterator[Console]:
    """A data folder on a disk of 12 MB, or whose lock can't be written where nothing may be mounted."""
    console.home.mkdir()
    console.home.chmod(0o711)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m,mode=0711", "tmpfs", str(console.home)],
        capture_output=True, check=False,
    )  # fmt: skip
    if mounted.returncode:
        (console.home / "lock").symlink_to("/dev/full")
    yield console
    if not mounted.returncode:
        subprocess.run(["umount", str(console.home)], check=True)


def test_full_disk_is_told(small_disk: Console) -> None:
    zh, en = small_disk.refused("run")
    assert "磁盘已满" in zh or "No space left" in zh
    assert "disk is full" in en or "No space left" in en


def test_missing_front_end_build_is_told(console: Console) -> None:
    copy = console.home.parent / "program"
    for room in ("engine", "forms", "processes", "connectors", "webapp"):
        shutil.copytree(ROOT / room, copy / room, ignore=shutil.ignore_patterns("build", "__pycache__", "frontend"))
    console.where = copy
    zh, en = console.refused("run")
    assert zh.startswith("前端尚未构建") and en.startswith("The front end is not built")


def test_foreign_package_in_the_place_of_a_room_is_named(console: Console) -> None:
    foreign = console.home.parent / "foreign" / "forms"
    foreign.mkdir(parents=True)
    (foreign / "__init__.py").write_text("")
    console.more = {"PYTHONPATH": f"{foreign.parent}:{ROOT}"}
    console.where = Path("/")
    done = console.run("run")
    assert done.returncode == 1
    assert f"The package forms comes from {foreign}, expected {ROOT / 'forms'}" in done.stderr
    assert "Traceback" not in done.stderr


def both_answer(console: Console) -> bool:
    try:
        return bool(ask(console, "/health/ready") == {"database": "ok", "queue": "ok"})
    except OSError:
        return False


def is_assigned(console: Console, token: str, lead: str) -> bool:
    """Whether the process has given the lead to somebody; to another than its creator when he no longer sees it."""
    try:
        return ask(console, f"/api/v1/records/lead/{lead}", token)["values"]["owner_id"] is not None
    except urllib.error.HTTPError as error:
        return error.code == 404
