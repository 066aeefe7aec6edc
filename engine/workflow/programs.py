"""Compiled programs, kept per version in each process: a version never changes, so the cache needs no epoch."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from uuid import UUID

from engine.kernel.errors import NotFound
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.bpmn import compiler
from engine.workflow.bpmn.model import Model, Node, Process
from engine.workflow.bpmn.program import Program

CACHED = 200


@dataclass(frozen=True, slots=True)
class Loaded:
    """A version ready to run. `reads_record`: its texts name fields of the bound record."""

    version_id: UUID
    process_key: str
    number: int
    name: str
    principal: str
    record_object: str | None
    lifecycle: bool
    money: bool
    deployment_id: UUID
    model: Model
    process: Process
    program: Program
    reads_record: bool

    def node(self, node_id: str) -> Node | None:
        """The flow node of that id."""
        return self.process.nodes.get(node_id)


_cache: OrderedDict[UUID, Loaded] = OrderedDict()
_lock = Lock()

_SELECT = """select v.id, v.process_key, v.number, v.name, v.principal, v.record_object, v.lifecycle, v.money,
 v.deployment_id, r.content from process_version v
 join deployment_resource r on r.deployment_id = v.deployment_id and r.name = v.resource where v.id = %(id)s"""


def load(tx: Tx, version_id: UUID) -> Loaded:
    """The version, compiled once in this process. Raises: NotFound."""
    with _lock:
        found = _cache.get(version_id)
        if found is not None:
            _cache.move_to_end(version_id)
            return found
    row = tx.connection.exec_driver_sql(_SELECT, {"id": version_id}).one_or_none()
    if row is None:
        raise NotFound("version_not_found", Text("未找到该流程版本", "There is no such process version"))
    *head, content = row
    library = compiler.load(content)
    process = library.model.process(head[1])
    if process is None:
        raise NotFound("version_not_found", Text("部署文件中没有该流程", "The deployed file does not hold the process"))
    reads = _reads_record(content, head[5])
    loaded = Loaded(*(*head, library.model, process, library.programs[process.id], reads))
    with _lock:
        _cache[version_id] = loaded
        while len(_cache) > CACHED:
            _cache.popitem(last=False)
    return loaded


def _reads_record(content: str, record_object: str | None) -> bool:
    """Whether some text goes into the record: `contract.amount`, `record.stage`, `record["a"]`."""
    names = "|".join(re.escape(name) for name in ("record", record_object) if name)
    return re.search(rf"\b(?:{names})\s*[.\[]", content) is not None
