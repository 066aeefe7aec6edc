"""One running instance per data folder, and a port that is free: checked before anything starts."""

import fcntl
import os
import socket
from pathlib import Path
from typing import TextIO

from engine.kernel.errors import SetupError
from engine.kernel.text import Text


def lock_home(home: Path) -> TextIO:
    """Holds the data folder until the file is closed.

    Raises: SetupError when another instance holds it, or the folder can't be written.
    """
    try:
        home.mkdir(parents=True, exist_ok=True)
        handle = (home / "lock").open("a+", encoding="ascii")
    except OSError as error:
        raise _unusable(home, error) from error
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.seek(0)
        other = handle.read().strip() or "?"
        handle.close()
        raise SetupError(
            "already_running",
            Text(
                f"数据目录 {home} 已被另一个正在运行的实例使用（进程 {other}）",
                f"Another instance (process {other}) already runs on the data folder {home}",
            ),
        ) from None
    try:
        handle.truncate(0)
        handle.write(str(os.getpid()))
        handle.flush()
    except OSError as error:
        raise _unusable(home, error) from error
    return handle


def _unusable(home: Path, error: OSError) -> SetupError:
    return SetupError(
        "home_unusable",
        Text(f"无法使用数据目录 {home}：{error.strerror}", f"The data folder {home} can't be used: {error.strerror}"),
    )


def require_free_port(host: str, port: int) -> None:
    """Raises: SetupError when something else listens there or the address is not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SetupError(
                "port_taken",
                Text(
                    f"端口 {host}:{port} 无法使用（{error.strerror}），请用 SCHOOLFLOW_PORT 指定其他端口",
                    f"The port {host}:{port} can't be used ({error.strerror}); set SCHOOLFLOW_PORT to another one",
                ),
            ) from error
