"""Activities that wait for data nobody gives: each of several input sets lacks one (BPMN 2.0.2 10.4.2)."""

from __future__ import annotations

from collections.abc import Iterator

from engine.kernel.text import Text
from engine.workflow.bpmn.findings import Finding
from engine.workflow.bpmn.model import Model, Node, Process
from engine.workflow.gate.remarks import remark
from engine.workflow.gate.surroundings import Surroundings


def check(process: Process, model: Model, surroundings: Surroundings) -> Iterator[Finding]:
    """A warning only: values a case is started with, or a form gives, have names too."""
    known = {one.name for one in process.data_objects} | _declared(process)
    for node in process.nodes.values():
        lacking = [sorted(one.needed - _given(node) - known) for one in node.input_sets]
        if lacking and all(lacking):
            names = "、".join(dict.fromkeys(lack[0] for lack in lacking))
            text = Text(
                f"每组输入都缺少数据（{names}），可能会一直等待",
                f"Each of its input sets lacks data ({names.replace('、', ', ')}): it may wait for ever",
            )
            fix = Text("用数据关联给出这些输入，或设为可选", "Give them by data associations, or make them optional")
            yield remark(node, "data.sets_lacking", text, fix, "warning")


def _given(node: Node) -> frozenset[str]:
    """The inputs that associations give, in whole or in part, and the activity's own properties."""
    parts = (to.text.partition(".")[0] for one in node.data_inputs for _, to in one.assignments)
    return frozenset({one.target for one in node.data_inputs if one.target} | set(parts) | set(node.properties))


def _declared(process: Process) -> set[str]:
    return {one.name for one in process.extension.variables} if process.extension is not None else set()
