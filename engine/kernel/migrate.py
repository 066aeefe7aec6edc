"""Brings the database's tables to what the rooms declare: Alembic, one branch of versions per room.

A room's versions live in its folder ``migrations/`` as ``NNNN_verb_thing.py``. ``draft`` writes the next one from the
difference between the tables of that room and the database; the author reads and finishes it.
"""

import importlib
import pkgutil
import re
import sys
from collections.abc import Iterable
from pathlib import Path

import alembic.autogenerate
import alembic.command
import alembic.operations.ops
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, Table, create_engine, text
from sqlalchemy.schema import SchemaItem

from engine.kernel.database import metadata
from engine.kernel.errors import SetupError
from engine.kernel.text import Text

ROOT = Path(__file__).resolve().parents[2]
_LOCK = 0x5C4EA
_DECLARES_TABLES = re.compile(r".*\.(tables|[a-z_]+_tables|history|background|files|idempotency)(\.[a-z_]+)?")
_NEWER = Text(
    "数据库由更新的版本建立，请使用相同或更新版本的程序",
    "The database was made by a newer release: use that one, or a newer one",
)
_ROOM_PATTERNS = ("engine/*/migrations", "processes/*/migrations")


def room_folders() -> dict[str, Path]:
    """Migration folders by room name."""
    folders = [path for pattern in _ROOM_PATTERNS for path in sorted(ROOT.glob(pattern)) if path.is_dir()]
    return {path.parent.name: path for path in folders}


def load_tables() -> None:
    """Imports every module that declares tables, so that the shared MetaData is whole."""
    for package in ("engine", "processes"):
        root = importlib.import_module(package)
        for module in pkgutil.walk_packages(root.__path__, f"{package}."):
            if _DECLARES_TABLES.fullmatch(module.name):
                importlib.import_module(module.name)


def upgrade(engine: Engine, application_role: str | None = None) -> list[str]:
    """Runs what is missing, in one transaction; the revisions run. ``application_role`` gets its grants afterwards.

    Two programs starting at once wait for each other.
    """
    script = _script()
    ran: list[str] = []
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})

        def steps(revision: tuple[str, ...], _context: MigrationContext) -> Iterable[object]:
            if not all(_knows(script, one) for one in revision):
                raise SetupError("database_newer", _NEWER)
            missing = script._upgrade_revs("heads", revision)  # type: ignore[arg-type]
            ran.extend(step.to_revisions[0] for step in missing)
            return missing

        _run(script, connection, steps)
        if application_role:
            _grant(connection, application_role)
    return ran


def missing(engine: Engine) -> list[str]:
    """The revisions that the database lacks; none when it is newer than this program."""
    script = _script()
    with engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_heads()
    if not all(_knows(script, revision) for revision in present):
        return []
    return [step.to_revisions[0] for step in script._upgrade_revs("heads", present)]  # type: ignore[arg-type]


def differences(engine: Engine) -> list[object]:
    """What the models declare and the database lacks, or the other way round; empty when they agree."""
    load_tables()
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=_compare_options())
        return list(alembic.autogenerate.compare_metadata(context, metadata))


def draft(engine: Engine, room: str, subject: str) -> Path:
    """Writes the room's next migration; its path."""
    load_tables()
    folder = room_folders()[room]
    number = len(list(folder.glob("[0-9]*.py"))) + 1
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=_compare_options(room))
        migration = alembic.autogenerate.produce_migrations(context, metadata)
        assert migration.upgrade_ops is not None
        code = alembic.autogenerate.render_python_code(migration.upgrade_ops, migration_context=context)
    body = "\n".join(line for line in code.splitlines() if not line.strip().startswith("# ###"))
    path = folder / f"{number:04d}_{subject.replace(' ', '_')}.py"
    previous = f'"{room}_{number - 1:04d}"' if number > 1 else "None"
    label = f'("{room}",)' if number == 1 else "None"
    path.write_text(
        f'"""{subject.capitalize()}."""\n\nimport sqlalchemy as sa\nfrom alembic import op\n'
        f"from sqlalchemy.dialects import postgresql\n\n"
        f'revision = "{room}_{number:04d}"\ndown_revision = {previous}\nbranch_labels = {label}\n'
        f"depends_on: tuple[str, ...] | None = None\n\n\n"
        f'def upgrade() -> None:\n    """Applies it."""\n    {body.strip()}\n',
        encoding="utf-8",
    )
    return path


def _knows(script: ScriptDirectory, revision: str) -> bool:
    try:
        return script.get_revision(revision) is not None
    except CommandError:
        return False


def _script() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", "\n".join(str(path) for path in room_folders().values()))
    return ScriptDirectory.from_config(config)


def _run(script: ScriptDirectory, connection: Connection, steps: object) -> None:
    with EnvironmentContext(Config(), script, fn=steps) as environment:
        environment.configure(connection=connection, target_metadata=metadata)
        environment.run_migrations()


def _compare_options(room: str | None = None) -> dict[str, object]:
    def include(item: SchemaItem, name: str | None, kind: str, reflected: bool, _other: SchemaItem | None) -> bool:
        if kind != "table":
            return True
        if name == "alembic_version":
            return False
        if room is None:
            return True
        return not reflected and isinstance(item, Table) and item.info.get("room") == room

    return {"include_object": include, "compare_type": True, "compare_server_default": False}


def _grant(connection: Connection, role: str) -> None:
    quoted = '"' + role.replace('"', '""') + '"'
    for statement in (
        f"GRANT USAGE ON SCHEMA public TO {quoted}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {quoted}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {quoted}",
        f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {quoted}",
    ):
        connection.execute(text(statement))
    written_once = connection.execute(
        text("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%\\_append\\_only'")
    ).scalars()
    for table in written_once.all():
        connection.execute(text(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {quoted}"))


def main() -> None:
    """``python -m engine.kernel.migrate draft ROOM "verb thing"`` on a throw-away database of its own."""
    import tempfile

    from engine.kernel.servers.postgres import start_postgres

    _command, room, subject = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        server = start_postgres(Path(folder), durable=False)
        try:
            engine = create_engine(server.owner_url)
            upgrade(engine)
            sys.stdout.write(f"{draft(engine, room, subject).relative_to(ROOT)}\n")
            engine.dispose()
        finally:
            server.stop()


if __name__ == "__main__":
    main()
