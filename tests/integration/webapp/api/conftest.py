"""The demo school behind the API: made once a run, a fresh copy for each module."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url

from engine.kernel.clock import FixedClock
from engine.kernel.servers.postgres import PostgresServer
from engine.kernel.settings import Settings, load_settings
from tests.conftest import NOW
from tests.integration.webapp.api.school import School
from webapp.app import create_app
from webapp.composition import Platform, compose
from webapp.demo import create_demo

TEMPLATE = "demo_template"


@dataclass(frozen=True)
class Demo:
    """The finished demo school: its settings without a database of one's own, and the password of everybody."""

    settings: Settings
    password: str


@pytest.fixture(scope="session")
def demo(postgres: PostgresServer, valkey_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo school as it stands on 2026-09-01, 09:00 in Shanghai, in a template database."""
    home = tmp_path_factory.mktemp("demo")
    _create_database(postgres, TEMPLATE, "schoolflow")
    settings = replace(
        load_settings({"SCHOOLFLOW_HOME": str(home)}), database_url=_url(postgres, TEMPLATE), redis_url=valkey_url
    )
    platform = compose(settings, clock=FixedClock(NOW))
    create_demo(platform, lambda percent: None)
    platform.close()
    yield Demo(settings, (home / "demo-password").read_text("utf-8").strip())
    _drop_database(postgres, TEMPLATE)


@pytest.fixture(scope="module")
def clock() -> FixedClock:
    """Stands at 2026-09-01 09:00 in Shanghai until a test moves it."""
    return FixedClock(NOW)


@pytest.fixture(scope="module")
def platform(
    postgres: PostgresServer, demo: Demo, clock: FixedClock, request: pytest.FixtureRequest
) -> Iterator[Platform]:
    """The platform on this module's own copy of the school."""
    name = f"demo_{Path(request.path).stem}"
    _create_database(postgres, name, TEMPLATE)
    opened = compose(replace(demo.settings, database_url=_url(postgres, name)), clock=clock)
    opened.redis.flushdb()
    yield opened
    opened.close()
    _drop_database(postgres, name)


@pytest.fixture(scope="module")
def school(platform: Platform, demo: Demo, clock: FixedClock) -> School:
    """The school, its people to act as, and its worker's hand."""
    return School(create_app(platform), platform, clock, demo.password)


def _url(postgres: PostgresServer, database: str) -> str:
    return make_url(postgres.url).set(database=database).render_as_string(hide_password=False)


def _root(postgres: PostgresServer) -> psycopg.Connection[tuple[object, ...]]:
    url = make_url(postgres.superuser_url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(url, autocommit=True)


def _create_database(postgres: PostgresServer, name: str, template: str) -> None:
    with _root(postgres) as root:
        root.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))


def _drop_database(postgres: PostgresServer, name: str) -> None:
    with _root(postgres) as root:
        root.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
