"""``schoolflow`` as a person at a terminal runs it: real processes, a data folder of their own, free ports."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROMPTS = re.compile("^密码|^再输|^Warning: Password input|GetPassWarning|fallback_getpass")
ROOT = Path(__file__).resolve().parents[3]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Console:
    """A terminal whose environment names a data folder. ``where``: the folder that programs start in."""

    home: Path
    port: int = field(default_factory=free_port)
    where: Path = ROOT
    more: dict[str, str] = field(default_factory=dict)

    def environment(self, language: str) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        ours = {"SCHOOLFLOW_HOME": str(self.home), "SCHOOLFLOW_PORT": str(self.port), "LANG": language}
        return kept | ours | {"PYTHONIOENCODING": "utf-8"} | self.more

    def run(self, *words: str, typed: str = "", language: str = "en_US.UTF-8") -> "subprocess.CompletedProcess[str]":
        """The finished command with what it printed."""
        return subprocess.run(
            command(words), env=self.environment(language), cwd=self.where, input=typed, capture_output=True,
            text=True, timeout=110, start_new_session=True, check=False,
        )  # fmt: skip

    def refused(self, *words: str, typed: str = "") -> tuple[str, str]:
        """What a command that ends with exit code 1 says, in Chinese and in English; never a traceback."""
        said = []
        for language in ("zh_CN.UTF-8", "en_US.UTF-8"):
            done = self.run(*words, typed=typed, language=language)
            assert done.returncode == 1, (done.returncode, done.stdout, done.stderr)
            assert "Traceback" not in done.stderr, done.stderr
            lines = [line for line in done.stderr.splitlines() if line.strip() and not PROMPTS.search(line)]
            assert 1 <= len(lines) <= 2, done.stderr
            said.append(lines[0])
        return said[0], said[1]


def command(words: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "webapp.cli.program", *words]


class Running:
    """``schoolflow run``, in a process group of its own as a shell would put it."""

    def __init__(self, console: Console, *words: str) -> None:
        self.console = console
        self.lines: list[str] = []
        self.began = time.monotonic()
        self.process = subprocess.Popen(
            command(["run", *words]), env=console.environment("en_US.UTF-8"), cwd=console.where,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(line.rstrip() for line in self.process.stdout)

    def await_ready(self, within_s: float = 250.0) -> float:
        """Seconds from the start until the pages answer."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.console.port}/health/ready", timeout=2):
                    return time.monotonic() - self.began
            except (OSError, urllib.error.URLError):
                threading.Event().wait(0.05)
        raise AssertionError("\n".join(self.lines))

    def interrupt(self) -> int:
        """Ctrl-C: the whole foreground group gets SIGINT; the exit code."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(40)

    def kill(self) -> None:
        """``kill -9`` of the parent alone."""
        self.process.kill()
        self.process.wait(10)


def processes_of(home: Path) -> dict[int, str]:
    """Command lines by number of the processes that belong to a data folder: by argument, or by their environment."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            around = (folder / "environ").read_bytes()
        except OSError:
            continue
        if words and (str(home) in words or f"SCHOOLFLOW_HOME={home}\0".encode() in around):
            found[int(folder.name)] = words
    return found


def await_none_of(home: Path, within_s: float = 30.0) -> dict[int, str]:
    """Empty once nothing of the data folder runs any more, else what still does."""
    deadline = time.monotonic() + within_s
    while (left := processes_of(home)) and time.monotonic() < deadline:
        threading.Event().wait(0.1)
    return left


def number_of(console: Console, program: str) -> int:
    """The server's process number; 0 while there is none."""
    commands = {number: words.split(" ", 1)[0] for number, words in processes_of(console.home).items()}
    return next((number for number, command in commands.items() if command.endswith(f"/{program}")), 0)


def ask(console: Console, path: str, token: str = "", body: Any = None) -> Any:
    """The JSON of an answer."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{console.port}{path}", data, headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


def eventually(holds: Callable[[], bool], within_s: float = 40.0) -> bool:
    """Whether it comes to hold in time."""
    deadline = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > deadline:
            return False
        threading.Event().wait(0.1)
    return True
