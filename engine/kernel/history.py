"""The append-only trail of everything done.

A row carries its own hash at insert. A sealer later chains rows that no running transaction can precede any more.
Personal values are stored beside the row, which holds only their salted digest: erasing one keeps the chain whole.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Column, Connection, DateTime, Index, LargeBinary, Table, Uuid, insert, text
from sqlalchemy import Text as TextColumn
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.types import BigInteger, UserDefinedType

from engine.kernel import canonical
from engine.kernel.actor import Actor
from engine.kernel.database import metadata
from engine.kernel.ids import new_id


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction number."""

    cache_ok = True

    def get_col_spec(self, **_options: object) -> str:
        """Its name in DDL."""
        return "xid8"


ischema_names["xid8"] = Xid8  # lets the comparison of models and database read it


history = Table(
    "history",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("actor_kind", TextColumn, nullable=False),
    Column("actor_id", TextColumn, nullable=False),
    Column("actor_name", TextColumn, nullable=False),
    Column("on_behalf_of", TextColumn),
    Column("action", TextColumn, nullable=False),
    Column("subject_kind", TextColumn, nullable=False),
    Column("subject_id", TextColumn, nullable=False),
    Column("branch_id", Uuid),
    Column("instance_id", Uuid),
    Column("data", JSONB, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("xid", Xid8, nullable=False, server_default=text("pg_current_xact_id()")),
    Index("ix_history_subject", "subject_kind", "subject_id", "id"),
    Index("ix_history_instance", "instance_id", "id", postgresql_where=text("instance_id IS NOT NULL")),
    Index("ix_history_actor", "actor_id", "id"),
    Index("ix_history_action", "action", "id"),
    Index("ix_history_branch", "branch_id", "id"),
    Index("ix_history_xid", "xid", "id"),
    info={"room": "kernel", "append_only": True},
)

history_value = Table(
    "history_value",
    metadata,
    Column("history_id", Uuid, primary_key=True),
    Column("field", TextColumn, primary_key=True),
    Column("salt", LargeBinary, nullable=False),
    Column("value", JSONB(none_as_null=True)),
    info={"room": "kernel"},
)

history_seal = Table(
    "history_seal",
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("history_id", Uuid, nullable=False, unique=True),
    Column("chain", LargeBinary, nullable=False),
    info={"room": "kernel", "append_only": True},
)

GENESIS = hashlib.sha256(b"schoolflow history").digest()
_SEALER_LOCK = 0x5EA1


@dataclass(frozen=True)
class Change:
    """One field of a record before and after. ``personal``: the values are kept erasable."""

    field: str
    old: object
    new: object
    personal: bool = False


@dataclass(frozen=True)
class Event:
    """What happened to whom. ``action`` is past tense: ``record:updated``; ``subject`` is (kind, id)."""

    action: str
    subject: tuple[str, str | UUID]
    branch_id: UUID | None = None
    data: Mapping[str, object] = field(default_factory=dict)
    changes: Sequence[Change] = ()
    instance_id: UUID | None = None


@dataclass(frozen=True)
class Verification:
    """What a check of the trail found. ``broken``: (history id, what is wrong); ``unsealed``: rows not chained yet."""

    rows: int
    unsealed: int
    head: bytes
    broken: tuple[tuple[str, str], ...]

    @property
    def is_intact(self) -> bool:
        """True when nothing was changed, removed or put in."""
        return not self.broken


def append(
    post: Callable[[str, Mapping[str, object]], None], events: Iterable[tuple[Actor, Event]], now: datetime
) -> None:
    """Posts rows with their hashes, and the personal values beside them."""
    for actor, event in events:
        row, personal = row_of(actor, event, now)
        post(_INSERT, row)
        for value in personal:
            post(_INSERT_VALUE, value | {"value": canonical.dumps(value["value"])})


def entry(actor: Actor, event: Event, now: datetime) -> Mapping[str, object]:
    """The row of an event without changes: parameters of ``insert_text`` for a statement that writes more than this."""
    row, _ = row_of(actor, event, now)
    return row


def insert_text(prefix: str = "") -> str:
    """The INSERT of one row; its parameters are the row's columns, each with the prefix."""
    values = {name: f"%({prefix}{name})s" for name in (*_HASHED, "hash")} | {"data": f"%({prefix}data)s::jsonb"}
    return f"INSERT INTO history ({', '.join(values)}) VALUES ({', '.join(values.values())})"  # noqa: S608 - constants


def seal(connection: Connection, limit: int = 5_000) -> int:
    """Chains rows whose place can't change any more; the number sealed. One sealer at a time, others return 0."""
    if not connection.execute(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _SEALER_LOCK}).scalar_one():
        return 0
    last = connection.execute(_LAST_SEAL).one_or_none()
    sequence, chain = (int(last.sequence), bytes(last.chain)) if last else (0, GENESIS)
    rows = connection.execute(
        _SEALABLE, {"xid": last.xid if last else "0", "id": last.id if last else UUID(int=0), "limit": limit}
    ).all()
    links = []
    for row in rows:
        sequence += 1
        chain = link(chain, bytes(row.hash))
        links.append({"sequence": sequence, "history_id": row.id, "chain": chain})
    if links:
        connection.execute(insert(history_seal), links)
    return len(links)


