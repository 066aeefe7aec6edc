"""The demo school is made through the real use-cases, so it proves them together."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from engine.kernel.actor import SYSTEM
from engine.kernel.settings import load_settings
from engine.metadata.organisation_tables import app_user
from engine.workflow import incidents
from engine.workflow.tables.instance import instance
from processes.class_hours import api as class_hours
from processes.finance import api as finance
from webapp.composition import Platform, compose
from webapp.demo import create_demo, is_empty


@pytest.fixture
def platform(database_url: str, valkey_url: str, tmp_path: Path) -> Iterator[Platform]:
    settings = load_settings({"DATABASE_URL": database_url, "REDIS_URL": valkey_url, "SCHOOLFLOW_HOME": str(tmp_path)})
    opened = compose(settings)
    yield opened
    opened.close()


def test_demo_school_is_complete_and_its_books_are_sound(platform: Platform) -> None:
    assert is_empty(platform)
    seen: list[int] = []
    create_demo(platform, seen.append)
    assert seen[-1] == 100
    assert not is_empty(platform)
    count = select(func.count()).select_from(app_user)
    assert platform.boundary.run(SYSTEM, lambda tx: tx.execute(count).scalar_one()) == 18
    assert platform.boundary.run(SYSTEM, class_hours.nightly_proof) == []
    assert platform.boundary.run(SYSTEM, finance.nightly_proof) == []
    running = select(instance.c.process_key).where(instance.c.ended_at.is_(None)).distinct()
    keys = set(platform.boundary.run(SYSTEM, lambda tx: tx.execute(running).scalars().all()))
    assert keys == {"lead_assignment", "contract_approval", "class_transfer", "refund", "attendance_exception"}
    assert platform.boundary.run(SYSTEM, incidents.open_incidents) == ()
    password = platform.settings.home / "demo-password"
    assert password.stat().st_mode & 0o777 == 0o600
