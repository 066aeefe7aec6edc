"""The application on a fresh database, without a browser."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.kernel.settings import load_settings
from tests.e2e.school import PASSWORD, School, open_school
from webapp.app import create_app
from webapp.composition import Platform, compose


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
