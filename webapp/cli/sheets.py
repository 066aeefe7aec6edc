"""Commands ``import`` and ``export``: records from and to .xlsx or .csv, as one person."""

import sys
from pathlib import Path
from typing import Literal

import click

from engine.kernel.actor import SYSTEM, Actor
from engine.kernel.errors import NotFound, UserError
from engine.kernel.text import Text
from engine.metadata import directory, exporting, importing
from engine.metadata.query import Query
from webapp.cli.console import locale, platform, say
from webapp.composition import Platform


@click.command("import", help="导入记录 / import records")
@click.argument("object_key")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "username", required=True, help="以哪个账号导入 / the account that imports")
@click.option("--dry-run", is_flag=True, help="只检查 / only check")
@click.option("--duplicates", type=click.Choice(["skip", "create", "update"]), default="skip", show_default=True)
def import_records(
    object_key: str, file: Path, username: str, dry_run: bool, duplicates: Literal["skip", "create", "update"]
) -> None:
    """Headers are matched to fields by name; exit code 1 when rows were refused."""
    content = file.read_bytes()
    with platform() as opened:
        actor = _actor(opened, username)
        found = opened.boundary.run(actor, lambda tx: importing.preview(tx, object_key, file.name, content))
        with click.progressbar(length=max(found.rows, 1), width=30, show_eta=False) as bar:

            def progress(done: int, _total: int | None) -> None:
                bar.update(done - bar.pos)

            result = opened.boundary.run(
                actor,
                lambda tx: importing.run(
                    tx,
                    object_key,
                    file.name,
                    content,
                    found.mapping,
                    dry_run=dry_run,
                    duplicates=duplicates,
                    progress=progress,
                ),
            )
    for error in result.errors:
        click.secho(f"{error.row:>6}  {error.field or '-':<20} {error.message.in_locale(locale())}", fg="red")
    say(
        Text(
            f"新建 {result.created}，更新 {result.updated}，跳过 {result.skipped}，错误 {len(result.errors)}",
            f"created {result.created}, updated {result.updated}, skipped {result.skipped}, wrong {len(result.errors)}",
        )
    )
    sys.exit(1 if result.errors else 0)


@click.command("export", help="导出记录 / export records")
@click.argument("object_key")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--as", "username", required=True, help="以哪个账号导出 / the account that exports")
@click.option("--filter", "condition", default=None, help="FEEL 条件 / a FEEL condition")
def export_records(object_key: str, file: Path, username: str, condition: str | None) -> None:
    """The kind follows the file's ending, .xlsx or .csv."""
    endings: dict[str, Literal["xlsx", "csv"]] = {".xlsx": "xlsx", ".csv": "csv"}
    if file.suffix.lower() not in endings:
        raise UserError("unknown_file", Text("文件应以 .xlsx 或 .csv 结尾", "The file must end in .xlsx or .csv"))
    with platform() as opened:
        actor = _actor(opened, username)
        query = Query(object_key, filter=condition)
        with file.open("wb") as sink:
            rows = opened.boundary.run(
                actor, lambda tx: exporting.export(tx, query, endings[file.suffix.lower()], sink)
            )
    say(Text(f"已导出 {rows} 行到 {file}", f"{rows} rows were written to {file}"), fg="green")


def _actor(opened: Platform, username: str) -> Actor:
    user_id = opened.boundary.run(SYSTEM, lambda tx: directory.user_by_username(tx, username))
    actor = opened.boundary.run(SYSTEM, lambda tx: directory.user_actor(tx, user_id)) if user_id else None
    if actor is None:
        raise NotFound("no_user", Text(f"没有账号 {username}", f"There is no account {username}"))
    return actor


COMMANDS = [import_records, export_records]
