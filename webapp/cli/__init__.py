"""The command line: ``schoolflow``."""

from webapp.cli.rooms import require_own_rooms

require_own_rooms()

from webapp.cli.commands import cli, main  # noqa: E402 - only once it is sure that the rooms are ours

__all__ = ["cli", "main"]
