"""Processes that begin when a record is created: at once with one record, in the background with an import."""

from collections.abc import Sequence
from uuid import UUID

from engine.kernel.actor import Actor, process_actor
from engine.kernel.uow import Tx
from engine.metadata import hooks
from engine.metadata.record import Record
from engine.workflow import instances
from engine.workflow.messages.posted_starts import post_starts
from processes.registry import ProcessFolder, Registry

_installed: set[str] = set()


def start_with_records(registry: Registry) -> None:
    """Registers the hooks of every process whose manifest says ``when: record_created``. Safe to repeat."""
    for folder in registry.processes:
        start = folder.start
        if start and start.when == "record_created" and start.record and folder.key not in _installed:
            _installed.add(folder.key)
            hooks.on_created(start.record, _starter(folder))
            hooks.on_imported(start.record, _poster(folder))


def _starter(folder: ProcessFolder) -> hooks.Created:
    def start(tx: Tx, record: Record) -> None:
        with tx.acting_as(_principal(folder, tx)):
            variables = {f"{record.object}_id": str(record.id)}
            instances.start(tx, folder.process_keys[0], variables, record=(record.object, record.id))

    return start


def _poster(folder: ProcessFolder) -> hooks.Imported:
    def post(tx: Tx, object_key: str, ids: Sequence[UUID], batch: str) -> None:
        with tx.acting_as(_principal(folder, tx)):
            cases = [(one, {f"{object_key}_id": str(one)}) for one in ids]
            post_starts(tx, folder.process_keys[0], object_key, cases, batch=batch)

    return post


def _principal(folder: ProcessFolder, tx: Tx) -> Actor:
    name = folder.principal.name if folder.principal else f"process:{folder.process_keys[0]}"
    return process_actor(name, folder.label.zh, tx.actor)
