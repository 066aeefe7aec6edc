"""People somebody names for later tasks: what a form asks, and what came back."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import request

from engine.kernel.uow import Tx
from engine.metadata import directory
from engine.workflow.assignees.choosing import Choosable
from webapp.given import id_of
from webapp.modelwords import named

_PREFIX = "choose-"


@dataclass(frozen=True)
class Picker:
    """One task's people. ``chosen``: ids and names."""

    name: str
    label: str
    chosen: tuple[tuple[str, str], ...]


def pickers(tx: Tx, tasks: Iterable[Choosable]) -> tuple[Picker, ...]:
    """What the form asks, with what was posted."""
    return tuple(Picker(_PREFIX + one.node_id, named(one.name), _chosen(tx, _PREFIX + one.node_id)) for one in tasks)


def posted() -> dict[str, list[str]]:
    """Node id to the ids of the people chosen for it; tasks nobody was chosen for are left out."""
    names = [name for name in request.form if name.startswith(_PREFIX)]
    found = {name.removeprefix(_PREFIX): [one for one in request.form.getlist(name) if one] for name in names}
    return {node: people for node, people in found.items() if people}


def _chosen(tx: Tx, name: str) -> tuple[tuple[str, str], ...]:
    ids = frozenset(id_of(one) for one in request.form.getlist(name) if one)
    names = directory.user_names(tx, ids) if ids else {}
    return tuple((str(one), names.get(one, str(one))) for one in sorted(ids))
