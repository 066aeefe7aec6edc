"""Folders of test runs that were killed: each names the process it belongs to, and goes when that is gone."""

import os
import shutil
import tempfile
from pathlib import Path

_PREFIX = "schoolflow-test-"


def make_folder(where: Path) -> Path:
    """A fresh folder of this process in `where`, once those of processes that are gone are removed."""
    for folder in where.glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if owner.isdecimal() and not _is_alive(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-", dir=where))


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
