"""The demo school's pages: a fresh copy for each module, and visitors of it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.kernel.clock import FixedClock
from engine.kernel.servers.postgres import PostgresServer
from tests.conftest import NOW
from tests.integration.webapp.api.school import School
from tests.integration.webapp.demo_school import TEMPLATE, Demo, create_database, drop_database, url_of
from tests.integration.webapp.pages.visitor import Visitor
from webapp.app import create_app
from webapp.composition import Platform, compose


@pytest.fixture(scope="module")
def platform(postgres: PostgresServer, demo: Demo, request: pytest.FixtureRequest) -> Iterator[Platform]:
    """The platform on this module's own copy of the school."""
    name = f"pages_{Path(request.path).stem}"
    create_database(postgres, name, TEMPLATE)
    opened = compose(replace(demo.settings, database_url=url_of(postgres, name)), clock=FixedClock(NOW))
    opened.redis.flushdb()
    yield opened
    opened.close()
    drop_database(postgres, name)


@pytest.fixture(scope="module")
def school(platform: Platform, demo: Demo) -> School:
    """The school with its worker's hand."""
    clock = platform.boundary.clock
    assert isinstance(clock, FixedClock)
    return School(create_app(platform), platform, clock, demo.password)


@pytest.fixture(scope="module")
def visit(school: School) -> Callable[[str], Visitor]:
    """``visit("east_finance")``: that person, signed in once a module."""
    known: dict[str, Visitor] = {}

    def open_session(username: str) -> Visitor:
        if username not in known:
            known[username] = Visitor(school.app, username, school.password)
        return known[username]

    return open_session
