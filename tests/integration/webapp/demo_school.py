"""The finished demo school as a template database, and copies of it."""

from dataclasses import dataclass

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from engine.kernel.servers.postgres import PostgresServer
from engine.kernel.settings import Settings

TEMPLATE = "demo_template"


@dataclass(frozen=True)
class Demo:
    """The finished demo school: its settings without a database of one's own, and the password of everybody."""

    settings: Settings
    password: str


def url_of(postgres: PostgresServer, database: str) -> str:
    """Where that database is."""
    return make_url(postgres.url).set(database=database).render_as_string(hide_password=False)


def create_database(postgres: PostgresServer, name: str, template: str) -> None:
    """A copy of a template."""
    with _root(postgres) as root:
        copy = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        root.execute(copy.format(sql.Identifier(name), sql.Identifier(template)))


def drop_database(postgres: PostgresServer, name: str) -> None:
    """Gone, with whoever is still connected."""
    with _root(postgres) as root:
        root.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _root(postgres: PostgresServer) -> psycopg.Connection[tuple[object, ...]]:
    url = make_url(postgres.superuser_url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(url, autocommit=True)
