"""What differs between two sets of process files, in words an administrator reads."""

from webapp.screens.studio.changes.change import Change
from webapp.screens.studio.changes.comparing import compare

__all__ = ["Change", "compare"]
