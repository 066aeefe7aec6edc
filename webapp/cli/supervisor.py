"""Keeps child programs running and ends them together."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from engine.kernel.servers.process import ORDERLY, die_with_parent

_QUICK_S = 5.0
_QUICK_DEATHS = 3


@dataclass
class Child:
    """One program: what it is called, how it is started, how often it died soon after its start."""

    name: str
    command: Sequence[str]
    process: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    quick_deaths: int = 0


@dataclass
class Supervisor:
    """Starts children, restarts those that die, gives up on one that can't stay up."""

    environment: Mapping[str, str]
    children: list[Child] = field(default_factory=list)
    stopping: bool = False

    def add(self, name: str, *arguments: str) -> None:
        """One more program of ours: ``schoolflow <arguments>``."""
        self._start(Child(name, [sys.executable, "-m", "webapp.cli.program", *arguments]))

    def add_command(self, name: str, command: Sequence[str]) -> None:
        """One more program by its command line."""
        self._start(Child(name, command))

    def listen(self) -> None:
        """From now on SIGINT and SIGTERM ask to stop, so that the children are always stopped in order."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._ask_to_stop)

    def watch(self, tend: Callable[[], None]) -> str | None:
        """Waits until asked to stop (None) or a child can't stay up (its name). ``tend`` looks after the servers."""
        while not self.stopping:
            tend()
            for child in self.children:
                if child.process and child.process.poll() is not None and not self._revive(child):
                    return child.name
            time.sleep(0.2)
        return None

    def stop(self, timeout_s: float = 20.0) -> None:
        """Asks every child to end, in the reverse order, and kills what does not."""
        alive = [c.process for c in reversed(self.children) if c.process and c.process.poll() is None]
        for process in alive:
            process.terminate()
        deadline = time.monotonic() + timeout_s
        for process in alive:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _start(self, child: Child) -> None:
        child.process = subprocess.Popen(  # noqa: S603 - our own programs
            child.command,
            env=dict(self.environment),
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            preexec_fn=die_with_parent(ORDERLY),  # noqa: PLW1509 - no other thread runs here
        )
        child.started_at = time.monotonic()
        if child not in self.children:
            self.children.append(child)

    def _revive(self, child: Child) -> bool:
        soon = time.monotonic() - child.started_at < _QUICK_S
        child.quick_deaths = child.quick_deaths + 1 if soon else 0
        if child.quick_deaths >= _QUICK_DEATHS:
            return False
        self._start(child)
        return True

    def _ask_to_stop(self, _number: int, _frame: object) -> None:
        self.stopping = True
