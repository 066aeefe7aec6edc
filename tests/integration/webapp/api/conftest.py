"""The demo school behind the API: a fresh copy for each module."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.kernel.clock import FixedClock
from engine.kernel.servers.postgres import PostgresServer
from tests.conftest import NOW
from tests.integration.webapp.api.school import School
from tests.integration.webapp.demo_school import TEMPLATE, Demo, create_database, drop_database, url_of
from webapp.app import create_app
from webapp.composition import Platform, compose


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
    create_database(postgres, name, TEMPLATE)
    opened = compose(replace(demo.settings, database_url=url_of(postgres, name)), clock=clock)
    opened.redis.flushdb()
    yield opened
    opened.close()
    drop_database(postgres, name)


@pytest.fixture(scope="module")
def school(platform: Platform, demo: Demo, clock: FixedClock) -> School:
    """The school, its people to act as, and its worker's hand."""
    return School(create_app(platform), platform, clock, demo.password)
