"""The same operation on many instances or tasks, in the background: each in a transaction of its own, as the asker."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal
from uuid import UUID

from engine.kernel import background
from engine.kernel.actor import Actor
from engine.kernel.errors import SchoolflowError, UserError
from engine.kernel.text import Text
from engine.kernel.uow import Boundary, Tx
from engine.workflow import instances, leaving, tasks

KIND = "workflow.bulk"
LIMIT = 10_000
MAX_FAILED = 1_000
Operation = Literal[
    "retry", "cancel", "suspend", "resume", "migrate", "undo_migration", "transfer", "hand_over", "claim", "complete"
]
One = Callable[[Tx, UUID, Mapping[str, Any]], object]


@dataclass(frozen=True, slots=True)
class Move:
    """Cases of one version to another. `mapping`: node of the old version to node of the new one."""

    from_version_id: UUID
    to_version_id: UUID
    ids: Sequence[UUID]
    mapping: Mapping[str, str]


def enqueue(tx: Tx, operation: Operation, ids: Sequence[UUID], parameters: Mapping[str, Any]) -> UUID:
    """Put the operation down as a background job; its id. What a single one may not, the job reports as failed.

    ids: instances; tasks for `transfer`, `claim`, `complete`. parameters: `reason`; `to` (user) for `transfer`;
    `outcomes` (by task, of tasks whose forms ask for nothing) for `complete`; `from_version_id`, `to_version_id`,
    `mapping` for `migrate`; `batch_id` for `undo_migration`.

    Raises: UserError for an unknown operation, none or too many ids.
    """
    if operation == "migrate":
        versions = UUID(parameters["from_version_id"]), UUID(parameters["to_version_id"])
        return migrate(tx, [Move(*versions, ids, parameters.get("mapping") or {})])
    return _enqueue(tx, operation, ids, parameters)


def migrate(tx: Tx, moves: Sequence[Move]) -> UUID:
    """One job for cases of one or several versions; each version is a batch that can be undone. Its id.

    Raises: like `enqueue`.
    """
    found = {
        str(one.from_version_id): {
            "to": str(one.to_version_id),
            "mapping": dict(one.mapping),
            "batch_id": str(instances.open_batch(tx, one.from_version_id, one.to_version_id, one.mapping)),
        }
        for one in moves
    }
    return _enqueue(tx, "migrate", [key for one in moves for key in one.ids], {"moves": found})


def hand_over(tx: Tx, from_user: str, to: Mapping[str, str], comment: str = "") -> UUID:
    """Everything of a person who leaves goes to colleagues, as a background job; its id.

    to: by kind of `leaving.Belongings` who takes it: `task`, `offer`, `case`, and objects by their key.

    Raises: Forbidden unless he does it himself or an operator does; UserError when there is nothing, or for a
    successor who is not active.
    """
    found = leaving.plan(tx, from_user, to, comment, LIMIT)
    return _enqueue(tx, "hand_over", [UUID(one) for one in found["kinds"]], found)


def _enqueue(tx: Tx, operation: str, ids: Sequence[UUID], parameters: Mapping[str, Any]) -> UUID:
    if operation not in _OPERATIONS:
        raise UserError("unknown_operation", Text(f"没有批量操作“{operation}”", f"No bulk operation {operation!r}"))
    if not 0 < len(ids) <= LIMIT:
        raise UserError("bulk_size", Text(f"请选择 1 至 {LIMIT} 项", f"Choose between 1 and {LIMIT}"))
    found = {**parameters, "operation": operation, "ids": [str(one) for one in dict.fromkeys(ids)]}
    return background.enqueue(tx, KIND, found)


def run(
    boundary: Boundary, actor: Actor, parameters: Mapping[str, Any], progress: background.Progress
) -> Mapping[str, object]:
    """The job: `{"done": n, "failed_total": n, "failed": [{"id", "zh", "en"}]}`, at most 1,000 of the failed by name;
    of a migration with the `batch_ids` to undo it by.

    What became of an item is kept in the commit of its change: the next worker goes on behind it.
    """
    ids = [UUID(one) for one in parameters["ids"]]
    kept = dict(progress.kept or _nothing(parameters))
    while (place := kept["done"] + kept["failed_total"]) < len(ids):
        job = _Item(ids[place], parameters, progress, place + 1, len(ids))
        done = {**kept, "done": kept["done"] + 1}
        try:
            boundary.run(actor, partial(job.do, found=done))
            kept = done
        except SchoolflowError as error:
            if error.status >= 500:
                raise
            kept = _refused(kept, ids[place], error)
            boundary.run(actor, partial(job.keep, found=kept))
    return kept


def _nothing(parameters: Mapping[str, Any]) -> dict[str, Any]:
    batches = [move["batch_id"] for move in parameters.get("moves", {}).values()]
    batches += [parameters["batch_id"]] if "batch_id" in parameters else []
    return {"done": 0, "failed_total": 0, "failed": []} | ({"batch_ids": batches} if batches else {})


def _refused(kept: Mapping[str, Any], one: UUID, error: SchoolflowError) -> dict[str, Any]:
    reasons = tuple(error.fields.values()) or (error.message,)
    told = {"id": str(one), "zh": "；".join(text.zh for text in reasons), "en": "; ".join(text.en for text in reasons)}
    return {**kept, "failed": [*kept["failed"], told][:MAX_FAILED], "failed_total": kept["failed_total"] + 1}


@dataclass(frozen=True, slots=True)
class _Item:
    """One of the job's items. `number`: its place, from 1."""

    id: UUID
    parameters: Mapping[str, Any]
    progress: background.Progress
    number: int
    total: int

    def do(self, tx: Tx, found: Mapping[str, Any]) -> None:
        """The change, with what is done by then."""
        _OPERATIONS[self.parameters["operation"]](tx, self.id, self.parameters)
        self.keep(tx, found)

    def keep(self, tx: Tx, found: Mapping[str, Any]) -> None:
        """What is done so far."""
        self.progress.keep(tx, found, self.number, self.total)


