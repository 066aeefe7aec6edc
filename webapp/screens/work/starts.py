"""What the actor may start: requests on records, and processes without a record."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import url_for

from engine.kernel.uow import Tx
from engine.metadata.profile import load_profile
from engine.workflow import deployments, instances
from webapp.i18n import locale
from webapp.modelwords import named
from webapp.request import platform
from webapp.screens.work import choosing


@dataclass(frozen=True)
class StartTile:
    """One thing to start."""

    label: str
    text: str
    icon: str
    url: str


def tiles(tx: Tx) -> Iterator[StartTile]:
    """Requests first, in the order of the processes; then processes made in the studio."""
    roles = load_profile(tx).role_keys()
    registry = platform().processes
    for folder in registry.processes:
        start = folder.start
        if start and start.when == "action" and start.action and start.record and roles & set(start.roles):
            label = (start.menu or folder.label).in_locale(locale())
            url = url_for("processes.choose_record", object_key=start.record, name=start.action)
            yield StartTile(label, folder.description.in_locale(locale()), folder.icon, url)
    shipped = {key for folder in registry.processes for key in folder.process_keys}
    for row in deployments.processes(tx):
        if row.key not in shipped and not row.is_paused and row.record_object is None and row.number is not None:
            yield StartTile(named(row.name) or row.key, "", "bolt", url_for("processes.start", key=row.key))


def begin_page(tx: Tx, key: str) -> dict[str, Any]:
    """What the page asks before a process starts. Raises: NotFound."""
    choices = choosing.pickers(tx, instances.choices(tx, key))
    name = next((row.name for row in deployments.processes(tx) if row.key == key), "")
    return {"title": named(name) or key, "choices": choices}
