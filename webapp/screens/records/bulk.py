"""One action on many records: each is checked; the answer says how many it reached."""

from collections.abc import Sequence
from uuid import UUID

from engine.kernel.errors import BadRequest, UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import records
from engine.metadata.organisation.users import get_user
from webapp.given import id_of

_DONE = {
    "assign": Text("已分配 {n} 条", "{n} assigned"),
    "delete": Text("已删除 {n} 条，可在回收站恢复", "{n} deleted; they can be restored from the bin"),
    "restore": Text("已恢复 {n} 条", "{n} restored"),
}
_SKIPPED = Text("；{n} 条无权限或已变化，未处理", "; {n} skipped: no right, or changed meanwhile")


def act(tx: Tx, object_key: str, ids: Sequence[UUID], action: str, owner: str = "") -> Text:
    """Does it to each record, each in a savepoint of its own; says what was done. Raises: BadRequest."""
    if action not in _DONE:
        raise BadRequest
    owner_id = get_user(tx, id_of(owner)).id if action == "assign" else None
    done = sum(_one(tx, object_key, record_id, action, owner_id) for record_id in ids)
    text = _DONE[action].format(n=done)
    if done == len(ids):
        return text
    skipped = _SKIPPED.format(n=len(ids) - done)
    return Text(text.zh + skipped.zh, text.en + skipped.en)


def _one(tx: Tx, object_key: str, record_id: UUID, action: str, owner_id: UUID | None) -> bool:
    try:
        with tx.savepoint():
            if action == "delete":
                records.delete(tx, object_key, record_id)
            elif action == "restore":
                records.restore(tx, object_key, record_id)
            else:
                version = records.get(tx, object_key, record_id).version
                records.update(tx, object_key, record_id, version, {"owner_id": owner_id})
    except UserError:
        return False
    return True
