"""The application on a fresh database, without a browser."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.kernel.clock import FixedClock
from engine.kernel.servers.postgres import PostgresServer
from engine.kernel.settings import load_settings
from tests.conftest import NOW
from tests.e2e.school import PASSWORD, School, open_school
from tests.integration.webapp.demo_school import TEMPLATE, Demo, create_database, drop_database, url_of
from webapp.app import create_app
from webapp.composition import Platform, compose
from webapp.demo import create_demo


@pytest.fixture(scope="session")
def demo(postgres: PostgresServer, valkey_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo school as it stands on 2026-09-01, 09:00 in Shanghai, in a template database."""
    home = tmp_path_factory.mktemp("demo")
    create_database(postgres, TEMPLATE, "schoolflow")
    settings = replace(
        load_settings({"SCHOOLFLOW_HOME": str(home)}), database_url=url_of(postgres, TEMPLATE), redis_url=valkey_url
    )
    platform = compose(settings, clock=FixedClock(NOW))
    create_demo(platform, lambda percent: None)
    platform.close()
    yield Demo(settings, (home / "demo-password").read_text("utf-8").strip())
    drop_database(postgres, TEMPLATE)


@pytest.fixture
def platform(database_url: str, valkey_url: str, tmp_path: Path) -> Iterator[Platform]:
    """A platform of this test's own."""
    settings = replace(
        load_settings({"SCHOOLFLOW_HOME": str(tmp_path)}), database_url=database_url, redis_url=valkey_url
    )
    opened = compose(settings)
    opened.redis.flushdb()
    yield opened
    opened.close()


@pytest.fixture
def school(platform: Platform) -> School:
    """People, branches, processes, leads."""
    return open_school(platform)


@pytest.fixture
def app(platform: Platform, school: School) -> Flask:
    """The application."""
    return create_app(platform)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Nobody signed in."""
    return app.test_client()


def token_of(client: FlaskClient, path: str = "/sign-in") -> str:
    """The form token of this client's session."""
    found = re.search(r'name="_csrf" value="([^"]+)"', client.get(path).text)
    assert found is not None
    return found[1]


def sign_in(client: FlaskClient, username: str, password: str = PASSWORD) -> int:
    """Signs in; the status of the answer."""
    form = {"_csrf": token_of(client), "username": username, "password": password}
    return client.post("/sign-in", data=form).status_code
