"""A real web process that dies: `python web_process.py MARK NOW`, settings from the environment.

Its gunicorn worker is killed with SIGKILL at the point that the file MARK names, in the transaction that completes a
task; the file is taken away first, so that the next worker lives.
"""

import os
import signal
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.kernel.clock import FixedClock
from engine.kernel.settings import load_settings
from engine.kernel.uow import Tx
from engine.workflow.runner import statement
from webapp import composition, server

MARK, NOW = Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2])


def die(point: str) -> None:
    """Killed when this is the chosen point."""
    if MARK.exists() and MARK.read_text("ascii") == point:
        MARK.unlink()
        os.kill(os.getpid(), signal.SIGKILL)


def instrument() -> None:
    """Points of death around the step's statement, the commit and the answer."""
    write, commit, compose = statement.write, Tx.commit, composition.compose

    def around_write(tx: Tx, *args: Any, **kw: Any) -> None:
        die("before_statement")
        write(tx, *args, **kw)
        tx.memo["stepped"] = True
        die("after_statement")

    def around_commit(tx: Tx) -> None:
        if "stepped" in tx.memo:
            die("before_commit")
        commit(tx)
        if "stepped" in tx.memo:
            die("after_commit")

    statement.write = around_write
    Tx.commit = around_commit  # type: ignore[method-assign]
    composition.compose = lambda settings: compose(settings, clock=FixedClock(NOW))  # type: ignore[assignment,misc]


if __name__ == "__main__":
    instrument()
    server.serve(load_settings(os.environ))
