"""The head of the history kept outside the database, one line a day: rewriting it all would show."""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, text

_FILE = "history-anchors.jsonl"


@dataclass(frozen=True, slots=True)
class Anchor:
    """What the chain was at a moment: the number of its last seal and its value there."""

    sequence: int
    head: bytes
    at: datetime


def file_in(home: Path) -> Path:
    """Where a data folder keeps its anchors."""
    return home / _FILE


def current(connection: Connection, now: datetime) -> Anchor | None:
    """The head as it stands; None while nothing is sealed."""
    row = connection.execute(
        text("SELECT sequence, chain FROM history_seal ORDER BY sequence DESC LIMIT 1")
    ).one_or_none()
    return Anchor(int(row.sequence), bytes(row.chain), now) if row else None


def keep(path: Path, anchor: Anchor) -> None:
    """Appends the anchor and makes sure it is on the disk; what is there already is not written again."""
    if any(known.sequence == anchor.sequence and known.head == anchor.head for known in read(path)):
        return
    line = json.dumps({"at": anchor.at.isoformat(), "sequence": anchor.sequence, "head": anchor.head.hex()})
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(handle, f"{line}\n".encode("ascii"))
        os.fsync(handle)
    finally:
        os.close(handle)


def read(path: Path) -> tuple[Anchor, ...]:
    """The anchors of a file, oldest first; none when there is no file. A torn last line is left out."""
    if not path.exists():
        return ()
    found = []
    for line in path.read_text("ascii").splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            continue
        moment = datetime.fromisoformat(entry["at"])
        found.append(Anchor(int(entry["sequence"]), bytes.fromhex(entry["head"]), moment))
    return tuple(found)


def contradicted(connection: Connection, anchors: Iterable[Anchor]) -> tuple[Anchor, ...]:
    """Anchors that the chain in the database does not go through: it was rewritten or cut after they were kept."""
    wanted = {anchor.sequence: anchor for anchor in anchors}
    rows = connection.execute(
        text("SELECT sequence, chain FROM history_seal WHERE sequence = ANY(:numbers)"), {"numbers": list(wanted)}
    )
    chain = {int(row.sequence): bytes(row.chain) for row in rows}
    return tuple(anchor for number, anchor in sorted(wanted.items()) if chain.get(number) != anchor.head)


def set_aside(path: Path, now: datetime) -> None:
    """After a restore the chain is that of the backup: the anchors so far are kept under another name."""
    if path.exists():
        path.rename(path.with_name(f"history-anchors-until-{now:%Y%m%d-%H%M%S}.jsonl"))
