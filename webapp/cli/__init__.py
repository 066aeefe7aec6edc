"""The command line: ``schoolflow``."""

from webapp.cli.rooms import require_own_rooms, require_packages

require_own_rooms()
require_packages()

from webapp.cli.commands import cli, main  # noqa: E402 - only once it is sure that all of it is there

__all__ = ["cli", "main"]
