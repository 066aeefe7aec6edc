"""The real application in a real browser: one school, one server and one Chromium a run."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, StorageState, sync_playwright
from psycopg import sql
from sqlalchemy.engine import make_url
from werkzeug.serving import BaseWSGIServer, make_server

from engine.kernel.servers.postgres import PostgresServer
from engine.kernel.settings import load_settings
from tests.e2e.school import PASSWORD, School, open_school
from tests.e2e.term import Term, open_term
from tests.e2e.watching import SignIn, Watch
from webapp.app import create_app
from webapp.composition import Platform, compose

_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
_WORK_EVERY_S = 0.1
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}


@pytest.fixture(scope="session")
def platform(postgres: PostgresServer, valkey_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """The platform on a fresh migrated database of its own."""
    admin = psycopg.connect(make_url(postgres.superuser_url).set(drivername="postgresql").render_as_string(False))
    admin.autocommit = True
    admin.execute(sql.SQL("DROP DATABASE IF EXISTS e2e WITH (FORCE)"))
    admin.execute(sql.SQL("CREATE DATABASE e2e TEMPLATE schoolflow STRATEGY file_copy"))
    settings = replace(
        load_settings({"SCHOOLFLOW_HOME": str(tmp_path_factory.mktemp("home"))}),
        database_url=make_url(postgres.url).set(database="e2e").render_as_string(False),
        redis_url=valkey_url,
    )
    opened = compose(settings)
    yield opened
    opened.close()
    admin.close()


@pytest.fixture(scope="session")
def school(platform: Platform) -> School:
    """A small school with its people, leads and processes, made through the use-cases."""
    return open_school(platform)


@pytest.fixture(scope="session")
def term(platform: Platform, school: School) -> Term:
    """The school's courses and classes; families are made as tests need them."""
    return open_term(platform, school)


@pytest.fixture(scope="session")
def address(platform: Platform, school: School) -> Iterator[str]:
    """Where the application serves; a worker drains what is due meanwhile."""
    server: BaseWSGIServer = make_server("127.0.0.1", 0, create_app(platform), threaded=True)
    stop, faults = threading.Event(), list[Exception]()
    threads = [threading.Thread(target=server.serve_forever, daemon=True)]
    threads.append(threading.Thread(target=_work, args=(platform, stop, faults), daemon=True))
    for thread in threads:
        thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    stop.set()
    server.shutdown()
    for thread in threads:
        thread.join(10)
    assert faults == []


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=_ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture
def watch(address: str) -> Iterator[Watch]:
    """Fails the test for what the pages must never do."""
    watching = Watch(address)
    yield watching
    assert watching.faults == []


@pytest.fixture(scope="session")
def signed_in() -> dict[str, StorageState]:
    """Cookies of the people who have signed in already."""
    return {}


@pytest.fixture
def sign_in(browser: Browser, address: str, watch: Watch, signed_in: dict[str, StorageState]) -> Iterator[SignIn]:
    """``sign_in("east_sales1", phone=True)`` gives a page of that person, at home."""
    contexts: list[BrowserContext] = []

    def open_page(username: str, *, phone: bool = False, locale: str = "zh-CN") -> Page:
        context = browser.new_context(
            viewport=PHONE if phone else DESK,
            locale=locale,
            base_url=address,
            reduced_motion="reduce",
            storage_state=signed_in.get(username),
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        watch.look_at(page)
        page.goto("/")
        if page.url.startswith(f"{address}/sign-in"):
            page.fill("#username", username)
            page.fill("#password", PASSWORD)
            page.click("button.btn-primary")
            page.wait_for_url(f"{address}/")
            signed_in[username] = context.storage_state()
        return page

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def visitor(browser: Browser, address: str, watch: Watch) -> Iterator[Page]:
    """Somebody who is not signed in."""
    context = browser.new_context(viewport=DESK, locale="zh-CN", base_url=address)
    page = context.new_page()
    watch.look_at(page)
    yield page
    context.close()


@pytest.fixture(scope="session")
def axe_source() -> str:
    """The accessibility checker."""
    return (Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def _work(platform: Platform, stop: threading.Event, faults: list[Exception]) -> None:
    """Drains until told to stop; what a drain raises fails the run, but ends none of the others."""
    while not stop.wait(_WORK_EVERY_S):
        for drain in platform.drains.values():
            try:
                drain()
            except Exception as fault:
                faults.append(fault)