def verify(connection: Connection, *, batch: int = 2_000) -> Verification:
    """Recomputes every row's hash and the chain, from the first row on."""
    broken: list[tuple[str, str]] = []
    chain, sequence, seen = GENESIS, 0, 0
    while True:
        rows = connection.execute(_SEALED_ROWS, {"after": sequence, "limit": batch}).mappings().all()
        if not rows:
            break
        for row in rows:
            seen += 1
            broken.extend(_check(dict(row), sequence, chain))
            sequence, chain = int(row["sequence"]), bytes(row["chain"])
    unsealed = _unsealed(connection, broken)
    return Verification(seen + unsealed, unsealed, chain, tuple(broken))


def rebase(connection: Connection) -> None:
    """After a restore into a new server, whose transaction numbers start again: seal all, then forget the old numbers.

    Needs the owner's rights and no other writer.
    """
    while seal(connection):
        pass
    connection.execute(text("ALTER TABLE history DISABLE TRIGGER history_append_only"))
    connection.execute(text("UPDATE history SET xid = '0'"))
    connection.execute(text("ALTER TABLE history ENABLE TRIGGER history_append_only"))


def link(chain: bytes, row_hash: bytes) -> bytes:
    """The chain value after one more row."""
    return hashlib.sha256(chain + row_hash).digest()


def erase_personal(connection: Connection, subject: tuple[str, str]) -> int:
    """Forgets the personal values in the trail of one subject; the number erased. The chain stays whole."""
    result = connection.execute(
        text(
            "UPDATE history_value v SET value = NULL FROM history h WHERE h.id = v.history_id"
            " AND h.subject_kind = :kind AND h.subject_id = :id AND v.value IS NOT NULL"
        ),
        {"kind": subject[0], "id": subject[1]},
    )
    return result.rowcount


_LAST_SEAL = text(
    "SELECT s.sequence, s.chain, h.xid::text AS xid, h.id FROM history_seal s JOIN history h ON h.id = s.history_id"
    " ORDER BY s.sequence DESC LIMIT 1"
)

# Rows are sealed in the order (xid, id); none can appear before the last sealed one, because every transaction that
# still runs, or will, has a number of at least the snapshot's xmin. A restore sets the numbers to 0 (`rebase`).
_SEALABLE = text(
    "SELECT h.id, h.hash FROM history h WHERE h.xid < pg_snapshot_xmin(pg_current_snapshot())"
    " AND (h.xid, h.id) > (CAST(:xid AS xid8), :id) ORDER BY h.xid, h.id LIMIT :limit"
)

_UNSEALED = text(
    "SELECT h.*, NULL AS personal FROM history h WHERE (h.xid, h.id) > (CAST(:xid AS xid8), :id)"
    " AND NOT EXISTS (SELECT 1 FROM history_seal s WHERE s.history_id = h.id)"
)

_SEALED_ROWS = text(
    "SELECT s.sequence, s.chain, s.history_id, h.*,"
    " (SELECT jsonb_agg(jsonb_build_object('field', v.field, 'salt', encode(v.salt, 'hex'), 'value', v.value))"
    "    FROM history_value v WHERE v.history_id = h.id AND v.value IS NOT NULL) AS personal"
    " FROM history_seal s LEFT JOIN history h ON h.id = s.history_id"
    " WHERE s.sequence > :after ORDER BY s.sequence LIMIT :limit"
)


