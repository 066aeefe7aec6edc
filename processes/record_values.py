"""Reading a record's values through the access rules, for handlers and actions."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from engine.kernel.uow import Tx
from engine.metadata import records


def read(tx: Tx, object_key: str, record_id: UUID) -> Mapping[str, Any]:
    """The values the actor may read, by field; other fields read as None. Raises: NotFound."""
    return _Readable(records.get(tx, object_key, record_id, titled=False).values)


class _Readable(dict[str, Any]):
    def __missing__(self, name: str) -> None:
        return None
