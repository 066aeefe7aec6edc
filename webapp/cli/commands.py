"""All commands, and what the terminal shows when one fails."""

import sys
from typing import NoReturn

import click
from sqlalchemy.exc import DBAPIError

from engine.kernel.errors import SchoolflowError
from engine.kernel.text import Text
from webapp.cli import backup, duties, models, people, serve, setup, sheets, trail
from webapp.cli.console import locale


@click.group(help="Schoolflow 校务流程系统")
def cli() -> None:
    """The root of all commands."""


for module in (serve, setup, people, models, sheets, trail, duties, backup):
    for command in module.COMMANDS:
        cli.add_command(command)


def main() -> None:
    """Runs a command; an error we can explain becomes one sentence and exit code 1."""
    try:
        cli.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        sys.exit(130)
    except SchoolflowError as error:
        _fail(error.message, error.hint)
    except OSError as error:
        where = error.filename or ""
        _fail(Text(f"无法读写 {where}：{error.strerror}", f"{where} can't be read or written: {error.strerror}"))
    except DBAPIError as error:
        words = str(error.orig).strip().splitlines()[0]
        _fail(Text(f"数据库出错：{words}", f"The database failed: {words}"))


def _fail(message: Text, hint: Text | None = None) -> NoReturn:
    click.secho(message.in_locale(locale()), fg="red", err=True)
    if hint:
        click.echo(hint.in_locale(locale()), err=True)
    sys.exit(1)
