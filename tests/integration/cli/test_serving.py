"""``schoolflow web``, ``worker`` and ``migrate`` as many machines run them: on servers of somebody else."""

import json
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
import pytest
from psycopg import sql
from redis import Redis
from rq import Worker
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from engine.kernel import migrate
from engine.kernel.actor import SYSTEM
from engine.kernel.errors import SetupError
from engine.kernel.servers.postgres import EXTENSIONS, PostgresServer
from engine.kernel.settings import load_settings
from engine.kernel.uow import Boundary, Tx
from engine.metadata import organisation
from tests.integration.cli.console import Console, command
from webapp.cli import unfinished

pytestmark = pytest.mark.timeout(400)


def plain(url: str, **changes: str) -> str:
    return make_url(url).set(drivername="postgresql", **changes).render_as_string(False)


@pytest.fixture
def outside(console: Console, owner_url: str, database_url: str, valkey_url: str) -> Console:
    """A terminal whose settings name a migrated database and a queue."""
    console.more = {
        "DATABASE_URL": plain(database_url),
        "DATABASE_OWNER_URL": plain(owner_url),
        "REDIS_URL": valkey_url,
    }
    return console


@pytest.fixture
def unmigrated(console: Console, postgres: PostgresServer, valkey_url: str) -> Iterator[Console]:
    """The same with a database that has nothing but the extensions."""
    name = "not_migrated"
    root = psycopg.connect(plain(postgres.superuser_url), autocommit=True)
    owner = make_url(postgres.owner_url).username or ""
    root.execute(sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(*map(sql.Identifier, (name, owner))))
    with psycopg.connect(plain(postgres.superuser_url, database=name), autocommit=True) as inside:
        for extension in EXTENSIONS:
            inside.execute(sql.SQL("CREATE EXTENSION {}").format(sql.Identifier(extension)))
    console.more = {
        "DATABASE_URL": plain(postgres.url, database=name),
        "DATABASE_OWNER_URL": plain(postgres.owner_url, database=name),
        "REDIS_URL": valkey_url,
    }
    yield console
    root.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    root.close()


@dataclass
class Serving:
    """A process of one machine."""

    process: "subprocess.Popen[str]"
    address: str

    def await_ready(self) -> None:
        for _ in range(600):
            assert self.process.poll() is None, self.process.communicate()
            try:
                with urllib.request.urlopen(f"{self.address}/health/ready", timeout=2):
                    return
            except OSError:
                threading.Event().wait(0.05)
        raise AssertionError("not ready")


