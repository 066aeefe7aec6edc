"""Telling a running simulator what to do: one line of text over a Unix socket, one line back."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

REPLY_CAP = 4096
PATH_CAP = 100
_STOP = {signal.SIGTERM, signal.SIGINT}
Action = Callable[[list[str]], str]


def serve(path: Path, actions: Mapping[str, Action]) -> socket.socket:
    """Answer commands in the background until the returned socket is closed. Only the same user may connect."""
    path.unlink(missing_ok=True)
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        with _address(path) as address:
            server.bind(address)
    finally:
        os.umask(before)
    server.listen(8)
    threading.Thread(target=_accept, args=(server, actions), daemon=True).start()
    return server


def block_stop() -> None:
    """Keep SIGTERM and SIGINT for `wait_for_stop`; call before any thread starts."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOP)


def wait_for_stop() -> None:
    """Sleep until SIGTERM or SIGINT."""
    signal.sigwait(_STOP)


@contextmanager
def _address(path: Path) -> Iterator[str]:
    """The path, or a short way to it where it is longer than a Unix socket's address may be (108 bytes)."""
    if len(os.fsencode(path)) < PATH_CAP:
        yield str(path)
        return
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{folder}/{path.name}"
    finally:
        os.close(folder)


def _accept(server: socket.socket, actions: Mapping[str, Action]) -> None:
    while True:
        try:
            link, _peer = server.accept()
        except OSError:
            return
        with link:
            link.settimeout(5)
            try:
                link.sendall(_answer(link.makefile("r", encoding="utf-8").readline(), actions).encode("utf-8") + b"\n")
            except OSError:
                continue


def _answer(line: str, actions: Mapping[str, Action]) -> str:
    try:
        name, *arguments = shlex.split(line)
        return actions[name](arguments)
    except (KeyError, ValueError, IndexError, OSError) as fault:
        return f"error {type(fault).__name__} {fault}"


def tell(path: Path, *words: str, timeout_s: float = 5.0) -> str:
    """Send one command; returns the simulator's line.

    Raises:
        OSError: no simulator listens there.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        link.settimeout(timeout_s)
        with _address(path) as address:
            link.connect(address)
        link.sendall(shlex.join(words).encode("utf-8") + b"\n")
        return link.makefile("r", encoding="utf-8").readline(REPLY_CAP).rstrip("\n")
