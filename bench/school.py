"""The demo school on servers of its own, for benchmarks that go over HTTP."""

import json
import logging
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection
from pathlib import Path
from statistics import quantiles
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import create_engine
from werkzeug.serving import make_server

from engine.kernel import migrate
from engine.kernel.servers.postgres import APPLICATION, start_postgres
from engine.kernel.servers.valkey import start_valkey
from engine.kernel.settings import load_settings
from webapp.app import create_app
from webapp.composition import Platform, compose
from webapp.demo import create_demo


@dataclass
class Running:
    """The school, its address, everybody's password, and the number of the database's first process."""

    platform: Platform
    port: int
    password: str
    postmaster: int

    def client(self, username: str) -> "Client":
        """Somebody with a kept connection and a token."""
        anybody = Client(HTTPConnection("127.0.0.1", self.port), "")
        token = anybody.call("POST", "/auth/token", {"username": username, "password": self.password})["token"]
        return Client(HTTPConnection("127.0.0.1", self.port), token)


@dataclass
class Client:
    """One connection that stays open."""

    connection: HTTPConnection
    token: str

    def call(self, method: str, path: str, body: Any = None, **query: str) -> Any:
        """The answer's JSON. Raises: RuntimeError when it is no success."""
        headers = {"Content-Type": "application/json"} if body is not None else {}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        target = f"/api/v1{path}" + (f"?{urlencode(query)}" if query else "")
        self.connection.request(method, target, json.dumps(body) if body is not None else None, headers)
        response = self.connection.getresponse()
        content = response.read()
        if response.status >= 300:
            raise RuntimeError(f"{method} {path}: {response.status} {content[:300]!r}")
        return json.loads(content) if content else None


@contextmanager
def running_school() -> Iterator[Running]:
    """PostgreSQL (durable), Valkey, the demo school, and a threaded web server on a free port."""
    with tempfile.TemporaryDirectory(prefix="schoolflow-bench-") as folder:
        home = Path(folder)
        home.chmod(0o711)
        postgres, valkey = start_postgres(home), start_valkey(home)
        owner = create_engine(postgres.owner_url)
        migrate.upgrade(owner, APPLICATION)
        owner.dispose()
        settings = replace(
            load_settings({"SCHOOLFLOW_HOME": str(home)}),
            database_url=postgres.url,
            database_owner_url=postgres.owner_url,
            redis_url=valkey.url,
        )
        platform = compose(settings)
        try:
            create_demo(platform, lambda percent: None)
            logging.getLogger("werkzeug").setLevel(logging.ERROR)
            server = make_server("127.0.0.1", 0, create_app(platform), threaded=True)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            password = (home / "demo-password").read_text("utf-8").strip()
            assert postgres.child is not None
            yield Running(platform, server.server_port, password, postgres.child.pid)
            server.shutdown()
        finally:
            platform.close()
            valkey.stop()
            postgres.stop()


def analyze(school: Running, *tables: str) -> None:
    """Fresh statistics, as the server takes them by itself after a while."""
    owner = create_engine(school.platform.settings.database_owner_url, isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        for table in tables:
            connection.exec_driver_sql(f"VACUUM ANALYZE {table}")
    owner.dispose()


def told(name: str, seconds: list[float], floor: list[float]) -> str:
    """p50 and p95 in milliseconds beside the floor's."""
    (p50, p95), (low50, low95) = _middle(seconds), _middle(floor)
    return f"{name}: p50 {p50:.1f} ms, p95 {p95:.1f} ms; floor {low50:.1f} / {low95:.1f} ms; ratio {p50 / low50:.1f}"


def _middle(seconds: list[float]) -> tuple[float, float]:
    parts = quantiles(seconds, n=20)
    return parts[9] * 1000, parts[18] * 1000
