"""The order in which the demo school comes to life."""

import secrets
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import func, select

from engine.kernel import private_files
from engine.kernel.actor import SYSTEM
from engine.kernel.clock import FixedClock
from engine.kernel.uow import Boundary, SilentWaker
from engine.metadata.organisation_tables import app_user
from webapp.composition import Platform
from webapp.demo import catalogue, devices, lessons, organisation, running, students
from webapp.demo.world import World

PASSWORD_FILE = "demo-password"  # noqa: S105 - a file's name


def is_empty(platform: Platform) -> bool:
    """No user yet: the demo may be created."""
    count = select(func.count()).select_from(app_user)
    found: int = platform.boundary.run(SYSTEM, lambda tx: tx.execute(count).scalar_one())
    return found == 0


def is_demo(platform: Platform) -> bool:
    """True for a school that `create_demo` made: its users are marked."""
    found = select(app_user.c.id).where(app_user.c.is_demo).limit(1)
    return platform.boundary.run(SYSTEM, lambda tx: tx.execute(found).first() is not None)


def create_demo(platform: Platform, progress: Callable[[int], None]) -> None:
    """Make the school in an empty database; ``progress`` gets percents.

    One random password for everybody, in the data folder's ``demo-password`` (mode 0600).
    """
    now = platform.boundary.clock.now()
    clock = FixedClock(now - timedelta(days=70))
    world = World(Boundary(platform.engine, clock, SilentWaker()), clock, now)
    password = secrets.token_urlsafe(9)
    steps: tuple[tuple[int, Callable[[], None]], ...] = (
        (20, lambda: organisation.found_school(world, password)),
        (28, lambda: organisation.deploy_processes(world, platform.processes)),
        (32, lambda: catalogue.open_catalogue(world)),
        (40, lambda: catalogue.schedule_term(world)),
        (60, lambda: students.enrol_students(world)),
        (80, lambda: lessons.hold_lessons(world)),
        (96, lambda: running.start_cases(world)),
        (100, lambda: devices.connect_devices(world, platform.vault, platform.settings.home)),
    )
    for percent, step in steps:
        step()
        progress(percent)
    private_files.write(platform.settings.home / PASSWORD_FILE, password + "\n")
