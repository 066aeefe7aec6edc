"""What speaks against an overlay: not left to branches, another interface, or refused by the gate with it in place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from uuid import UUID

from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.workflow import gate
from engine.workflow.assignees import Asking, candidates_of
from engine.workflow.assignees.rules import RuleError, RuleKind, parse_rules
from engine.workflow.bpmn import xml
from engine.workflow.bpmn.compiler import compile_model
from engine.workflow.bpmn.extensions import Assignee
from engine.workflow.bpmn.findings import Finding
from engine.workflow.decisions import compiled, decision_files_of, linked
from engine.workflow.dmn import DmnError
from engine.workflow.dmn.linking import needed
from engine.workflow.overlays.overlay import TaskChange, allowed, form_allowed, overlaid
from engine.workflow.programs import Loaded
from engine.workflow.runtime import runtime_of

_FIXED = {RuleKind.USER, RuleKind.ROLE, RuleKind.GROUP, RuleKind.POSITION, RuleKind.BRANCH_HEAD}


def findings_of(
    tx: Tx, loaded: Loaded, branch_id: UUID, tasks: Mapping[str, TaskChange], files: Mapping[str, str]
) -> tuple[Finding, ...]:
    """Findings that the process has with the overlay and not without it, errors first."""
    own = version_files(tx, loaded.deployment_id)
    decisions = decision_files_of(tx, loaded.deployment_id)
    found = [*_tasks(tx, loaded, branch_id, tasks), *_files(loaded, decisions, files), *_forms(tx, loaded, own, files)]
    if not any(one.severity == "error" for one in found):
        library = compile_model(overlaid(loaded.model, loaded.process_key, tasks))
        around = runtime_of(tx).surroundings(tx, {**own, **files})
        before = set(gate.check(compile_model(loaded.model), runtime_of(tx).surroundings(tx, own)))
        found += [one for one in (*library.findings, *gate.check(library, around)) if one not in before]
    return tuple(sorted(dict.fromkeys(found), key=lambda one: one.severity != "error"))


def version_files(tx: Tx, deployment_id: UUID) -> dict[str, str]:
    """The files the version was deployed with."""
    sql = "select name, content from deployment_resource where deployment_id = %(id)s and kind <> 'import'"
    return {row[0]: row[1] for row in tx.query(sql, {"id": deployment_id})}


def _tasks(tx: Tx, loaded: Loaded, branch_id: UUID, tasks: Mapping[str, TaskChange]) -> Iterator[Finding]:
    for node_id, change in tasks.items():
        node = loaded.node(node_id)
        if node is None or node.task is None:
            yield _error(node_id, "overlay.no_task", f"流程中没有任务 {node_id}", f"The process has no task {node_id}")
            continue
        for kind in change.kinds:
            if kind not in allowed(loaded.process, node):
                yield _not_left(node_id, node.name or node_id)
        if change.assignees is not None and not _yields(tx, branch_id, change.assignees):
            zh, en = f"“{node.name or node_id}”在本校区没有办理人", f"Nobody of the branch gets {node.name or node_id}"
            yield Finding(node_id, "overlay.nobody", "error", Text(zh, en), Text("换一条规则", "Choose another rule"))


def _yields(tx: Tx, branch_id: UUID, assignees: tuple[Assignee, ...]) -> bool:
    """Whether fixed rules name somebody in that branch; rules that depend on the case are taken on trust."""
    directory = runtime_of(tx).directory(tx)
    for one in assignees:
        try:
            rules = parse_rules(one.rule)
        except RuleError:
            return True
        place = directory.headquarters() if one.branch == "hq" else branch_id
        if any(rule.kind not in _FIXED for rule in rules) or one.branch.startswith("="):
            return True
        if candidates_of(rules, directory, Asking(place)):
            return True
    return False


def _files(loaded: Loaded, linked_files: Mapping[str, str], files: Mapping[str, str]) -> Iterator[Finding]:
    """``linked_files``: the deployment's decision files with what they import."""
    for name in files:
        if name.endswith(".dmn"):
            if "decisions" not in allowed(loaded.process):
                yield _not_left("", name)
            yield from _decision_file(name, files, linked_files)
    yield from _dependents(linked_files, {**linked_files, **files}, files)


def _forms(tx: Tx, loaded: Loaded, own: Mapping[str, str], files: Mapping[str, str]) -> Iterator[Finding]:
    for name, content in files.items():
        if not name.endswith(".json"):
            continue
        key = form_key(own.get(name, content))
        if not form_allowed(loaded.process, key):
            yield _not_left("", name)
        for defect in runtime_of(tx).forms.defects(name, content):
            yield _error("", "form.invalid", f"{name}：{defect.zh}", f"{name}: {defect.en}")
        if form_key(content) != key:
            yield _error(
                "", "overlay.form_key", f"{name}：表单的标识应为 {key}", f"{name}: the form's key should be {key}"
            )


def form_key(content: str) -> str:
    """The key a form file names; empty when it can't be read."""
    try:
        found = json.loads(content)
    except ValueError:
        return ""
    return str(found.get("key") or "") if isinstance(found, dict) else ""


def _decision_file(name: str, files: Mapping[str, str], own: Mapping[str, str]) -> Iterator[Finding]:
    known = {key: file for file in own if file.endswith(".dmn") for key in _decisions(own[file])}
    try:
        model = linked(name, {**own, **files})
    except DmnError as error:
        yield _error("", "dmn.unreadable", f"{name}：{error.message.zh}", f"{name}: {error.message.en}")
        return
    yield from model.findings
    for key, decision in model.decisions.items():
        if key not in known:
            zh, en = f"{name}：流程没有决策 {key}", f"{name}: the process has no decision {key}"
            yield _error("", "overlay.no_decision", zh, en)
        elif more := set(decision.inputs) - set(linked(known[key], own).find(key).inputs):
            zh, en = f"{name}：{key} 不知道 {'、'.join(more)}", f"{name}: {key} is not given {', '.join(sorted(more))}"
            yield _error("", "overlay.inputs", zh, en)
        elif _outputs(files[name], key) != _outputs(own[known[key]], key):
            zh, en = f"{name}：{key} 的输出列与总部不同", f"{name}: {key} has other output columns than headquarters'"
            yield _error("", "overlay.outputs", zh, en)


def _dependents(before: Mapping[str, str], after: Mapping[str, str], files: Mapping[str, str]) -> Iterator[Finding]:
    """What files that the branch leaves alone say of those it changes and they import."""
    for name in before:
        if name not in files and needed(name, after).keys() & files.keys():
            yield from set(linked(name, after).findings) - set(linked(name, before).findings)


def _decisions(content: str) -> tuple[str, ...]:
    return tuple(compiled(content).decisions)


def _outputs(content: str, decision: str) -> frozenset[str]:
    """Names of a decision table's output columns."""
    tables = [one for one in xml.parse(content).iter() if xml.local(one) == "decision" and one.get("id") == decision]
    return frozenset(one.get("name") or "" for table in tables for one in table.iter() if xml.local(one) == "output")


def _not_left(element: str, name: str) -> Finding:
    zh, en = f"总部没有允许校区修改“{name}”", f"Headquarters does not leave “{name}” to branches"
    return Finding(element, "overlay.not_allowed", "error", Text(zh, en), Text("请联系总部", "Ask headquarters"))


def _error(element: str, rule: str, zh: str, en: str) -> Finding:
    return Finding(element, rule, "error", Text(zh, en), Text("请修改后再保存", "Change it and save again"))
