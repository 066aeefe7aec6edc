"""Who may look at an instance, and who may operate it."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from engine.feel.values import Value
from engine.kernel.actor import ActorKind
from engine.kernel.errors import Forbidden, NotFound
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.bpmn.extensions import ProcessExtension
from engine.workflow.runner.row import InstanceRow
from engine.workflow.runtime import OPERATE, VIEW, runtime_of


def is_operator(tx: Tx, row: InstanceRow) -> bool:
    """Whether tx.actor may operate processes in the instance's branch."""
    return tx.actor.kind is ActorKind.SYSTEM or runtime_of(tx).access.may(tx, OPERATE, row.branch_id)


def is_viewer(tx: Tx, row: InstanceRow) -> bool:
    """Whether tx.actor may look at every instance of the branch: operators, and those who only look (auditors)."""
    return is_operator(tx, row) or runtime_of(tx).access.may(tx, VIEW, row.branch_id)


def visible_variables(
    tx: Tx, row: InstanceRow, extension: ProcessExtension | None, variables: Mapping[str, Value]
) -> dict[str, Value]:
    """The variables tx.actor may see, by the access class each declares; none declared: viewers only."""
    if tx.actor.kind is ActorKind.SYSTEM:
        return dict(variables)
    classes = {one.name: one.access for one in extension.variables} if extension else {}
    sees_all = is_viewer(tx, row)
    return {name: value for name, value in variables.items() if _may_see(tx, classes.get(name, ""), sees_all)}


def _may_see(tx: Tx, access_class: str, sees_all: bool) -> bool:
    kind, _, path = access_class.partition(":")
    if kind == "field":
        object_key, _, field = path.partition(".")
        return runtime_of(tx).access.may_read(tx, object_key, field)
    return kind == "public" or sees_all


def require_operator(tx: Tx, row: InstanceRow) -> None:
    """Raises: Forbidden."""
    if not is_operator(tx, row):
        raise _not_operator()


def operates_for(tx: Tx, user_id: str) -> bool:
    """Whether tx.actor may arrange that user's work: it is his own, or he operates wherever the other one works."""
    operated = runtime_of(tx).access.branches(tx, OPERATE)
    if tx.actor.id == user_id or tx.actor.kind is ActorKind.SYSTEM or operated is None:
        return True
    branches = runtime_of(tx).directory(tx).branches_of(user_id)
    return bool(branches) and branches <= operated


def operated_branches(tx: Tx) -> frozenset[UUID] | None:
    """Branches whose instances tx.actor operates; None: everywhere. Raises: Forbidden when there are none."""
    found = runtime_of(tx).access.branches(tx, OPERATE)
    if found is not None and not found:
        raise _not_operator()
    return found


def seen_branches(tx: Tx) -> frozenset[UUID] | None:
    """Branches whose instances tx.actor may all see; None: everywhere."""
    if tx.actor.kind is ActorKind.SYSTEM:
        return None
    found = [runtime_of(tx).access.branches(tx, right) for right in (OPERATE, VIEW)]
    return None if None in found else frozenset().union(*(one for one in found if one is not None))


def require_seeing(tx: Tx) -> None:
    """Raises: Forbidden for whom no branch's instances are open as a whole."""
    if seen_branches(tx) == frozenset():
        raise _not_operator()


def require_visible(tx: Tx, row: InstanceRow) -> None:
    """The starter, everybody who has or had a task of it, cc, operators. Raises: NotFound."""
    if row.starter == tx.actor.id or is_viewer(tx, row):
        return
    sql = f"""select {_HAS_TASK}
 or exists (select 1 from task_cc where instance_id = %(id)s and user_id = %(me)s)"""  # noqa: S608 - constant parts
    if not tx.connection.exec_driver_sql(sql, {"id": row.id, "me": tx.actor.id}).scalar_one():
        raise NotFound("instance_not_found", Text("未找到该流程实例，或您无权查看", "No such instance, or not visible"))


def takes_part(tx: Tx, row: InstanceRow) -> bool:
    """Whether tx.actor started it, has or had a task of it, or operates it. Raises: NotFound when he may not see it."""
    require_visible(tx, row)
    if row.starter == tx.actor.id or is_operator(tx, row):
        return True
    parameters = {"id": row.id, "me": tx.actor.id}
    return bool(tx.connection.exec_driver_sql(f"select {_HAS_TASK}", parameters).scalar_one())


def require_participant(tx: Tx, row: InstanceRow) -> None:
    """Raises: NotFound; Forbidden for who may look only."""
    if not takes_part(tx, row):
        raise Forbidden(
            "not_participant", Text("只有参与该流程的人可以这样做", "Only who takes part in the case may do this")
        )


_HAS_TASK = """exists (select 1 from user_task t left join task_candidate c on c.task_id = t.id
 and c.user_id = %(me)s and c.is_open where t.instance_id = %(id)s
 and (t.assignee = %(me)s or t.completed_by = %(me)s or t.delegated_by = %(me)s or c.user_id is not null))"""


def _not_operator() -> Forbidden:
    return Forbidden("not_operator", Text("您没有管理流程的权限", "You may not operate process instances"))
