from sqlalchemy import create_engine

from engine.kernel import migrate


def test_migrations_agree_with_the_declared_tables(owner_url: str) -> None:
    engine = create_engine(owner_url)
    ours = {"people", "timetable", "contracts", "class_hours", "finance"}
    found = [str(one) for one in migrate.differences(engine) if any(f"'{room}'" in str(one) for room in ours)]
    engine.dispose()
    assert found == []
