"""Secrets in files of mode 0600 that are there whole or not at all, whatever interrupts their writing."""

import os
import tempfile
from pathlib import Path


def write(path: Path, content: str) -> None:
    """Puts the content in the file's place, or over what is there. Raises: OSError."""
    aside = _aside(path, content)
    aside.replace(path)


def write_first(path: Path, content: str) -> None:
    """The same where nothing is yet: of several programs that start at once the first one's content stays."""
    aside = _aside(path, content)
    try:
        os.link(aside, path)
    except FileExistsError:
        return
    finally:
        aside.unlink()


def _aside(path: Path, content: str) -> Path:
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return Path(name)