def start(console: Console, name: str) -> Serving:
    process = subprocess.Popen(
        command([name]), env=console.environment("en_US.UTF-8"), cwd=console.where, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    return Serving(process, f"http://127.0.0.1:{console.port}")


def test_web_refuses_a_database_that_lacks_migrations_until_they_are_run(unmigrated: Console) -> None:
    zh, en = unmigrated.refused("web")
    assert zh.startswith("数据库还缺 ") and zh.endswith("请先运行 schoolflow migrate")
    assert en.startswith("The database lacks ") and en.endswith("run schoolflow migrate first")
    done = unmigrated.run("migrate")
    assert (done.returncode, "Done: " in done.stdout) == (0, True), done.stderr
    serving = start(unmigrated, "web")
    try:
        serving.await_ready()
    finally:
        serving.process.send_signal(signal.SIGTERM)
        assert serving.process.wait(30) == 0


def test_older_program_serves_a_newer_database_and_does_not_migrate_it(outside: Console, owner_url: str) -> None:
    engine = create_engine(owner_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO alembic_version VALUES ('kernel_9999')")
    assert migrate.missing(engine) == []
    with pytest.raises(SetupError) as caught:
        migrate.upgrade(engine)
    assert caught.value.code == "database_newer"
    engine.dispose()
    zh, en = outside.refused("migrate")
    assert (zh[:8], en[:40]) == ("数据库由更新的版", "The database was made by a newer release")


def test_web_answers_an_open_request_before_it_stops(outside: Console) -> None:
    serving = start(outside, "web")
    serving.await_ready()
    body = json.dumps({"username": "nobody", "password": "wrong-password"}).encode()
    with socket.create_connection(("127.0.0.1", outside.port), timeout=30) as asked:
        head = f"POST /api/v1/auth/token HTTP/1.1\r\nHost: school\r\nContent-Length: {len(body)}\r\n"
        asked.sendall(f"{head}Content-Type: application/json\r\n\r\n".encode() + body[:5])
        threading.Event().wait(0.5)
        serving.process.send_signal(signal.SIGTERM)
        threading.Event().wait(0.5)
        asked.sendall(body[5:])
        assert asked.recv(4096).startswith(b"HTTP/1.1 401 ")
    assert serving.process.wait(30) == 0


def test_worker_stops_in_order(outside: Console, valkey_url: str) -> None:
    working = start(outside, "worker").process
    with Redis.from_url(valkey_url) as redis:
        for _ in range(600):
            if any(one.pid == working.pid and one.get_state() == "idle" for one in Worker.all(connection=redis)):
                break
            threading.Event().wait(0.05)
    working.send_signal(signal.SIGTERM)
    said, _ = working.communicate(timeout=30)
    assert (working.returncode, "Traceback" in said) == (0, False), said


@pytest.mark.parametrize(
    ("url", "zh", "en"),
    [
        (
            "redis://:hush@127.0.0.1:1/0",
            "无法连接队列 redis://***@127.0.0.1:1/0",
            "The queue redis://***@127.0.0.1:1/0",
        ),
        ("http://127.0.0.1", "REDIS_URL 应以 redis://", "REDIS_URL must start with redis://"),
    ],
)
def test_queue_that_cannot_be_used_is_named_without_its_password(console: Console, url: str, zh: str, en: str) -> None:
    console.more = {"REDIS_URL": url}
    said = console.refused("run")
    assert said[0].startswith(zh) and said[1].startswith(en)
    assert "hush" not in "".join(said)


def test_unfinished_mark_never_costs_a_school_with_people_of_its_own(
    outside: Console, boundary: Boundary, owner_url: str
) -> None:
    def found(tx: Tx) -> None:
        root = organisation.install(tx, "学堂")
        organisation.create_user(tx, username="real", name="真人", branch_id=root)

    boundary.run(SYSTEM, found)
    outside.home.mkdir(parents=True)
    unfinished.begin(load_settings(outside.environment("en_US.UTF-8")))
    done = outside.run("demo")
    assert "Making the demo school was interrupted" in done.stdout + done.stderr
    assert (done.returncode, "There is a school here already" in done.stderr) == (1, True)
    assert "真人" in outside.run("user", "list").stdout


def test_unfinished_mark_of_one_database_is_none_for_another(
    outside: Console, boundary: Boundary, owner_url: str
) -> None:
    def found(tx: Tx) -> None:
        root = organisation.install(tx, "学堂")
        organisation.create_user(tx, username="shown", name="演示人", branch_id=root, is_demo=True)

    boundary.run(SYSTEM, found)
    outside.home.mkdir(parents=True)
    unfinished.mark_in(outside.home).write_text("postgresql+psycopg://elsewhere/schoolflow", "utf-8")
    done = outside.run("demo")
    assert (done.returncode, "There is a school here already" in done.stderr) == (1, True)
    assert "演示人" in outside.run("user", "list").stdout


def test_interrupted_first_start_of_the_servers_is_finished_by_the_next(console: Console) -> None:
    """Roles there, database not: as when the power went between the two."""
    script = (
        "import sys, psycopg\n"
        "from pathlib import Path\n"
        "from sqlalchemy.engine import make_url\n"
        "from engine.kernel.servers.postgres import start_postgres\n"
        "home = Path(sys.argv[1])\n"
        "home.mkdir(mode=0o711)\n"
        "server = start_postgres(home, durable=False)\n"
        "root = make_url(server.superuser_url).set(drivername='postgresql').render_as_string(False)\n"
        "psycopg.connect(root, autocommit=True).execute('DROP DATABASE schoolflow WITH (FORCE)')\n"
        "server.stop()\n"
        "server = start_postgres(home, durable=False)\n"
        "found = psycopg.connect(make_url(server.url).set(drivername='postgresql').render_as_string(False))\n"
        "print(found.execute('SELECT count(*) FROM pg_extension').fetchone()[0])\n"
        "server.stop()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(console.home)], cwd=console.where, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) == len(EXTENSIONS) + 1
