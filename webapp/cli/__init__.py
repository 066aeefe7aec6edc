"""The command line: ``schoolflow``."""

import sys

import click

from engine.kernel.errors import SchoolflowError
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
        click.secho(error.message.in_locale(locale()), fg="red", err=True)
        if error.hint:
            click.echo(error.hint.in_locale(locale()), err=True)
        sys.exit(1)
