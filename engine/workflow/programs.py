"""Compiled programs, kept per version in each process: a version never changes, so the cache needs no epoch."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from threading import Lock
from uuid import UUID

from engine.kernel.errors import NotFound
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow.bpmn import compiler
from engine.workflow.bpmn.model import Model, Node, NodeKind, Process
from engine.workflow.bpmn.program import Program

CACHED = 200


@dataclass(frozen=True, slots=True)
class Loaded:
    """A version ready to run, with a branch's overlay in place when it was loaded with one.

    `reads_record`: its texts name fields of the bound record. `files`: decision tables and forms of the overlay.
    `may_differ`: something of it is left to branches. `has_choices`: it has ad-hoc sub-processes.
    """

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
    may_differ: bool = False
    has_choices: bool = False
    files: Mapping[str, str] = field(default_factory=dict)

    def node(self, node_id: str) -> Node | None:
        """The flow node of that id."""
        return self.process.nodes.get(node_id)


_cache: OrderedDict[tuple[UUID, UUID | None], Loaded] = OrderedDict()
_lock = Lock()
_RUN = "workflow.run"

_SELECT = """select v.id, v.process_key, v.number, v.name, v.principal, v.record_object, v.lifecycle, v.money,
 v.deployment_id, r.content from process_version v
 join deployment_resource r on r.deployment_id = v.deployment_id and r.name = v.resource where v.id = %(id)s"""


def load(tx: Tx, version_id: UUID, overlay_id: UUID | None = None) -> Loaded:
    """The version, compiled once in this process, as the branch's overlay has it. Raises: NotFound."""
    key = (version_id, overlay_id)
    with _lock:
        found = _cache.get(key)
        if found is not None:
            _cache.move_to_end(key)
            return found
    loaded = _read(tx, version_id) if overlay_id is None else _overlaid(tx, load(tx, version_id), overlay_id)
    with _lock:
        _cache[key] = loaded
        while len(_cache) > CACHED:
            _cache.popitem(last=False)
    return loaded


def of_instance(tx: Tx, instance_id: UUID) -> Loaded:
    """What a case runs: its version as its branch has it; known when a step of it began in this transaction."""
    found = tx.memo.get((_RUN, instance_id))
    if isinstance(found, Loaded):
        return found
    sql = "select version_id, pinned->>'overlay' from instance where id = %(id)s"
    ((version_id, overlay_id),) = tx.query(sql, {"id": instance_id})
    return load(tx, version_id, UUID(overlay_id) if overlay_id else None)


def note_run(tx: Tx, instance_id: UUID, loaded: Loaded) -> None:
    """The transaction steps this case, which runs this version from now on."""
    tx.memo[_RUN, instance_id] = loaded


def _read(tx: Tx, version_id: UUID) -> Loaded:
    from engine.workflow.overlays.overlay import may_differ

    row = tx.connection.exec_driver_sql(_SELECT, {"id": version_id}).one_or_none()
    if row is None:
        raise NotFound("version_not_found", Text("未找到该流程版本", "There is no such process version"))
    *head, content = row
    library = compiler.load(content)
    process = library.model.process(head[1])
    if process is None:
        raise NotFound("version_not_found", Text("部署文件中没有该流程", "The deployed file does not hold the process"))
    reads = _reads_record(content, head[5])
    kept = reads, may_differ(process), any(node.kind is NodeKind.ADHOC for node in process.nodes.values())
    return Loaded(*(*head, library.model, process, library.programs[process.id], *kept))


def _overlaid(tx: Tx, base: Loaded, overlay_id: UUID) -> Loaded:
    from engine.workflow.overlays import overlay, storing

    found = storing.read(tx, overlay_id)
    model = overlay.overlaid(base.model, base.process_key, found.tasks)
    library = compiler.compile_model(model, f"{base.program.key}+{overlay_id}")
    process = model.process(base.process_key) or base.process
    reads = base.reads_record or _reads_record(str(found.tasks), base.record_object)
    return replace(
        base, model=model, process=process, program=library.programs[process.id], reads_record=reads, files=found.files
    )


def _reads_record(content: str, record_object: str | None) -> bool:
    """Whether some text goes into the record: `contract.amount`, `record.stage`, `record["a"]`; names of handlers and
    messages (`name="contract.sign"`) do not.
    """
    names = "|".join(re.escape(name) for name in ("record", record_object) if name)
    return re.search(rf"(?<!name=\")(?<!name=')\b(?:{names})\s*[.\[]", content) is not None
