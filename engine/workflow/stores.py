"""数据存储: what the processes of a branch keep for all their cases (BPMN 2.0.2 10.4.1).

A step that reads or writes one holds its row until the commit, so that of two cases that count it down at once each
sees what the other left. Operators of the branch look at it and correct it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.feel.values import Value, to_json
from engine.kernel.actor import ActorKind
from engine.kernel.errors import Forbidden, NotFound, Stale, UserError
from engine.kernel.history import Change, Event
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.bpmn.data_model import DataStore
from engine.workflow.bpmn.read_stores import LONGEST
from engine.workflow.interpreter import codec
from engine.workflow.interpreter.data import clean
from engine.workflow.interpreter.filling import overfull
from engine.workflow.runtime import OPERATE, VIEW, runtime_of

MOST = 500
_TAKE = "select content from data_store where branch_id = %(branch)s and name = %(name)s for update"
_CLAIM = """insert into data_store (branch_id, name, content, version, updated_at)
 values (%(branch)s, %(name)s, %(content)s, 0, %(now)s) on conflict (branch_id, name) do nothing"""
_COLUMNS = "branch_id, name, version, updated_at, instance_id, length(content)"
_ALL = f"""select {_COLUMNS} from data_store where version > 0
 and (%(everywhere)s or branch_id = any(%(branches)s)) order by name, branch_id limit %(limit)s"""  # noqa: S608
_ONE = f"select {_COLUMNS}, content from data_store where branch_id = %(branch)s and name = %(name)s and version > 0"  # noqa: S608
_CHANGE = """update data_store set content = %(content)s, version = version + 1, updated_at = %(now)s,
 instance_id = null where branch_id = %(branch)s and name = %(name)s and version = %(version)s"""


class BranchStores(Mapping[str, Value]):
    """The stores a program names, as the branch has them; each is held and read when it is first asked for.

    `everywhere`: where those lie that the whole organisation shares.
    """

    def __init__(
        self, tx: Tx, branch: Callable[[], UUID], everywhere: Callable[[], UUID], stores: Mapping[str, DataStore]
    ) -> None:
        self._tx, self._branch, self._everywhere, self._stores = tx, branch, everywhere, stores
        self._values: dict[str, Value] = {}

    def __getitem__(self, name: str) -> Value:
        if name not in self._stores:
            raise KeyError(name)
        if name not in self._values:
            self._values[name] = take(self._tx, self.home(name), name)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._stores)

    def __len__(self) -> int:
        return len(self._stores)

    def home(self, name: str) -> UUID:
        """The branch the store lies in: headquarters, where all branches share it."""
        return self._everywhere() if self._stores[name].scope == "organisation" else self._branch()

    def put(self, name: str, value: Value) -> None:
        """What this step has written; the step's statement stores it."""
        self._values[name] = value


@dataclass(frozen=True, slots=True)
class StoreRow:
    """One store of one branch. `instance_id`: the case that wrote it last, None when a person did; `size`: bytes."""

    branch_id: UUID
    name: str
    version: int
    updated_at: datetime
    instance_id: UUID | None
    size: int


def take(tx: Tx, branch_id: UUID, name: str) -> Value:
    """What the store holds, held until the commit; None when nobody has written it."""
    parameters = {"branch": branch_id, "name": name}
    rows = tx.query(_TAKE, parameters)
    if not rows:
        tx.post(_CLAIM, {**parameters, "content": codec.pack(None), "now": tx.now})
        rows = tx.query(_TAKE, parameters)
    found: Value = codec.unpack(bytes(rows[0][0]))
    return found


def listed(tx: Tx) -> tuple[StoreRow, ...]:
    """The stores of the branches tx.actor operates or looks at, at most 500. Raises: Forbidden when there are none."""
    branches = _branches(tx)
    if branches is not None and not branches:
        raise _forbidden()
    parameters = {"everywhere": branches is None, "branches": list(branches or ()), "limit": MOST}
    return tuple(StoreRow(*row) for row in tx.query(_ALL, parameters))


def get(tx: Tx, branch_id: UUID, name: str) -> tuple[StoreRow, Value]:
    """One store and what it holds. Raises: Forbidden; NotFound."""
    access = runtime_of(tx).access
    if tx.actor.kind is not ActorKind.SYSTEM and not any(access.may(tx, one, branch_id) for one in (OPERATE, VIEW)):
        raise _forbidden()
    rows = tx.query(_ONE, {"branch": branch_id, "name": name})
    if not rows:
        raise NotFound("store_not_found", Text("没有这个数据存储", "There is no such data store"))
    return StoreRow(*rows[0][:-1]), codec.unpack(bytes(rows[0][-1]))


def put(tx: Tx, branch_id: UUID, name: str, value: Any, version: int, reason: str) -> StoreRow:
    """Give the store a value; `version` is the one known, 0 for a store nobody has written.

    Old and new value are on the trail. Raises: Forbidden, UserError without a reason or for more than 4 MB, Stale when
    somebody was faster.
    """
    if tx.actor.kind is not ActorKind.SYSTEM and not runtime_of(tx).access.may(tx, OPERATE, branch_id):
        raise _forbidden()
    if not reason.strip():
        raise UserError("reason_required", fields={"reason": Text("请填写原因", "Please say why")})
    if len(name) > LONGEST:
        text = Text(f"名称最多 {LONGEST} 个字", f"A name has {LONGEST} letters at most")
        raise UserError("store_name_long", fields={"name": text})
    before, after = take(tx, branch_id, name), clean(value)
    too_much = overfull(name, after, None)
    if too_much is not None:
        raise UserError("store_full", fields={"value": too_much})
    parameters = {"branch": branch_id, "name": name, "version": version, "now": tx.now, "content": codec.pack(after)}
    if tx.connection.exec_driver_sql(_CHANGE, parameters).rowcount != 1:
        raise Stale("store_changed", Text("数据存储刚被改动，请刷新", "The data store has just changed; reload"))
    change = Change("value", to_json(before), to_json(after), personal=True)
    data = {"store": name, "reason": reason}
    tx.record(Event("store:changed", ("branch", branch_id), branch_id, data, [change]))
    return get(tx, branch_id, name)[0]


def _branches(tx: Tx) -> frozenset[UUID] | None:
    if tx.actor.kind is ActorKind.SYSTEM:
        return None
    operated = runtime_of(tx).access.branches(tx, OPERATE)
    viewed = runtime_of(tx).access.branches(tx, VIEW)
    return None if operated is None or viewed is None else operated | viewed


def _forbidden() -> Forbidden:
    return Forbidden("not_operator", Text("您没有管理流程的权限", "You may not operate process instances"))
