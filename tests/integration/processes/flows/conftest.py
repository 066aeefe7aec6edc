"""A school with its people, processes and classes; one database per module, one family per test."""

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import select
from sqlalchemy.engine import make_url

from engine.kernel.clock import FixedClock
from engine.kernel.connector_tables import outbox
from engine.kernel.database import open_engine
from engine.kernel.servers.postgres import PostgresServer
from engine.kernel.uow import Boundary, SilentWaker
from engine.workflow import runtime
from engine.workflow.drains import run_due
from engine.workflow.tables.instance import instance
from processes.class_hours import api as class_hours
from processes.finance import api as finance
from processes.registry import discover
from webapp.demo import catalogue, organisation, students
from webapp.demo.students import Enrolment
from webapp.demo.world import World
from webapp.runtime import build_runtime
from webapp.runtime.starts import start_with_records

NOW = datetime(2026, 9, 1, 1, 0, tzinfo=UTC)
_numbers = itertools.count(1)


@dataclass
class School(World):
    """The demo's hands, with what tests look at."""

    def wait(self, by: timedelta) -> None:
        """Let time pass and do what came due."""
        self.clock.advance(by)
        run_due(self.boundary)

    def family(self, group: str = "east_english_1", paid: int = 40, **more: Any) -> UUID:
        """A family with an active contract at the course's price; the contract's id."""
        return students.sign_up(self, Enrolment(group, paid, **more))

    def student_of(self, contract_id: UUID) -> UUID:
        from processes.contracts import api as contracts

        return self.run(lambda tx: contracts.facts(tx, contract_id).student_id)

    def consume(self, contract_id: UUID, hours: int, course: str = "english", branch: str = "east") -> None:
        """Use hours of the student's lots in one lesson."""
        ref = class_hours.LessonRef(uuid4(), self.ids[f"course:{course}"], self.ids[f"branch:{branch}"], NOW.date())
        student_id = self.student_of(contract_id)
        terms = class_hours.Terms(Decimal(hours), Decimal(1))
        self.run(lambda tx: class_hours.charge_lesson(tx, student_id, ref, terms))

    def left(self, contract_id: UUID) -> tuple[Decimal, Decimal, Decimal]:
        """Hours, yuan and frozen hours left in the contract's lots."""
        lots = self.run(lambda tx: class_hours.contract_balances(tx, contract_id))
        sums = (sum((getattr(lot, name) for lot in lots), Decimal(0)) for name in ("quantity", "amount", "frozen"))
        hours, yuan, frozen = sums
        return hours, yuan, frozen

    def status(self, instance_id: UUID) -> str:
        """The instance's status."""
        statement = select(instance.c.status).where(instance.c.id == instance_id)
        return self.run(lambda tx: tx.execute(statement).scalar_one())

    def texts(self, part: str) -> list[str]:
        """Texts of queued messages that contain the part."""
        rows = self.run(lambda tx: tx.execute(select(outbox.c.payload).order_by(outbox.c.id)).scalars().all())
        return [row["text"] for row in rows if part in row["text"]]

    def assert_books_are_sound(self) -> None:
        assert self.run(class_hours.nightly_proof) == []
        assert self.run(finance.nightly_proof) == []


@pytest.fixture(scope="module")
def school(postgres: PostgresServer) -> Iterator[School]:
    name = f"flows_{os.getpid()}_{next(_numbers)}"
    root = psycopg.connect(make_url(postgres.superuser_url).set(drivername="postgresql").render_as_string(False))
    root.autocommit = True
    root.execute(sql.SQL("CREATE DATABASE {} TEMPLATE schoolflow STRATEGY file_copy").format(sql.Identifier(name)))
    engine = open_engine(make_url(postgres.url).set(database=name).render_as_string(False))
    registry = discover()
    restore = runtime.install(build_runtime(registry))
    start_with_records(registry)
    clock = FixedClock(NOW)
    made = School(Boundary(engine, clock, SilentWaker()), clock, NOW)
    organisation.found_school(made, "correct horse 8")
    organisation.deploy_processes(made, registry)
    catalogue.open_catalogue(made)
    yield made
    restore()
    engine.dispose()
    root.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    root.close()
