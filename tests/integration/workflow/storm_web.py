"""A web process of the storms: `python -m tests.integration.workflow.storm_web URL VALKEY HOME SOCKET`.

Gunicorn as the product runs it, answering one command: complete a task, once for each `Idempotency-Key` as the API does
(`webapp.api.base.write`). What it cannot cope with goes into the file `errors` of the folder HOME.
"""

from __future__ import annotations

import http.client
import json
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any
from uuid import UUID

from gunicorn.app.base import BaseApplication

from engine.kernel import idempotency, jobs
from engine.kernel.database import open_engine
from engine.kernel.errors import UserError
from engine.kernel.servers.process import die_with_parent
from engine.kernel.uow import Boundary, Tx, Unavailable
from engine.workflow import tasks

from .conftest import user
from .storm_school import PATIENCE_S, SharedClock, install

KEY = "Idempotency-Key"
_LOST, _AWAY = 502, 503


class _Connection(http.client.HTTPConnection):
    """To the socket of the web process."""

    def __init__(self, path: Path) -> None:
        super().__init__("storm", timeout=10)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


def ask(path: Path, body: Any, key: str) -> int:
    """The status of one request; 502 when the connection broke or nobody listens."""
    connection = _Connection(path)
    try:
        connection.request("POST", "/complete", json.dumps(body), {KEY: key})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except (OSError, http.client.HTTPException):
        return _LOST
    finally:
        connection.close()


def ask_until_answered(path: Path, body: Any, key: str) -> tuple[int, int]:
    """What a careful client does: the same key until somebody knows. The status, and how often it asked."""
    for times in range(1, 600):
        status = ask(path, body, key)
        if status not in (_LOST, _AWAY):
            return status, times
        Event().wait(0.05)
    raise AssertionError("no answer")


def complete(tx: Tx, asked: idempotency.Request, body: Any) -> int:
    """The task is done under this key; or it was, and the answer is the same."""
    stored = idempotency.begin(tx, asked)
    if stored is None:
        tasks.complete(tx, UUID(body["task"]), body["outcome"], comment=asked.key)
        stored = idempotency.Answer(200, None)
        idempotency.finish(tx, asked, stored)
    return stored.status


class _Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, url: str, valkey: str, home: Path, path: Path) -> None:
        self.url, self.valkey, self.home, self.path = url, valkey, home, path
        super().__init__()

    def load_config(self) -> None:
        values = {"bind": f"unix:{self.path}", "worker_class": "gthread", "threads": 4, "loglevel": "critical"}
        for name, value in {**values, "control_socket_disable": True}.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
        install()
        engine = open_engine(self.url, pool_size=4, patience_s=PATIENCE_S)
        boundary = Boundary(engine, SharedClock(self.home / "clock"), jobs.RqWaker(jobs.connect(self.valkey)))
        return partial(_answer, boundary, self.home / "errors")


def _answer(boundary: Boundary, errors: Path, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    raw = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    body, key = json.loads(raw), environ["HTTP_IDEMPOTENCY_KEY"]
    asked = idempotency.Request("POST", "/complete", key, raw)
    try:
        status = boundary.run(user(body["who"]), partial(complete, asked=asked, body=body))
    except UserError as refused:
        status = refused.status
    except Unavailable:
        status = _AWAY
    except Exception:
        status = 500
        with errors.open("a") as file:
            file.write(traceback.format_exc())
    start(f"{status} Answered", [])
    return [b""]


def main() -> None:
    """Serve until SIGTERM, or until the storm's process is gone."""
    end_with_parent = die_with_parent(signal.SIGTERM)
    if end_with_parent is not None:
        end_with_parent()
    _Server(sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])).run()


if __name__ == "__main__":
    main()
