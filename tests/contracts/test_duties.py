"""Every duty of every room keeps the same rules."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import create_engine

from engine.kernel.clock import SystemClock
from engine.kernel.duties import Duty, OutsideDuty, occasions
from engine.kernel.settings import load_settings
from engine.kernel.uow import Boundary, SilentWaker
from processes.registry import ROOT
from webapp.duties import duties_of


@pytest.fixture(scope="module")
def duties() -> tuple[Duty | OutsideDuty, ...]:
    boundary = Boundary(create_engine("postgresql+psycopg://"), SystemClock(), SilentWaker())
    return duties_of(boundary, load_settings({}))


def test_every_folder_with_duties_is_found(duties: tuple[Duty | OutsideDuty, ...]) -> None:
    folders = {path.parent.name for path in ROOT.glob("*/duties.py")}
    assert {"attendance", "class_hours", "finance"} <= folders <= {duty.name.split(".")[0] for duty in duties}


def test_names_are_unique_and_labels_complete(duties: tuple[Duty | OutsideDuty, ...]) -> None:
    names = [duty.name for duty in duties]
    assert len(set(names)) == len(names)
    assert all(duty.label.zh and duty.label.en and "." in duty.name for duty in duties)


def test_every_duty_is_due_at_its_first_chance(duties: tuple[Duty | OutsideDuty, ...]) -> None:
    now = datetime(2026, 9, 1, 16, 0, tzinfo=UTC)
    assert all(len(occasions(duty.rhythm, now, ZoneInfo("Asia/Shanghai"), None)) == 1 for duty in duties)
