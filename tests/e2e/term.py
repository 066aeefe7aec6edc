"""Courses, classes and families of the browser tests' school, made by the hands that make the demo school."""

import itertools
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

from connectors.registry import kinds
from connectors.settings import check_config
from connectors.simulators import park
from engine.kernel import connector_store
from engine.kernel.clock import FixedClock
from engine.kernel.connector_store import ConnectorDraft
from engine.metadata import records
from processes.class_hours import api as class_hours
from processes.contracts import api as contracts
from processes.finance import api as finance
from processes.people import api as people
from processes.timetable import api as timetable
from tests.e2e.school import School
from webapp.composition import Platform
from webapp.demo import catalogue, devices, students
from webapp.demo.students import Enrolment
from webapp.demo.world import ZONE, World

LONG = timedelta(hours=2)
_DEVICES = ("card_reader", "gsm_modem")


@dataclass
class Term(World):
    """The demo's hands on the browser tests' school, in real time; with what tests look at."""

    days: Iterator[int] = field(default_factory=itertools.count)

    def family(self, group: str = "east_english_1", paid: int = 40) -> tuple[UUID, str]:
        """A family with an active contract at the course's price: the contract and the student's name."""
        contract_id = students.sign_up(self, Enrolment(group, paid))
        student_id = self.student_of(contract_id)
        return contract_id, self.run(lambda tx: people.student_contact(tx, student_id).name)

    def student_of(self, contract_id: UUID) -> UUID:
        """The contract's student."""
        return self.run(lambda tx: contracts.facts(tx, contract_id).student_id)

    def consume(self, contract_id: UUID, hours: int) -> None:
        """Use hours of English in one lesson."""
        day = self.now.astimezone(ZONE).date()
        ref = class_hours.LessonRef(uuid4(), self.ids["course:english"], self.ids["branch:east"], day)
        terms, student_id = class_hours.Terms(Decimal(hours), Decimal(1)), self.student_of(contract_id)
        self.run(lambda tx: class_hours.charge_lesson(tx, student_id, ref, terms))

    def left(self, contract_id: UUID) -> tuple[Decimal, Decimal, Decimal]:
        """Hours, yuan and frozen hours left in the contract's lots."""
        lots = self.run(lambda tx: class_hours.contract_balances(tx, contract_id))
        sums = (sum((getattr(lot, name) for lot in lots), Decimal(0)) for name in ("quantity", "amount", "frozen"))
        hours, yuan, frozen = sums
        return hours, yuan, frozen

    def lesson_in(self, group: str, away: timedelta) -> UUID:
        """A lesson of the class that begins after that time."""
        first = (self.now.astimezone(ZONE) + timedelta(days=30 + next(self.days))).date()
        pattern = timetable.Recurrence(first, frozenset({first.weekday()}), time(10), time(12), count=1)
        group_id, start = self.ids[f"class:{group}"], datetime.now(UTC) + away
        lesson_id = self.run(lambda tx: timetable.create_lessons(tx, group_id, pattern, key=f"{group}:{first}"))[0]
        self.run(lambda tx: timetable.move_lesson(tx, lesson_id, timetable.Slot(start, start + LONG)))
        return lesson_id

    def day_of(self, lesson_id: UUID) -> date:
        """The day on which the lesson begins, which need not be today's."""
        start: datetime = self.run(lambda tx: records.get(tx, "lesson", lesson_id)).values["starts_at"]
        return start.astimezone(ZONE).date()

    def assert_books_are_sound(self) -> None:
        """What the nightly checks check."""
        assert self.run(class_hours.nightly_proof) == []
        assert self.run(finance.nightly_proof) == []


def open_term(platform: Platform, school: School) -> Term:
    """Courses, prices, rooms and classes; families come as tests need them."""
    now = datetime.now(UTC)
    term = Term(platform.boundary, FixedClock(now), now)
    term.users = {name: school.actor(name) for name in school.users}
    term.ids = {f"branch:{key}": branch_id for key, branch_id in school.branches.items()}
    catalogue.open_catalogue(term)
    return term


@contextmanager
def front_desk(platform: Platform, term: Term) -> Iterator[Path]:
    """The simulated card reader and modem as processes of their own, with the threads that a worker runs for them."""
    folder = devices.simulators(platform.settings.home)
    folder.mkdir(parents=True, exist_ok=True)
    running = [
        subprocess.Popen(one.command) for one in park.programs(folder, "http://127.0.0.1") if one.name in _DEVICES
    ]
    for name in _DEVICES:
        _until(park.control_path(folder, name).exists)
    for connection in park.connections(folder):
        if connection.kind in _DEVICES:
            _connect(platform, term, connection)
    stop = threading.Event()
    thread = threading.Thread(target=platform.companions["devices"], args=(stop,), daemon=True)
    thread.start()
    yield folder
    stop.set()
    thread.join(15)
    for process in running:
        process.terminate()
    for process in running:
        process.wait(10)


def _until(holds: Callable[[], bool]) -> None:
    """Waits for a process that has been started."""
    never = threading.Event()
    for _ in range(200):
        if holds():
            return
        never.wait(0.05)
    raise TimeoutError("a simulated device did not start within ten seconds")


def _connect(platform: Platform, term: Term, connection: park.Connection) -> None:
    config, secrets = check_config(connection.kind, connection.config)
    draft = ConnectorDraft(
        kind=connection.kind,
        channel=kinds()[connection.kind].manifest.channel,
        name=connection.name.zh,
        config=config,
        secrets=secrets,
        branch_id=term.ids["branch:east"] if connection.kind == "card_reader" else None,
    )
    term.run(lambda tx: connector_store.create(tx, platform.vault, draft))
