"""The record a process is about, read and staged as the process's principal."""

from collections.abc import Mapping
from uuid import UUID

from engine.feel.values import Value, from_python
from engine.kernel.errors import NotFound
from engine.kernel.uow import Tx
from engine.metadata import records


class BoundRecords:
    """Records through the one reader and the one writer."""

    def read(self, tx: Tx, object_key: str, record_id: UUID) -> Mapping[str, Value]:
        """What the acting principal may read, by field key; empty when there is no such record for it."""
        try:
            record = records.get(tx, object_key, record_id)
        except NotFound:
            return {}
        return {name: from_python(_plain(value)) for name, value in record.values.items()}

    def set_stage(self, tx: Tx, object_key: str, record_id: UUID, stage: str) -> None:
        """Writes the stage."""
        records.set_stage(tx, object_key, record_id, stage)


def _plain(value: object) -> object:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    return value
