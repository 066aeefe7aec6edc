"""Migrations bring a database to exactly what the rooms declare."""

from sqlalchemy import create_engine

from engine.kernel import migrate


def test_migrations_equal_the_declared_tables(owner_url: str) -> None:
    engine = create_engine(owner_url)
    found = migrate.differences(engine)
    engine.dispose()
    assert found == []


def test_upgrade_of_a_current_database_runs_nothing(owner_url: str) -> None:
    engine = create_engine(owner_url)
    ran = migrate.upgrade(engine)
    engine.dispose()
    assert ran == []