def _retry(tx: Tx, instance_id: UUID, parameters: Mapping[str, Any]) -> None:
    sql = """select activation from incident where instance_id = %(id)s and resolved_at is null
 and activation is not null order by id"""
    places = [row[0] for row in tx.query(sql, {"id": instance_id})]
    if not places:
        raise UserError("no_incident", Text("该流程没有待处理的异常", "The instance has no open incident"))
    for activation in places:
        instances.retry(tx, instance_id, activation)


def _migrate(tx: Tx, instance_id: UUID, parameters: Mapping[str, Any]) -> None:
    rows = tx.query("select version_id from instance where id = %(id)s", {"id": instance_id})
    move = parameters["moves"].get(str(rows[0][0])) if rows else None
    if move is None:
        raise UserError("not_migrated", Text("已不在要迁移的版本上", "Not on a version to be migrated any more"))
    versions = rows[0][0], UUID(move["to"])
    result = instances.migrate(tx, *versions, move["mapping"], [instance_id], UUID(move["batch_id"]))
    if instance_id not in result.migrated:
        ended = Text("已结束，或已不在这个版本上", "Not running on this version any more")
        raise UserError("not_migrated", dict(result.skipped).get(instance_id, ended))


def _undo_migration(tx: Tx, instance_id: UUID, parameters: Mapping[str, Any]) -> None:
    result = instances.undo_migration(tx, UUID(parameters["batch_id"]), [instance_id])
    for _, why in result.skipped:
        raise UserError("not_undone", why)


def _complete(tx: Tx, task_id: UUID, parameters: Mapping[str, Any]) -> None:
    tasks.complete(tx, task_id, parameters["outcomes"][str(task_id)], {}, _reason(parameters))


def _reason(parameters: Mapping[str, Any]) -> str:
    return str(parameters.get("reason") or "")


_OPERATIONS: Mapping[str, One] = {
    "retry": _retry,
    "cancel": lambda tx, one, parameters: instances.cancel(tx, one, _reason(parameters)),
    "suspend": lambda tx, one, parameters: instances.suspend(tx, one, _reason(parameters)),
    "resume": lambda tx, one, parameters: instances.resume(tx, one, _reason(parameters)),
    "migrate": _migrate,
    "undo_migration": _undo_migration,
    "hand_over": leaving.hand_over,
    "transfer": lambda tx, one, parameters: tasks.transfer(tx, one, str(parameters["to"]), _reason(parameters)),
    "claim": lambda tx, one, parameters: tasks.claim(tx, one),
    "complete": _complete,
}
