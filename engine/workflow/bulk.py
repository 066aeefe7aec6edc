"""The same operation on many instances or tasks, in the background: each in a transaction of its own, as the asker."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal
from uuid import UUID

from engine.kernel import background
from engine.kernel.actor import Actor
from engine.kernel.errors import Forbidden, SchoolflowError, UserError
from engine.kernel.text import Text
from engine.kernel.uow import Boundary, Tx
from engine.workflow import instances, tasks
from engine.workflow.instances.access import operates_for
from engine.workflow.tasks import taking_over

KIND = "workflow.bulk"
LIMIT = 10_000
Operation = Literal["retry", "cancel", "suspend", "resume", "migrate", "undo_migration", "transfer", "hand_over"]
One = Callable[[Tx, UUID, Mapping[str, Any]], object]


def enqueue(tx: Tx, operation: Operation, ids: Sequence[UUID], parameters: Mapping[str, Any]) -> UUID:
    """Put the operation down as a background job; its id. What a single one may not, the job reports as failed.

    ids: instances; tasks for `transfer`. parameters: `reason`; `to` (user) for `transfer`; `from_version_id`,
    `to_version_id`, `mapping` for `migrate`; `batch_id` for `undo_migration`.

    Raises: UserError for an unknown operation, none or too many ids.
    """
    if operation not in _OPERATIONS:
        raise UserError("unknown_operation", Text(f"没有批量操作“{operation}”", f"No bulk operation {operation!r}"))
    if not 0 < len(ids) <= LIMIT:
        raise UserError("bulk_size", Text(f"请选择 1 至 {LIMIT} 项", f"Choose between 1 and {LIMIT}"))
    if operation == "migrate":
        versions = UUID(parameters["from_version_id"]), UUID(parameters["to_version_id"])
        parameters = {**parameters, "batch_id": str(instances.open_batch(tx, *versions, parameters.get("mapping")))}
    found = {**parameters, "operation": operation, "ids": [str(one) for one in dict.fromkeys(ids)]}
    return background.enqueue(tx, KIND, found)


def hand_over(tx: Tx, from_user: str, to: str, comment: str = "") -> UUID:
    """Everything of a person who leaves goes to a colleague, as a background job; its id.

    His tasks, those he delegated, those that wait for signers he asked, and later tasks for which somebody chose him.

    Raises: Forbidden unless he does it himself or an operator does; UserError when he has none.
    """
    if not operates_for(tx, from_user):
        raise Forbidden(
            "not_operator", Text("只有流程管理员可以移交他人的任务", "Only an operator hands over for others")
        )
    tasks_, cases = taking_over.belongings(tx, from_user, LIMIT // 2)
    parameters = {"from_user": from_user, "to": to, "reason": comment, "cases": [str(one) for one in cases]}
    return enqueue(tx, "hand_over", tasks_ + cases, parameters)


def run(
    boundary: Boundary, actor: Actor, parameters: Mapping[str, Any], progress: background.Progress
) -> Mapping[str, object]:
    """The job: `{"done": n, "failed": [{"id", "zh", "en"}]}`; of a migration with the `batch_id` to undo it by."""
    ids = [UUID(one) for one in parameters["ids"]]
    failed: list[dict[str, str]] = []
    for number, one in enumerate(ids, 1):
        try:
            boundary.run(actor, partial(_once, one=one, parameters=parameters))
        except SchoolflowError as error:
            if error.status >= 500:
                raise
            failed.append({"id": str(one), "zh": error.message.zh, "en": error.message.en})
        if number % 20 == 0 or number == len(ids):
            progress.report(number, len(ids))
    batch = {"batch_id": parameters["batch_id"]} if "batch_id" in parameters else {}
    return {"done": len(ids) - len(failed), "failed": failed, **batch}


def _once(tx: Tx, one: UUID, parameters: Mapping[str, Any]) -> None:
    _OPERATIONS[parameters["operation"]](tx, one, parameters)


def _retry(tx: Tx, instance_id: UUID, parameters: Mapping[str, Any]) -> None:
    sql = """select activation from incident where instance_id = %(id)s and resolved_at is null
 and activation is not null order by id"""
    places = [row[0] for row in tx.query(sql, {"id": instance_id})]
    if not places:
        raise UserError("no_incident", Text("该流程没有待处理的异常", "The instance has no open incident"))
    for activation in places:
        instances.retry(tx, instance_id, activation)


def _migrate(tx: Tx, instance_id: UUID, parameters: Mapping[str, Any]) -> None:
    old, new = UUID(parameters["from_version_id"]), UUID(parameters["to_version_id"])
    batch_id = UUID(parameters["batch_id"])
    result = instances.migrate(tx, old, new, parameters.get("mapping") or {}, [instance_id], batch_id)
    if instance_id not in result.migrated:
        raise UserError("not_migrated", dict(result.skipped)[instance_id])


def _undo_migration(tx: Tx, instance_id: UUID, parameters: Mapping[str, Any]) -> None:
    result = instances.undo_migration(tx, UUID(parameters["batch_id"]), [instance_id])
    for _, why in result.skipped:
        raise UserError("not_undone", why)


def _hand_over(tx: Tx, one: UUID, parameters: Mapping[str, Any]) -> None:
    from_user, to = str(parameters["from_user"]), str(parameters["to"])
    if str(one) in parameters["cases"]:
        taking_over.choose_instead(tx, one, from_user, to)
    else:
        taking_over.take_over(tx, one, from_user, to, _reason(parameters))


def _reason(parameters: Mapping[str, Any]) -> str:
    return str(parameters.get("reason") or "")


_OPERATIONS: Mapping[str, One] = {
    "retry": _retry,
    "cancel": lambda tx, one, parameters: instances.cancel(tx, one, _reason(parameters)),
    "suspend": lambda tx, one, parameters: instances.suspend(tx, one, _reason(parameters)),
    "resume": lambda tx, one, parameters: instances.resume(tx, one, _reason(parameters)),
    "migrate": _migrate,
    "undo_migration": _undo_migration,
    "hand_over": _hand_over,
    "transfer": lambda tx, one, parameters: tasks.transfer(tx, one, str(parameters["to"]), _reason(parameters)),
}
