"""The runner's ports answered by the metadata room: people, records, rights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from engine.feel.values import Value
from engine.kernel.actor import ActorKind
from engine.kernel.errors import NotFound
from engine.kernel.uow import Tx
from engine.metadata import access, directory, records, rights
from engine.workflow.programs import of_instance
from engine.workflow.runtime import START
from engine.workflow.tasks.rows import TaskRow

_READ_DAYS = 30


class OrganisationDirectory:
    """`assignees.Directory` over the organisation's tables, for one transaction."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def user_by_username(self, username: str) -> str | None:
        """The active user of that name."""
        found = directory.user_by_username(self._tx, username)
        return None if found is None else str(found)

    def existing(self, users: Sequence[str]) -> Sequence[str]:
        """Active users among ids and usernames, as ids."""
        found: list[str] = []
        for user in users:
            user_id = _uuid(user)
            if user_id is None:
                named = self.user_by_username(user)
                found += [named] if named else []
            elif directory.user_actor(self._tx, user_id) is not None:
                found.append(str(user_id))
        return list(dict.fromkeys(found))

    def users_in_role(self, role: str, branch_id: UUID) -> Sequence[str]:
        """Holders at the branch, else at the nearest branch above."""
        return _texts(directory.users_with_role(self._tx, role, branch_id))

    def users_in_group(self, group: str) -> Sequence[str]:
        """Members of the group."""
        return _texts(directory.group_members(self._tx, group))

    def users_in_position(self, position: str, branch_id: UUID) -> Sequence[str]:
        """Holders of the position."""
        return _texts(directory.position_holders(self._tx, position, branch_id))

    def branch_head(self, branch_id: UUID) -> str | None:
        """The head of the branch, else of the one above."""
        return next(iter(_texts(directory.branch_head(self._tx, branch_id))), None)

    def superior(self, user_id: str, level: int) -> str | None:
        """The n-th superior; the last one when the ladder ends earlier."""
        parsed = _uuid(user_id)
        if parsed is None:
            return None
        return next(iter(_texts(directory.superiors(self._tx, parsed, level))), None)

    def branches_of(self, user_id: str) -> frozenset[UUID]:
        """The home branch and those of all roles, however held."""
        parsed = _uuid(user_id)
        return frozenset() if parsed is None else directory.branches_of(self._tx, parsed)

    def headquarters(self) -> UUID:
        """The root branch."""
        sql = "select id from branch where parent_id is null"
        return UUID(str(self._tx.connection.exec_driver_sql(sql).scalar_one()))

    def administrators(self, branch_id: UUID) -> Sequence[str]:
        """Holders of the role `admin` at the branch or above."""
        return self.users_in_role("admin", branch_id)

    def person(self, user_id: str) -> str:
        """One account is one person: usernames belong to people, and a person has one account."""
        return user_id

    def names(self, user_ids: Sequence[str]) -> Mapping[str, str]:
        """Display names."""
        parsed = frozenset(one for user in user_ids if (one := _uuid(user)) is not None)
        return {str(key): name for key, name in directory.user_names(self._tx, parsed).items()}


class OrganisationRecords:
    """`runtime.Records` over the record service, as the acting principal sees them."""

    def read(self, tx: Tx, object_key: str, record_id: UUID) -> Mapping[str, Value]:
        """The record's readable values; empty when there is none."""
        try:
            record = records.get(tx, object_key, record_id, titled=False)
        except NotFound:
            return {}
        return {"id": str(record.id), **record.values}

    def set_stage(self, tx: Tx, object_key: str, record_id: UUID, stage: str) -> None:
        """Write the stage."""
        records.set_stage(tx, object_key, record_id, stage)


class OrganisationAccess:
    """`runtime.Access` over roles' rights; a user who can see the record may start its processes."""

    def may(self, tx: Tx, right: str, branch_id: UUID | None) -> bool:
        """Whether tx.actor holds the right at the branch or above."""
        if tx.actor.kind is ActorKind.SYSTEM:
            return True
        if tx.actor.kind is not ActorKind.USER:
            return False
        return right.startswith(START) or access.has_right(tx, right, branch_id)

    def branches(self, tx: Tx, right: str) -> frozenset[UUID] | None:
        """By the branches its roles are held at."""
        return rights.branches_with(tx, right)

    def may_read(self, tx: Tx, object_key: str, field: str) -> bool:
        """By the actor's level on the field; an object nobody knows is read by nobody."""
        try:
            return access.levels(tx, object_key).get(field, "none") in ("read", "write")
        except NotFound:
            return False

    def grant_task(self, tx: Tx, task: TaskRow, user_id: str) -> None:
        """The fields the task lists become readable or writable on its record."""
        parsed = _uuid(user_id)
        if parsed is None or task.object is None or task.record_id is None:
            return
        node = of_instance(tx, task.instance_id).node(task.node_id)
        listed = node.task.fields if node is not None and node.task is not None else ()
        levels = {one.name: "read" if one.access == "read" else "write" for one in listed if one.access != "hidden"}
        if levels:
            access.grant_task(tx, task.id, parsed, task.object, task.record_id, levels)

    def tasks_ended(self, tx: Tx, task_ids: Sequence[UUID]) -> None:
        """What the tasks granted stays readable for thirty days."""
        until = tx.now + timedelta(days=_READ_DAYS)
        for task_id in task_ids:
            access.end_task(tx, task_id, until)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _texts(users: Sequence[UUID]) -> list[str]:
    return [str(user) for user in users]
