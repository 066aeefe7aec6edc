"""Commands ``backup`` and ``restore``: the whole school in one file."""

import io
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy import create_engine, inspect, text

from engine.kernel import history, history_anchor, migrate, outbox, private_files
from engine.kernel.actor import SYSTEM
from engine.kernel.errors import Conflict, NotFound
from engine.kernel.history import Event
from engine.kernel.servers.client import run_client
from engine.kernel.settings import Settings, secret_key
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from webapp.cli.console import bring_up_to_date, running_servers, say
from webapp.composition import compose

_DUMP, _KEY = "database.dump", "secret-key"


@click.command("backup", help="备份全部数据到一个文件 / the whole school into one file")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
def backup(target: Path) -> None:
    """Database and signing key in a tar file of mode 0600; a running school can go on meanwhile."""
    with running_servers() as (settings, _servers), tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / _DUMP
        tables = _table_count(settings)
        arguments = ["--format=custom", "--no-owner", "--no-acl", "--verbose", f"--file={dump}"]
        with (
            run_client("pg_dump", settings.database_owner_url, arguments) as lines,
            click.progressbar(length=tables, width=30, show_eta=False) as bar,
        ):
            for line in lines:
                if "dumping contents of table" in line:
                    bar.update(1)
        target.touch(mode=0o600)
        with tarfile.open(target, "w") as archive:
            archive.add(dump, _DUMP)
            _add_text(archive, _KEY, secret_key(settings))
    say(Text(f"已备份到 {target}", f"Backed up to {target}"), fg="green")


@click.command("restore", help="从备份恢复；恢复后待发消息先扣留 / restore; messages wait until released")
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="清空现有数据 / drop what is there")
def restore(source: Path, replace: bool) -> None:
    """Into an empty database, or with ``--replace`` into any; then migrates and holds the outbox."""
    with running_servers() as (settings, _servers), tempfile.TemporaryDirectory() as folder:
        dump, key = _unpack(source, Path(folder))
        _make_room(settings, replace)
        arguments = ["--no-owner", "--no-acl", "--no-comments", "--exit-on-error", "--verbose"]
        with run_client(
            "pg_restore", settings.database_owner_url, [*arguments, f"--dbname={_name(settings)}", str(dump)]
        ):
            say(Text("正在恢复 …", "Restoring ..."))
        _keep_key(settings, key)
        _rebase(settings)
        bring_up_to_date(settings)
        history_anchor.set_aside(history_anchor.file_in(settings.home), datetime.now(UTC))
        opened = compose(settings)
        try:
            opened.boundary.run(SYSTEM, _hold)
        finally:
            opened.close()
    say(
        Text(
            "已恢复。待发消息已扣留，请在“连接器”页面确认后放行",
            "Restored. Messages are held until released on the connectors page",
        ),
        fg="green",
    )


COMMANDS = [backup, restore]


def _hold(tx: Tx) -> None:
    outbox.hold(tx, "restore")
    tx.record(Event("school:restored", ("school", "all")))


def _table_count(settings: Settings) -> int:
    engine = create_engine(settings.database_owner_url)
    try:
        return len(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def _add_text(archive: tarfile.TarFile, name: str, content: str) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content.encode())
    member.mode = 0o600
    archive.addfile(member, io.BytesIO(content.encode()))


def _unpack(source: Path, folder: Path) -> tuple[Path, str]:
    try:
        with tarfile.open(source) as archive:
            archive.extract(_DUMP, folder, filter="data")
            key = archive.extractfile(_KEY)
            return folder / _DUMP, key.read().decode("ascii").strip() if key else ""
    except (tarfile.TarError, KeyError) as error:
        raise NotFound(
            "no_backup", Text(f"{source} 不是 Schoolflow 备份文件", f"{source} is no backup of Schoolflow")
        ) from error


def _make_room(settings: Settings, replace: bool) -> None:
    engine = create_engine(settings.database_owner_url)
    try:
        with engine.begin() as connection:
            if inspect(connection).has_table("alembic_version") and not replace:
                raise Conflict(
                    "not_empty",
                    Text(
                        "数据库不为空；确认要覆盖请加 --replace",
                        "The database is not empty; --replace overwrites it",
                    ),
                )
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
    finally:
        engine.dispose()


def _name(settings: Settings) -> str:
    from sqlalchemy.engine import make_url

    return make_url(settings.database_owner_url).database or ""


def _keep_key(settings: Settings, key: str) -> None:
    if key and not settings.secret_key:
        private_files.write(settings.home / "secret-key", key)


def _rebase(settings: Settings) -> None:
    migrate.load_tables()
    engine = create_engine(settings.database_owner_url)
    try:
        with engine.begin() as connection:
            history.rebase(connection)
    finally:
        engine.dispose()
