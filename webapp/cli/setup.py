"""Commands that set a school up: ``init``, ``demo``, ``user``."""

import click

from engine.kernel import statistics
from engine.kernel.errors import Conflict
from engine.kernel.text import Text
from webapp.cli import unfinished
from webapp.cli.console import bring_up_to_date, platform, running_servers, say
from webapp.composition import Platform
from webapp.demo import create_demo, is_empty


@click.command("demo", help="建立演示学校“启明教育” / create the demo school")
def demo() -> None:
    """Only in an empty database."""
    with platform(unfinished.discard) as opened:
        make_demo(opened)


def make_demo(opened: Platform) -> None:
    """Creates the demo school with a progress bar.

    Raises: Conflict when the database already holds a school.
    """
    if not is_empty(opened):
        raise Conflict("not_empty", Text("数据库中已有学校，未建立演示数据", "There is a school here already"))
    unfinished.begin(opened.settings)
    say(Text("正在建立演示学校 启明教育 …", "Creating the demo school 启明教育 ..."))
    with click.progressbar(length=100, width=30, show_eta=False) as bar:
        shown = 0

        def progress(percent: int) -> None:
            nonlocal shown
            bar.update(percent - shown)
            shown = percent

        create_demo(opened, progress)
    unfinished.mark_in(opened.settings.home).unlink()
    statistics.refresh(opened.settings.database_owner_url)


@click.command("migrate", help="补齐数据库结构 / run missing migrations")
def migrate() -> None:
    """Safe while processes of the release before still run: migrations expand first."""
    with running_servers() as (settings, _servers):
        ran = bring_up_to_date(settings)
    say(Text(f"完成：执行了 {len(ran)} 项结构变更", f"Done: {len(ran)} migrations run"), fg="green")


COMMANDS = [demo, migrate]
