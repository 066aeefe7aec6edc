"""The composition root: builds, once in each process, what use-cases are run with."""

from dataclasses import dataclass

from redis import Redis
from sqlalchemy import Engine

from engine.kernel.clock import Clock, SystemClock
from engine.kernel.database import check_database, open_engine
from engine.kernel.jobs import RqWaker
from engine.kernel.settings import Settings
from engine.kernel.uow import Boundary


@dataclass(frozen=True)
class Platform:
    """Everything a web process or a worker holds. Each room's registry is one field."""

    settings: Settings
    engine: Engine
    redis: "Redis"
    boundary: Boundary

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
    redis = Redis.from_url(settings.redis_url)
    boundary = Boundary(engine, clock or SystemClock(), RqWaker(redis))
    return Platform(settings, engine, redis, boundary)
