"""A small organisation on a real database: headquarters, east and west, a user for each role that matters."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url

from engine.kernel.actor import SYSTEM, Actor
from engine.kernel.database import metadata
from engine.kernel.servers.postgres import PostgresServer
from engine.kernel.uow import Boundary, Tx
from engine.metadata import organisation
from engine.metadata.directory import user_actor
from engine.metadata.shipped_objects import shipped_tables
from engine.metadata.tables import object_table

_OBJECTS = Path(__file__).parent / "objects"
_USERS = {
    "boss": ("hq", "admin"),
    "auditor": ("hq", "auditor"),
    "east_head": ("east", "sales_head"),
    "east_principal": ("east", "principal"),
    "east_sales1": ("east", "sales"),
    "east_sales2": ("east", "sales"),
    "west_sales": ("west", "sales"),
    "west_principal": ("west", "principal"),
    "nobody": ("east", ""),
}


@dataclass(frozen=True)
class School:
    """Ids by key, actors by username."""

    boundary: Boundary
    branches: dict[str, UUID]
    actors: dict[str, Actor]

    def run(self, username, use_case):
        actor = SYSTEM if username == "system" else self.actors[username]
        return self.boundary.run(actor, use_case)

    def user_id(self, username: str) -> UUID:
        return UUID(self.actors[username].id)


@pytest.fixture
def enquiry_table() -> Iterator[object]:
    table = object_table(_OBJECTS / "enquiry.yaml", room="metadata_tests")
    yield table
    metadata.remove(table)
    shipped_tables()  # looked for anew by their number: without this one, before another takes its place


@pytest.fixture
def school(boundary: Boundary, owner_url: str, postgres: PostgresServer, enquiry_table) -> School:
    database = make_url(owner_url).database
    owner = create_engine(make_url(postgres.superuser_url).set(drivername="postgresql+psycopg", database=database))
    with owner.begin() as connection:
        enquiry_table.create(connection)
        connection.exec_driver_sql("GRANT SELECT, INSERT, UPDATE, DELETE ON enquiry TO PUBLIC")
    owner.dispose()
    branches: dict[str, UUID] = {}

    def build(tx: Tx) -> dict[str, Actor]:
        branches["hq"] = organisation.install(tx, "启明教育总部")
        for key, name in (("east", "东城校区"), ("west", "西城校区")):
            branches[key] = organisation.create_branch(tx, key=key, name=name, parent_id=branches["hq"])
        actors = {}
        for username, (branch, role) in _USERS.items():
            user_id = organisation.create_user(
                tx, username=username, name=f"用户{username}", branch_id=branches[branch]
            )
            if role:
                organisation.assign_role(tx, role, branches[branch], user_id=user_id)
            actor = user_actor(tx, user_id)
            assert actor is not None
            actors[username] = actor
        return actors

    return School(boundary, branches, boundary.run(SYSTEM, build))
