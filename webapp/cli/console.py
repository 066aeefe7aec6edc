"""What commands share: the language of the terminal, settings, an open platform."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import click
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from engine.kernel import migrate
from engine.kernel.database import check_database, open_engine
from engine.kernel.errors import SetupError
from engine.kernel.servers import Servers, open_servers
from engine.kernel.settings import Settings, load_settings
from engine.kernel.text import Text
from webapp.composition import Platform, compose


def locale() -> str:
    """``zh`` unless the terminal is set to another language."""
    language = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or "zh"
    return "zh" if language.lower().startswith(("zh", "c.", "c", "posix")) else "en"


def say(text: Text, **style: str) -> None:
    """One line in the terminal's language."""
    click.secho(text.in_locale(locale()), fg=style.get("fg"))


@contextmanager
def running_servers() -> Iterator[tuple[Settings, Servers]]:
    """Settings with the addresses of running servers filled in; what was started here is stopped at the end."""
    settings = load_settings(os.environ)
    servers = open_servers(settings)
    try:
        yield addressed(settings, servers), servers
    finally:
        servers.stop()


@contextmanager
def platform(before: Callable[[Settings], None] | None = None) -> Iterator[Platform]:
    """An open platform on a migrated database; ``before`` sees the database as it is found."""
    with running_servers() as (settings, _servers):
        if before:
            before(settings)
        bring_up_to_date(settings)
        opened = compose(settings)
        try:
            yield opened
        finally:
            opened.close()


def addressed(settings: Settings, servers: Servers) -> Settings:
    """The settings with the servers' addresses."""
    return replace(
        settings,
        database_url=servers.database_url,
        database_owner_url=servers.database_owner_url,
        redis_url=servers.redis_url,
    )


def bring_up_to_date(settings: Settings) -> list[str]:
    """Checks the database and runs missing migrations; the revisions run."""
    for url in dict.fromkeys((settings.database_url, settings.database_owner_url)):
        engine = open_engine(url, pool_size=1)
        check_database(engine)
        engine.dispose()
    owner = create_engine(settings.database_owner_url)
    role = make_url(settings.database_url).username
    try:
        return migrate.upgrade(owner, role if role != make_url(settings.database_owner_url).username else None)
    finally:
        owner.dispose()


def require_up_to_date(settings: Settings) -> None:
    """For processes that do not migrate. A newer database is fine: migrations expand before they contract.

    Raises: SetupError when migrations are missing, or the database or the queue can't be reached.
    """
    engine = open_engine(settings.database_url, pool_size=1)
    try:
        check_database(engine)
        missing = migrate.missing(engine)
    finally:
        engine.dispose()
    if missing:
        raise SetupError(
            "not_migrated",
            Text(
                f"数据库还缺 {len(missing)} 项结构变更，请先运行 schoolflow migrate",
                f"The database lacks {len(missing)} migrations; run schoolflow migrate first",
            ),
        )
