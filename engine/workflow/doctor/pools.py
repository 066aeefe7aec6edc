"""Processes nobody marked as executable, pools without insides, stores nobody defined (BPMN 2.0.2 9.3, 10.4.1)."""

from __future__ import annotations

from engine.kernel.text import Text
from engine.workflow.bpmn import xml
from engine.workflow.bpmn.read_nodes import kind_of
from engine.workflow.doctor.document import Document, called, make, remove


def treat(document: Document) -> None:
    """All three."""
    _empty_pools(document)
    _mark_executable(document)
    _data_stores(document)


def _steps(process: xml.Element) -> bool:
    return any(kind_of(item) is not None for item in process)


def _empty_pools(document: Document) -> None:
    """A pool whose process is missing or has no steps shows someone outside: a black box."""
    processes = {xml.attribute(one, "id"): one for one in document.all("process")}
    for pool in document.all("participant"):
        name = xml.reference(pool.get("processRef"))
        if name is None:
            continue
        process = processes.get(name)
        if process is not None and (_steps(process) or len(processes) == 1):
            continue
        del pool.attrib["processRef"]
        if process is not None:
            remove(process)
        if process is None:
            zh, en = (
                f"泳池“{called(pool)}”引用的流程“{name}”不存在",
                f"The process {name} of the pool {called(pool)} is not there",
            )
            fix = Text(
                "视为外部参与方（黑盒）；如有误请改正引用", "It is taken as a black box; correct the reference if not"
            )
            document.is_changed = True
            document.note(pool, "pool_process_missing", "warning", Text(zh, en), fix)
            continue
        document.rewritten(
            pool,
            "black_box",
            f"泳池“{called(pool)}”里没有步骤，视为外部参与方（黑盒）",
            f"The pool {called(pool)} has no steps inside: it is taken as somebody outside (a black box)",
        )


def _mark_executable(document: Document) -> None:
    processes = document.all("process")
    if any(xml.is_true(one, "isExecutable") for one in processes):
        return
    for process in processes:
        if _steps(process):
            process.set("isExecutable", "true")
            document.rewritten(
                process,
                "executable",
                f"流程“{called(process)}”没有标为可执行，已标记",
                f"The process {called(process)} was not marked as executable; it is now",
            )


def _data_stores(document: Document) -> None:
    """A reference to a data store that nobody defined gets one of its own."""
    stores = {xml.attribute(one, "id") for one in document.all("dataStore")}
    for reference in document.all("dataStoreReference"):
        target = xml.reference(reference.get("dataStoreRef"))
        if target in stores:
            continue
        identity = document.fresh_id(target or f"store_{xml.attribute(reference, 'id')}")
        store = make(document.root, "dataStore", id=identity, name=called(reference))
        first = next((place for place, one in enumerate(document.root) if xml.local(one) == "process"), 0)
        document.root.insert(first, store)
        reference.set("dataStoreRef", identity)
        stores.add(identity)
        document.rewritten(
            reference,
            "data_store",
            f"数据存储“{called(reference)}”没有定义，已补上定义",
            f"The data store {called(reference)} was not defined; a definition was added",
        )
