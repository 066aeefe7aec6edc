"""The composition root: builds, once in each process, what use-cases are run with."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial

from redis import Redis
from sqlalchemy import Engine

from connectors.host import Fleet
from engine.kernel import background, jobs, migrate
from engine.kernel.actor import SYSTEM
from engine.kernel.clock import Clock, SystemClock
from engine.kernel.database import check_database, open_engine
from engine.kernel.secrets import Vault
from engine.kernel.settings import Settings, secret_key
from engine.kernel.uow import Boundary, Drain
from engine.metadata.erasing import register_keeper
from engine.metadata.overlay_checks import register_pins
from engine.workflow import bulk, instances, runtime
from engine.workflow.pins import field_pins
from processes.registry import Registry, discover
from webapp import due
from webapp.companions import device_companion
from webapp.drains import drains_of
from webapp.duties.schedule import AnyDuty, duties_of
from webapp.runtime import build_runtime
from webapp.runtime.starts import start_with_records
from webapp.screens.records import sheets


@dataclass(frozen=True)
class Platform:
    """Everything a web process or a worker holds. Each room's registry is one field.

    ``drains``: empties one kind of due rows, the number handled; ``due``: says whether there are any;
    ``companions``: what a worker runs beside the queue until its event is set (readers of devices and mailboxes).
    """

    settings: Settings
    engine: Engine
    redis: "Redis"
    boundary: Boundary
    vault: Vault
    fleet: Fleet
    processes: Registry
    job_handlers: Mapping[str, background.JobHandler]
    drains: Mapping[Drain, Callable[[], int]]
    due: Mapping[Drain, Callable[[], bool]]
    companions: Mapping[str, Callable[[threading.Event], None]]

    @cached_property
    def duties(self) -> tuple[AnyDuty, ...]:
        """What the worker on duty does by the clock."""
        return duties_of(self.boundary, self.settings)

    def close(self) -> None:
        """Gives the connections back."""
        self.engine.dispose()
        self.redis.close()


def compose(settings: Settings, *, clock: Clock | None = None) -> Platform:
    """The platform on the servers that ``settings`` names (addresses must be filled in: `open_servers`).

    Raises: SetupError when the database can't be reached.
    """
    engine = open_engine(settings.database_url, pool_size=settings.threads + 2)
    check_database(engine)
    redis = jobs.connect(settings.redis_url)
    boundary = Boundary(engine, clock or SystemClock(), jobs.RqWaker(redis))
    migrate.load_tables()
    processes = discover()
    runtime.install(build_runtime(processes))
    start_with_records(processes)
    register_pins(field_pins)
    register_keeper(instances.kept_variables, instances.forget_variables)
    vault = Vault([secret_key(settings)])
    fleet = Fleet(boundary, vault)
    job_handlers = {**sheets.JOB_HANDLERS, bulk.KIND: bulk.run}
    return Platform(
        settings=settings,
        engine=engine,
        redis=redis,
        boundary=boundary,
        vault=vault,
        fleet=fleet,
        processes=processes,
        job_handlers=job_handlers,
        drains=drains_of(boundary, fleet, job_handlers),
        due={kind: partial(boundary.run, SYSTEM, is_due) for kind, is_due in due.CHECKS.items()},
        companions={"devices": device_companion(boundary, vault)},
    )
