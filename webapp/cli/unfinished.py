"""A demo school whose making was interrupted: it is told by a mark in the data folder, and made anew."""

from pathlib import Path

from sqlalchemy import Connection, create_engine, inspect, make_url, text

from engine.kernel.servers.postgres import EXTENSIONS
from engine.kernel.settings import Settings
from engine.kernel.text import Text
from webapp.cli.console import say

_MARK = "demo-unfinished"


def mark_in(home: Path) -> Path:
    """The file that is there while the demo school is being made."""
    return home / _MARK


def begin(settings: Settings) -> None:
    """Marks this database's demo school as unfinished."""
    mark_in(settings.home).write_text(_database(settings), "utf-8")


def discard(settings: Settings) -> None:
    """Empties the database when an earlier making of its demo school did not come to its end; else does nothing."""
    mark = mark_in(settings.home)
    if not mark.exists() or mark.read_text("utf-8") != _database(settings):
        return
    say(
        Text("上次建立演示学校被中断，现在重新建立", "Making the demo school was interrupted; it begins anew"),
        fg="yellow",
    )
    engine = create_engine(settings.database_owner_url)
    try:
        with engine.begin() as connection:
            if _holds_only_demo(connection):
                empty(connection)
    finally:
        engine.dispose()
    mark.unlink()


def empty(connection: Connection) -> None:
    """Drops everything in the database, and puts the extensions back."""
    connection.execute(text("DROP SCHEMA public CASCADE"))
    connection.execute(text("CREATE SCHEMA public"))
    for extension in EXTENSIONS:
        connection.execute(text(f"CREATE EXTENSION IF NOT EXISTS {extension}"))


def _database(settings: Settings) -> str:
    """Which database it is, without its password: the mark of one is none for another."""
    return make_url(settings.database_owner_url).set(username=None, password=None).render_as_string()


def _holds_only_demo(connection: Connection) -> bool:
    if not inspect(connection).has_table("app_user"):
        return False
    others = text("SELECT EXISTS (SELECT 1 FROM app_user WHERE NOT is_demo)")
    return not connection.execute(others).scalar_one()
