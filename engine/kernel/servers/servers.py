"""Both servers together."""

import logging
import time
from dataclasses import dataclass
from pathlib import Path

from engine.kernel.errors import SetupError
from engine.kernel.servers.postgres import PostgresServer, start_postgres
from engine.kernel.servers.valkey import ValkeyServer, require_queue, start_valkey
from engine.kernel.settings import Settings
from engine.kernel.text import Text

log = logging.getLogger(__name__)

_ATTEMPTS = 5
_BETWEEN_S = 1.0


@dataclass
class Servers:
    """Where the database and the queue are, and what of them this process must keep alive and stop."""

    home: Path
    database_url: str
    database_owner_url: str
    redis_url: str
    postgres: PostgresServer | None
    valkey: ValkeyServer | None

    @property
    def owned(self) -> bool:
        """True when this process started at least one of them."""
        return bool((self.postgres and self.postgres.child) or (self.valkey and self.valkey.child))

    def revive(self) -> None:
        """Starts again what was started here and has died, at its old address.

        Raises: SetupError when it does not come up after some attempts: a killed PostgreSQL may hold
            its memory for a moment.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                if self.postgres and self.postgres.has_died:
                    log.warning("PostgreSQL has died and is started again")
                    self.postgres = start_postgres(self.home)
                if self.valkey and self.valkey.has_died:
                    log.warning("Valkey has died and is started again")
                    self.valkey = start_valkey(self.home)
                return
            except SetupError:
                if attempt == _ATTEMPTS:
                    raise
                time.sleep(_BETWEEN_S)

    def stop(self) -> None:
        """Stops what was started here; the queue first."""
        for server in (self.valkey, self.postgres):
            if server:
                server.stop()


def open_servers(settings: Settings) -> Servers:
    """The servers named in the settings, or embedded ones of the data folder.

    Raises: SetupError with one clear sentence.
    """
    try:
        settings.home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(
            "home_unusable",
            Text(f"无法使用数据目录 {settings.home}：{error.strerror}",
                 f"The data folder {settings.home} can't be used: {error.strerror}"),
        ) from error  # fmt: skip
    if settings.redis_url:
        require_queue(settings.redis_url)
    postgres = None
    try:
        postgres = None if settings.database_url else start_postgres(settings.home)
        valkey = None if settings.redis_url else start_valkey(settings.home)
    except SetupError:
        if postgres:
            postgres.stop()
        raise
    except OSError as error:
        if postgres:
            postgres.stop()
        raise SetupError(
            "home_unusable",
            Text(f"无法写入数据目录 {settings.home}：{error.strerror}",
                 f"The data folder {settings.home} can't be written: {error.strerror}"),
        ) from error  # fmt: skip
    return Servers(
        settings.home,
        settings.database_url or (postgres.url if postgres else ""),
        settings.database_owner_url or (postgres.owner_url if postgres else ""),
        settings.redis_url or (valkey.url if valkey else ""),
        postgres,
        valkey,
    )
