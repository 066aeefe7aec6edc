"""An organisation with two branches and a few people, without processes: what administration needs."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from engine.kernel.actor import SYSTEM, Actor, ActorKind
from engine.kernel.uow import Tx
from engine.metadata import organisation
from tests.e2e.school import PASSWORD
from tests.integration.webapp.conftest import sign_in, token_of
from webapp.app import create_app
from webapp.composition import Platform

_PEOPLE = (
    ("admin", "管理员", "hq", "admin"),
    ("east_principal", "王校长", "east", "principal"),
    ("east_sales1", "刘芳", "east", "sales"),
)


@dataclass(frozen=True)
class Office:
    """Ids by key and username, and browsers of the people."""

    platform: Platform
    branches: dict[str, UUID]
    users: dict[str, UUID]
    open_client: Callable[[str], FlaskClient]

    def actor(self, username: str) -> Actor:
        """The person as an actor."""
        return Actor(ActorKind.USER, str(self.users[username]), username)

    def post(self, client: FlaskClient, path: str, **values: object) -> TestResponse:
        """Posts a form with its token."""
        return client.post(path, data={"_csrf": token_of(client, "/account"), **values})


@pytest.fixture
def office(platform: Platform) -> Office:
    """The organisation, with a browser for whom one asks."""
    app = create_app(platform)
    branches, users = platform.boundary.run(SYSTEM, _found)

    def open_client(username: str) -> FlaskClient:
        client = app.test_client()
        assert sign_in(client, username) == 303
        return client

    return Office(platform, branches, users, open_client)


@pytest.fixture
def admin(office: Office) -> FlaskClient:
    """The administrator's browser."""
    return office.open_client("admin")


def _found(tx: Tx) -> tuple[dict[str, UUID], dict[str, UUID]]:
    branches = {"hq": organisation.install(tx, "启明教育")}
    branches["east"] = organisation.create_branch(tx, key="east", name="东城校区", parent_id=branches["hq"])
    branches["west"] = organisation.create_branch(tx, key="west", name="西城校区", parent_id=branches["hq"])
    users = {}
    for username, name, branch, role in _PEOPLE:
        users[username] = organisation.create_user(tx, username=username, name=name, branch_id=branches[branch])
        organisation.set_password(tx, users[username], PASSWORD)
        organisation.assign_role(tx, role, branches[branch], user_id=users[username])
    return branches, users
