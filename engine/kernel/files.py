"""Stored files: by id, with the record field that owns them. Who may read that field may read the file.

Contents live in the database, once per digest: they commit, replicate and are backed up with the records.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, ForeignKey, Index, LargeBinary, Table, Uuid, insert, select
from sqlalchemy import Text as TextColumn
from sqlalchemy.dialects.postgresql import insert as upsert

from engine.kernel.database import metadata
from engine.kernel.errors import NotFound, PayloadTooLarge
from engine.kernel.ids import new_id
from engine.kernel.text import Text
from engine.kernel.uow import Tx

MAX_BYTES = 20 * 1024 * 1024

file_content = Table(
    "file_content",
    metadata,
    Column("sha256", LargeBinary, primary_key=True),
    Column("bytes", LargeBinary, nullable=False),
    info={"room": "kernel"},
)

stored_file = Table(
    "stored_file",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", TextColumn, nullable=False),
    Column("media_type", TextColumn, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("sha256", LargeBinary, ForeignKey("file_content.sha256"), nullable=False),
    Column("subject_kind", TextColumn),
    Column("subject_id", TextColumn),
    Column("field", TextColumn),
    Column("created_by", TextColumn, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Index("ix_stored_file_subject", "subject_kind", "subject_id"),
    info={"room": "kernel"},
)


@dataclass(frozen=True)
class StoredFile:
    """A file's facts. ``subject`` is the owning record (object, id), None while it is only uploaded."""

    id: UUID
    name: str
    media_type: str
    size: int
    subject: tuple[str, str] | None
    field: str | None
    created_by: str
    created_at: datetime


def store(
    tx: Tx,
    name: str,
    media_type: str,
    content: bytes,
    *,
    subject: tuple[str, str] | None = None,
    field: str | None = None,
) -> UUID:
    """Keeps the bytes; the new file's id. Raises: PayloadTooLarge above MAX_BYTES."""
    if len(content) > MAX_BYTES:
        raise PayloadTooLarge(message=Text("文件不能超过 20 MB", "A file may have at most 20 MB"))
    digest = hashlib.sha256(content).digest()
    tx.execute(upsert(file_content).values(sha256=digest, bytes=content).on_conflict_do_nothing())
    file_id = new_id()
    tx.execute(
        insert(stored_file).values(
            id=file_id,
            name=name.replace("/", "_").replace("\\", "_")[:200],
            media_type=media_type,
            size=len(content),
            sha256=digest,
            subject_kind=subject[0] if subject else None,
            subject_id=subject[1] if subject else None,
            field=field,
            created_by=tx.actor.id,
            created_at=tx.now,
        )
    )
    return file_id


def describe(tx: Tx, file_id: UUID) -> StoredFile:
    """The file's facts; the caller checks access by its subject and field. Raises: NotFound."""
    row = tx.execute(select(stored_file).where(stored_file.c.id == file_id)).one_or_none()
    if row is None:
        raise NotFound
    subject = (row.subject_kind, row.subject_id) if row.subject_kind else None
    return StoredFile(row.id, row.name, row.media_type, row.size, subject, row.field, row.created_by, row.created_at)


def read(tx: Tx, file_id: UUID) -> bytes:
    """The file's bytes; the caller has checked access. Raises: NotFound."""
    content = tx.execute(
        select(file_content.c.bytes).join(stored_file, stored_file.c.sha256 == file_content.c.sha256)
        .where(stored_file.c.id == file_id)
    ).scalar_one_or_none()  # fmt: skip
    if content is None:
        raise NotFound
    return bytes(content)


def attach(tx: Tx, file_id: UUID, subject: tuple[str, str], field: str, *, uploader: str) -> None:
    """Gives an upload of ``uploader`` that no record owns yet to a record's field. Raises: NotFound."""
    result = tx.execute(
        stored_file.update()
        .where(stored_file.c.id == file_id, stored_file.c.created_by == uploader, stored_file.c.subject_kind.is_(None))
        .values(subject_kind=subject[0], subject_id=subject[1], field=field)
    )
    if result.rowcount != 1:
        raise NotFound
