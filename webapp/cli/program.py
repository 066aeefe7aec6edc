"""Entry point of child programs: ``python -m webapp.cli.program web``."""

from webapp.cli import main

main()
