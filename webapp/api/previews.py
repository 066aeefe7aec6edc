"""Answers of operations that can be asked beforehand: what was done, or with `dry_run` what it would mean."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any
from uuid import UUID

from marshmallow import Schema, fields

from engine.kernel.uow import Tx
from engine.workflow import instances, tasks
from engine.workflow.rehearsing import Rehearsal
from webapp.api.operating import Act
from webapp.api.schema import schema_of
from webapp.screens.work import foreseeing
from webapp.screens.work.consequences import Section


@cache
def foreseen(kind: type) -> type[Schema]:
    """The preview with whom it reaches (`told`), what it runs, sends and where it would fail, and the words of the
    pages (`says`); these only with `dry_run`."""
    parts = dict[str, Any](schema_of(kind)._declared_fields) | dict[str, Any](schema_of(Rehearsal)._declared_fields)
    parts |= {"blocked": fields.String(), "says": fields.List(fields.Nested(schema_of(Section)))}
    return type(f"Foreseen{kind.__name__}", (Schema,), parts)


def of_task(act: Callable[[Tx, UUID, Mapping[str, Any]], Any]) -> Act:
    """The operation, or with `dry_run` what it would mean."""

    def asked(tx: Tx, task_id: UUID, body: Mapping[str, Any]) -> object:
        if not body["dry_run"]:
            return act(tx, task_id, body)

        def again(comment: str, dry_run: bool) -> tasks.Preview:
            found: tasks.Preview = act(tx, task_id, {**body, "comment": comment, "dry_run": dry_run})
            return found

        return foreseeing.sending_back(tx, task_id, again).to_api()

    return asked


def cancel(tx: Tx, one: UUID, body: Mapping[str, Any]) -> object:
    """Ends the case."""
    if body["dry_run"]:
        return foreseeing.cancelling(tx, one).to_api()
    return instances.cancel(tx, one, body["reason"])


def move(tx: Tx, one: UUID, body: Mapping[str, Any]) -> object:
    """Moves it."""
    if body["dry_run"]:
        return foreseeing.moving(tx, one, body["cancel"], body["target"]).to_api()
    return instances.move(tx, one, cancel=tuple(body["cancel"]), target=body["target"], reason=body["reason"])


def pass_join(tx: Tx, one: UUID, body: Mapping[str, Any]) -> object:
    """Goes on behind a join."""
    if body["dry_run"]:
        return foreseeing.passing_join(tx, one, body["node"]).to_api()
    return instances.pass_join(tx, one, body["node"], body["reason"])


def migrate(tx: Tx, one: UUID, body: Mapping[str, Any]) -> object:
    """Goes on with another version. With `dry_run` there is no batch."""
    if body["dry_run"]:
        found = foreseeing.migrating(tx, one, body["to_version"], body["mapping"]).to_api()
        return {name: value for name, value in found.items() if name != "batch_id"}
    present = instances.get(tx, one).version_id
    return instances.migrate(tx, present, body["to_version"], mapping=body["mapping"], ids=[one])


def skip(tx: Tx, one: UUID, body: Mapping[str, Any]) -> object:
    """Goes on behind a place."""
    if body["dry_run"]:
        return foreseeing.skipping(tx, one, body["activation"]).to_api()
    return instances.skip(tx, one, body["activation"], body["reason"])
