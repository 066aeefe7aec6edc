"""The database: one PostgreSQL, one MetaData that every room adds its tables to."""

import json
import time

import psycopg
from psycopg.pq import ExecStatus
from psycopg.types.json import set_json_loads
from sqlalchemy import Engine, MetaData, create_engine, event, text
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from engine.kernel import canonical
from engine.kernel.errors import SetupError
from engine.kernel.text import Text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

OLDEST_VERSION = 15
PAUSE_S = 5.0
_DECODER = json.JSONDecoder()


def open_engine(database_url: str, *, pool_size: int = 10, patience_s: int = 20) -> Engine:
    """A pooled engine whose sessions run in UTC and write JSON canonically. Connects only when used.

    A network that swallows everything counts as lost after `patience_s` seconds, on both sides; the server ends a
    transaction in which nothing happens for three times that long. Either way locks are let go.
    """
    silence = {**_keepalives(patience_s), "tcp_user_timeout": patience_s * 1000}
    engine = create_engine(
        database_url,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_reset_on_return=None,  # whoever takes a connection ends its transaction
        json_serializer=canonical.dumps,
        connect_args={"connect_timeout": 5, "options": _session(patience_s), **silence},
    )
    event.listen(engine, "connect", _tune)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", _test_after_pause)
    return engine


def _session(patience_s: int) -> str:
    """What the server shall do in these sessions: as patient as this side, so that a dead machine keeps no lock."""
    silence = {f"tcp_{name}": value for name, value in _keepalives(patience_s).items()}
    settings = {
        "timezone": "UTC",
        "lock_timeout": "20s",
        "idle_in_transaction_session_timeout": f"{3 * patience_s}s",
        "tcp_user_timeout": patience_s * 1000,
        **silence,
    }
    return " ".join(f"-c {name}={value}" for name, value in settings.items())


def _keepalives(patience_s: int) -> dict[str, int]:
    """Ask a silent peer from half the patience on, three times."""
    return {
        "keepalives_idle": max(1, patience_s // 2),
        "keepalives_interval": max(1, patience_s // 6),
        "keepalives_count": 3,
    }


def check_database(engine: Engine) -> None:
    """Makes sure the server answers and is new enough.

    Raises: SetupError with one sentence that hides the password.
    """
    where = engine.url.render_as_string(hide_password=True)
    try:
        with engine.connect() as connection:
            version = int(connection.execute(text("SHOW server_version_num")).scalar_one()) // 10_000
    except OperationalError as error:
        reason = str(error.orig).strip().splitlines()[-1]
        raise SetupError(
            "database_unreachable",
            Text(f"无法连接数据库 {where}：{reason}", f"The database {where} can't be reached: {reason}"),
        ) from error
    if version < OLDEST_VERSION:
        raise SetupError(
            "database_too_old",
            Text(
                f"需要 PostgreSQL {OLDEST_VERSION} 或更新版本，当前为 {version}",
                f"PostgreSQL {OLDEST_VERSION} or newer is needed, found {version}",
            ),
        )


def _tune(connection: object, _record: object) -> None:
    assert isinstance(connection, psycopg.Connection)
    connection.prepare_threshold = 3  # plan hot statements once
    set_json_loads(_loads, connection)


def _loads(data: bytes | str) -> object:
    """JSON as the server writes it: UTF-8, and empty more often than not. ``json.loads`` would guess the encoding."""
    if data == b"{}":
        return {}
    return _DECODER.decode(data if isinstance(data, str) else data.decode())


def _note_use(_connection: object, record: ConnectionPoolEntry) -> None:
    record.info["used_at"] = time.monotonic()


def _test_after_pause(connection: object, record: ConnectionPoolEntry, _proxy: object) -> None:
    """A connection that rested is tried before use. A busy one costs no trip: the boundary runs a lost use-case again.

    Raises: DisconnectionError, which makes the pool take another.
    """
    if time.monotonic() - record.info.get("used_at", time.monotonic()) < PAUSE_S:
        return
    assert isinstance(connection, psycopg.Connection)
    if connection.pgconn.exec_(b"").status is not ExecStatus.EMPTY_QUERY:
        raise DisconnectionError
