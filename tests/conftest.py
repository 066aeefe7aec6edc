"""Real servers for every test that asks: one PostgreSQL and one Valkey a run, a fresh migrated database a test."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from argon2 import PasswordHasher
from hypothesis import settings
from psycopg import sql
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from engine.kernel import migrate
from engine.kernel.actor import SYSTEM, Actor
from engine.kernel.clock import FixedClock
from engine.kernel.database import open_engine
from engine.kernel.servers.postgres import APPLICATION, PostgresServer, start_postgres
from engine.kernel.servers.valkey import start_valkey
from engine.kernel.uow import Boundary, SilentWaker
from engine.metadata.organisation import credentials
from tests.leftovers import make_folder

# A release is judged by the same examples every time; at a desk each run looks at new ones.
settings.register_profile("release", derandomize=True, deadline=None)
settings.register_profile("desk", deadline=None)
settings.load_profile("release" if os.environ.get("CI") else "desk")

NOW = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)  # a Tuesday, 09:00 in Shanghai

_numbers = itertools.count(1)
_MEMORY, _ENOUGH = Path("/dev/shm"), 6 << 30


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Passwords of tests are hashed as ours are, but cheaply: a school has dozens, each takes a while."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(credentials, "_hasher", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        yield


@pytest.fixture(scope="session")
def server_home() -> Iterator[Path]:
    """A data folder that the servers' account can reach: in memory where there is plenty, for nothing in it is kept.

    Hundreds of databases are made and dropped; on a disk that alone takes minutes.
    """
    roomy = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ENOUGH
    folder = make_folder(_MEMORY if roomy else Path(tempfile.gettempdir()))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(server_home: Path) -> Iterator[PostgresServer]:
    """The run's PostgreSQL; its database ``schoolflow`` is migrated and serves as the template."""
    server = start_postgres(server_home, durable=False)
    engine = create_engine(server.owner_url)
    migrate.upgrade(engine, APPLICATION)
    engine.dispose()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def valkey_url(server_home: Path) -> Iterator[str]:
    """The run's Valkey."""
    server = start_valkey(server_home)
    yield server.url
    server.stop()


@pytest.fixture
def owner_url(postgres: PostgresServer) -> Iterator[str]:
    """A fresh database, as its owner."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    root = psycopg.connect(make_url(postgres.superuser_url).set(drivername="postgresql").render_as_string(False))
    root.autocommit = True
    root.execute(sql.SQL("CREATE DATABASE {} TEMPLATE schoolflow STRATEGY file_copy").format(sql.Identifier(name)))
    yield make_url(postgres.owner_url).set(database=name).render_as_string(False)
    root.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    root.close()


@pytest.fixture
def database_url(postgres: PostgresServer, owner_url: str) -> str:
    """The same fresh database, as the application (no UPDATE or DELETE on append-only tables)."""
    database = make_url(owner_url).database
    return make_url(postgres.url).set(database=database).render_as_string(False)


@pytest.fixture
def clock() -> FixedClock:
    """Stands at 2026-09-01 09:00 in Shanghai."""
    return FixedClock(NOW)


@pytest.fixture
def boundary(database_url: str, clock: FixedClock) -> Iterator[Boundary]:
    """A boundary on the fresh database that wakes nobody: the test drains what it wants drained."""
    engine = open_engine(database_url)
    yield Boundary(engine, clock, SilentWaker())
    engine.dispose()


@pytest.fixture
def actor_system() -> Actor:
    """The system clock as an actor."""
    return SYSTEM