def row_of(actor: Actor, event: Event, now: datetime) -> tuple[dict[str, object], list[dict[str, object]]]:
    """The event's row, its data as canonical text and its hash, and its personal values beside it."""
    row_id = new_id()
    changes: list[dict[str, object]] = []
    personal: list[dict[str, object]] = []
    for change in event.changes:
        if change.personal:
            salt = os.urandom(16)
            value = canonical.plain({"old": change.old, "new": change.new})
            changes.append({"field": change.field, "digest": _digest(salt, value)})
            personal.append({"history_id": row_id, "field": change.field, "salt": salt, "value": value})
        else:
            changes.append({"field": change.field, "old": change.old, "new": change.new})
    text = canonical.dumps(dict(event.data) | ({"changes": changes} if changes else {}))
    row: dict[str, object] = {
        "id": row_id,
        "at": now,
        "actor_kind": str(actor.kind),
        "actor_id": actor.id,
        "actor_name": actor.name,
        "on_behalf_of": actor.on_behalf_of,
        "action": event.action,
        "subject_kind": event.subject[0],
        "subject_id": str(event.subject[1]),
        "branch_id": event.branch_id,
        "instance_id": event.instance_id,
        "data": text,
    }
    row["hash"] = _hash(row, text)
    return row, personal


_HASHED = (
    "id", "at", "actor_kind", "actor_id", "actor_name", "on_behalf_of", "action",
    "subject_kind", "subject_id", "branch_id", "instance_id", "data",
)  # fmt: skip
_INSERT = insert_text()
_INSERT_VALUE = """INSERT INTO history_value (history_id, field, salt, value)
 VALUES (%(history_id)s, %(field)s, %(salt)s, %(value)s::jsonb)"""


def _hash(row: Mapping[str, object], data: str) -> bytes:
    """Of the row as canonical JSON with its keys in their order; ``data`` is its data as such."""
    at = row["at"]
    assert isinstance(at, datetime)
    text = (
        f'{{"action":{_word(row["action"])},"actor_id":{_word(row["actor_id"])},"actor_kind":{_word(row["actor_kind"])}'
        f',"actor_name":{_word(row["actor_name"])},"at":"{at.astimezone(UTC).isoformat()}"'
        f',"branch_id":{_word(row["branch_id"])},"data":{data},"id":{_word(row["id"])}'
        f',"instance_id":{_word(row["instance_id"])},"on_behalf_of":{_word(row["on_behalf_of"])}'
        f',"subject_id":{_word(row["subject_id"])},"subject_kind":{_word(row["subject_kind"])}}}'
    )
    return hashlib.sha256(text.encode()).digest()


def _word(value: object) -> str:
    return canonical.quoted(value if value is None or isinstance(value, str) else str(value))


def _digest(salt: bytes, value: object) -> str:
    return hashlib.sha256(salt + canonical.dumps(value).encode()).hexdigest()


def _check(row: Mapping[str, object], sequence: int, chain: bytes) -> list[tuple[str, str]]:
    name = str(row["history_id"])
    if row["sequence"] != sequence + 1:
        return [(name, f"seal {sequence + 1} is missing")]
    if row["id"] is None:
        return [(name, "the row is missing")]
    found = _faults(row)
    stored_chain, stored_hash = row["chain"], row["hash"]
    assert isinstance(stored_chain, bytes) and isinstance(stored_hash, bytes)
    if link(chain, stored_hash) != stored_chain:
        found.append((name, "the chain does not fit"))
    return found


def _faults(row: Mapping[str, object]) -> list[tuple[str, str]]:
    name = str(row["id"])
    found = [] if _hash(row, canonical.encode(row["data"])) == row["hash"] else [(name, "the row was changed")]
    data, personal = row["data"], row["personal"] or []
    assert isinstance(data, dict) and isinstance(personal, list)
    digests = {change["field"]: change.get("digest") for change in data.get("changes", [])}
    for value in personal:
        if _digest(bytes.fromhex(value["salt"]), value["value"]) != digests.get(value["field"]):
            found.append((name, f"the value of {value['field']} was changed"))
    return found


def _unsealed(connection: Connection, broken: list[tuple[str, str]]) -> int:
    last = connection.execute(_LAST_SEAL).one_or_none()
    cursor = {"xid": last.xid if last else "0", "id": last.id if last else UUID(int=0)}
    rows = connection.execute(_UNSEALED, cursor).mappings()
    count = 0
    for row in rows:
        count += 1
        broken.extend(_faults(dict(row)))
    return count
