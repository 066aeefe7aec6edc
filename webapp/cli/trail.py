"""Commands about the history."""

import sys
from uuid import UUID

import click

from engine.kernel import history, history_anchor
from engine.kernel.actor import SYSTEM
from engine.kernel.text import Text
from engine.metadata import erasing
from webapp.cli.console import platform, say


@click.group("history", help="操作历史：封存与校验 / the trail")
def history_group() -> None:
    """The trail's commands."""


@history_group.command("verify", help="重新计算每一行与整条哈希链 / recompute every hash")
def verify() -> None:
    """Exit code 0 when nothing was changed and the chain goes through every head kept outside, 1 otherwise."""
    with platform() as opened, opened.engine.connect() as connection:
        result = history.verify(connection)
        anchors = history_anchor.read(history_anchor.file_in(opened.settings.home))
        lost = history_anchor.contradicted(connection, anchors)
    for row, fault in result.broken:
        click.secho(f"{row}  {fault}", fg="red")
    for anchor in lost:
        click.secho(f"{anchor.at:%Y-%m-%d}  seal {anchor.sequence} is not {anchor.head.hex()}", fg="red")
    if result.is_intact and not lost:
        say(
            Text(
                f"完好：{result.rows} 行，其中 {result.unsealed} 行尚未封存，链头 {result.head.hex()}",
                f"Intact: {result.rows} rows, {result.unsealed} of them not sealed yet, head {result.head.hex()}",
            ),
            fg="green",
        )
        return
    faults = len(result.broken) + len(lost)
    say(Text(f"发现 {faults} 处改动", f"{faults} faults found"), fg="red")
    sys.exit(1)


@history_group.command("seal", help="立即封存未封存的行 / chain what is not chained yet")
def seal() -> None:
    """Chains all that can be chained."""
    count = 0
    with platform() as opened:
        while True:
            with opened.engine.begin() as connection:
                sealed = history.seal(connection)
            if not sealed:
                break
            count += sealed
    say(Text(f"已封存 {count} 行", f"{count} rows sealed"))


@history_group.command("erase", help="永久清除一条记录的历史中的个人信息 / erase personal values of one record")
@click.argument("object_key", metavar="OBJECT")
@click.argument("record_id", metavar="ID", type=click.UUID)
@click.option("--reason", required=True, help="原因，记入历史 / why; it stays in the history")
def erase(object_key: str, record_id: UUID, reason: str) -> None:
    """The rows and the chain stay, the values are gone; the record itself is not touched."""
    with platform() as opened:
        count = opened.boundary.run(SYSTEM, lambda tx: erasing.erase(tx, object_key, record_id, reason))
    say(Text(f"已清除 {count} 处个人信息", f"{count} personal values erased"), fg="green")


COMMANDS = [history_group]
