"""Processes that begin when a record is created."""

from engine.kernel.actor import process_actor
from engine.kernel.uow import Tx
from engine.metadata import hooks
from engine.metadata.record import Record
from engine.workflow import instances
from processes.registry import ProcessFolder, Registry

_installed: set[str] = set()


def start_with_records(registry: Registry) -> None:
    """Registers a hook per process whose manifest says ``when: record_created``. Safe to repeat."""
    for folder in registry.processes:
        start = folder.start
        if start and start.when == "record_created" and start.record and folder.key not in _installed:
            _installed.add(folder.key)
            hooks.on_created(start.record, _starter(folder))


def _starter(folder: ProcessFolder) -> hooks.Created:
    key = folder.process_keys[0]
    principal = folder.principal.name if folder.principal else f"process:{key}"

    def start(tx: Tx, record: Record) -> None:
        with tx.acting_as(process_actor(principal, folder.label.zh, tx.actor)):
            instances.start(tx, key, {f"{record.object}_id": str(record.id)}, record=(record.object, record.id))

    return start
