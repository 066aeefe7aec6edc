"""Starts a server as a child that dies with us, and stops it."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from engine.kernel.servers.account import Account

_PR_SET_PDEATHSIG = 1


def start(command: Sequence[str], log: Path, account: Account | None, on_parent_death: int) -> subprocess.Popen[bytes]:
    """The running child, in a session of its own so that Ctrl-C reaches only us; its output goes to ``log``.

    On Linux the kernel sends it ``on_parent_death`` when this process dies, however it dies.
    """
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - fixed arguments
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            cwd="/",
            preexec_fn=die_with_parent(on_parent_death),  # noqa: PLW1509 - called before any thread is started
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )


def run(command: Sequence[str], account: Account | None) -> subprocess.CompletedProcess[str]:
    """The finished command with its output."""
    return subprocess.run(  # noqa: S603 - fixed arguments
        command,
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )


def stop(child: subprocess.Popen[bytes], how: int, timeout_s: float = 30.0) -> None:
    """Asks the child to stop, waits, and kills it when it does not."""
    if child.poll() is None:
        child.send_signal(how)
        try:
            child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def is_alive(pid: int) -> bool:
    """True when a process of this number runs (zombies do not count)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    status = Path(f"/proc/{pid}/stat")
    return not status.exists() or status.read_text().rpartition(")")[2].split()[0] != "Z"


def die_with_parent(how: int) -> Callable[[], None] | None:
    """What a child runs before its program (`preexec_fn`): Linux then sends it the signal when the parent dies."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def set_signal() -> None:
        prctl(_PR_SET_PDEATHSIG, how, 0, 0, 0)

    return set_signal


FAST_SHUTDOWN = signal.SIGINT  # what PostgreSQL calls fast: disconnect clients, write a checkpoint, end
ORDERLY = signal.SIGTERM
