"""The hands of the API tests: people with tokens, and a worker that empties what is due."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from engine.kernel import history
from engine.kernel.actor import SYSTEM
from engine.kernel.clock import FixedClock
from engine.kernel.uow import Drain
from webapp.composition import Platform

API = "/api/v1"
Json = Any


class Person:
    """Somebody signed in to the API; every call may carry headers and says what came back when it was not expected."""

    def __init__(self, client: FlaskClient, token: str, username: str) -> None:
        self._client = client
        self.token = token
        self.username = username
        self.id = self.get("/me")["id"]

    def call(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **options: Any) -> TestResponse:
        """Any request, with the token; the answer as it is."""
        given = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        return self._client.open(f"{API}{path}", method=method, headers=given, **options)

    def get(self, path: str, *, status: int = 200, **query: Any) -> Json:
        """The JSON of a GET that answers ``status``."""
        return checked(self.call("GET", path, query_string=query), status)

    def post(
        self, path: str, body: Json = None, *, status: int = 200, headers: Mapping[str, str] | None = None, **query: Any
    ) -> Json:
        """The JSON of a POST that answers ``status``."""
        options: dict[str, Any] = {"query_string": query, "headers": headers}
        return checked(self.call("POST", path, **options, **({"json": body} if body is not None else {})), status)

    def patch(self, path: str, body: Json, *, version: int | None = None, status: int = 200) -> Json:
        """The JSON of a PATCH; ``version`` goes into If-Match."""
        headers = {} if version is None else {"If-Match": f'"{version}"'}
        return checked(self.call("PATCH", path, headers=headers, json=body), status)

    def task(self, node: str, *, record: str | None = None, box: str = "todo") -> Json:
        """The newest task of a node (and record) in a box. Raises: LookupError."""
        for item in self.get("/tasks", box=box, limit=200)["items"]:
            if item["node_id"] == node and record in (None, item["record_id"]):
                return item
        raise LookupError(f"{self.username} has no task {node} for {record} in {box}")

    def complete(
        self, node: str, outcome: str | None = None, values: Json = None, *, record: str | None = None, **more: Any
    ) -> Json:
        """Completes the task, claiming it first when it is offered to several."""
        try:
            found = self.task(node, record=record)
        except LookupError:
            found = self.task(node, record=record, box="candidate")
            self.post(f"/tasks/{found['id']}/claim")
        return self.post(f"/tasks/{found['id']}/complete", {"outcome": outcome, "values": values or {}, **more})

    def act(self, object_key: str, record_id: str, action: str, values: Json = None, **options: Any) -> Json:
        """A domain action on a record (``dry_run=True``: only the preview)."""
        return self.post(f"/records/{object_key}/{record_id}/actions/{action}", {"values": values or {}}, **options)


def checked(response: TestResponse, status: int) -> Json:
    """The answer's JSON when it has that status."""
    assert response.status_code == status, f"{response.status_code}: {response.get_data(as_text=True)[:1500]}"
    return response.get_json() if response.is_json else response.get_data()


class School:
    """The demo school, driven through its API."""

    def __init__(self, app: Flask, platform: Platform, clock: FixedClock, password: str) -> None:
        self.app = app
        self.platform = platform
        self.clock = clock
        self.password = password
        self._people: dict[str, Person] = {}

    @property
    def anybody(self) -> FlaskClient:
        """A client without a token."""
        return self.app.test_client()

    def person(self, username: str) -> Person:
        """The user, signed in once a module."""
        if username not in self._people:
            body = {"username": username, "password": self.password}
            answer = checked(self.anybody.post(f"{API}/auth/token", json=body), 200)
            self._people[username] = Person(self.app.test_client(), answer["token"], username)
        return self._people[username]

    def drain(self) -> None:
        """Does what a worker would, until nothing is due; what the simulated providers would take stays queued."""
        kinds = [kind for kind in self.platform.drains if kind is not Drain.OUTBOX]
        while any(self.platform.due[kind]() for kind in kinds):
            handled = sum(self.platform.drains[kind]() for kind in kinds)
            assert handled, "rows are due that no drain takes"
        with self.platform.engine.begin() as connection:
            history.seal(connection)

    def later(self, **delta: float) -> None:
        """Moves the clock forward and does what came due."""
        self.clock.advance(timedelta(**delta))
        self.drain()

    def rows(self, statement: str, **parameters: Any) -> list[dict[str, Any]]:
        """Rows straight from the database: what the outside would see."""
        return self.platform.boundary.run(
            SYSTEM, lambda tx: [dict(row) for row in tx.execute(text(statement), parameters).mappings()]
        )

    def outbox(self, recipient: str, channel: str = "sms") -> list[str]:
        """The texts that wait for a recipient, oldest first."""
        found = self.rows(
            "SELECT payload FROM outbox WHERE recipient = :recipient AND channel = :channel ORDER BY id",
            recipient=recipient,
            channel=channel,
        )
        return [row["payload"]["text"] for row in found]

    def branch(self, key: str) -> str:
        """A branch's id."""
        (row,) = self.rows("SELECT id FROM branch WHERE key = :key", key=key)
        return str(row["id"])

    def job(self, who: Person, started: Json) -> Json:
        """Runs a background job to its end; what it says then."""
        self.drain()
        return who.get(f"/jobs/{started['job']}")

    def actor(self, username: str) -> UUID:
        """A user's id."""
        (row,) = self.rows("SELECT id FROM app_user WHERE username = :name", name=username)
        return UUID(str(row["id"]))
