"""Every folder with a manifest under processes/ is held to the same rules."""

import re
from collections.abc import Mapping
from typing import Any

import pytest
from lxml import etree

from engine.metadata.shipped_roles import shipped_roles
from engine.workflow.bpmn import compiler
from engine.workflow.bpmn.model import NodeKind, Process
from engine.workflow.bpmn.reader import read
from engine.workflow.dmn import load_decisions
from processes import english
from processes.registry import ProcessFolder, discover
from tests.contracts.process_cases import play

FOLDERS = discover().processes
CASES = [(folder, case) for folder in FOLDERS for case in folder.cases]
CHINESE = re.compile("[\u4e00-\u9fff]")
WORDS = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
DI = {"di": "http://www.omg.org/spec/BPMN/20100524/DI"}

folders = pytest.mark.parametrize("folder", FOLDERS, ids=[folder.key for folder in FOLDERS])


def processes_of(folder: ProcessFolder) -> list[Process]:
    return [process for text in folder.bpmn.values() for process in read(text)[0].processes]


@folders
def test_folder_holds_the_processes_its_manifest_names(folder: ProcessFolder) -> None:
    assert {process.id for process in processes_of(folder)} == set(folder.process_keys)
    assert folder.principal is not None


@folders
def test_model_compiles_without_findings(folder: ProcessFolder) -> None:
    for text in folder.bpmn.values():
        assert [finding.text.en for finding in compiler.load(text).findings] == []


@folders
def test_handlers_exist_and_get_what_they_need(folder: ProcessFolder) -> None:
    known = {handler.name: handler for handler in folder.handlers}
    used: set[str] = set()
    for process in processes_of(folder):
        cancel = process.extension.cancel if process.extension else None
        if cancel is not None:
            used.add(cancel.name)
            assert {item.name for item in cancel.inputs} <= set(known[cancel.name].inputs), process.id
        for node in process.nodes.values():
            if node.handler is None:
                continue
            handler = known[node.handler.name]
            used.add(handler.name)
            given = {item.name for item in node.handler.inputs}
            needed = {
                name for name, parameter in handler.inputs.items() if isinstance(parameter, str) or parameter.required
            }
            assert needed <= given <= set(handler.inputs), node.id
            for output in node.handler.outputs:
                for name in re.findall(r"result\.([a-z_]+)", output.value):
                    assert name in handler.outputs, f"{node.id}: {name}"
    assert used == set(known)


@folders
def test_tasks_have_forms_people_and_outcomes(folder: ProcessFolder) -> None:
    roles = {role.key for role in shipped_roles()}
    used = set()
    for process in processes_of(folder):
        for node in process.nodes.values():
            if node.kind is not NodeKind.USER:
                continue
            assert node.task is not None
            assert node.task.form in folder.forms, node.id
            used.add(node.task.form)
            assert node.task.assignees, node.id
            for assignee in node.task.assignees:
                if assignee.rule.startswith("role:"):
                    assert assignee.rule.removeprefix("role:") in roles
            assert node.title, node.id
            names = {field.name for field in node.task.fields}
            assert names <= set(folder.forms[node.task.form].fields)
            for outcome in node.task.outcomes:
                assert outcome.label_zh, node.id
                assert outcome.label_en, node.id
    entered = {folder.start.form} if folder.start else set()
    public = {form.form for form in folder.public_forms}
    acted = {action.form for action in folder.actions}
    assert set(folder.forms) == used | public | ((entered | acted) - {None, ""})


@folders
def test_forms_ask_for_declared_variables(folder: ProcessFolder) -> None:
    for process in processes_of(folder):
        assert process.extension is not None
        declared = {variable.name for variable in process.extension.variables}
        for node in process.nodes.values():
            if node.task is None:
                continue
            fields = folder.forms[node.task.form].fields.values()
            assert {field.name for field in fields if field.binding is None} <= declared, node.id


@folders
def test_decisions_exist_and_messages_have_texts(folder: ProcessFolder) -> None:
    decisions = {key for text in folder.dmn.values() for key in load_decisions(text.encode()).decisions}
    for process in processes_of(folder):
        for node in process.nodes.values():
            if node.decision is not None:
                assert node.decision.ref in decisions, node.id
            if node.send is not None:
                template = folder.templates[node.send.template]
                given = {item.name for item in node.send.inputs}
                assert template.places() == given or template.places() <= given, node.id
                assert template.payload(node.send.connector, "x", dict.fromkeys(given, ""))


@folders
def test_gateways_name_their_flows_and_mark_a_default(folder: ProcessFolder) -> None:
    for process in processes_of(folder):
        for node in process.nodes.values():
            if node.kind is not NodeKind.EXCLUSIVE or len(node.outgoing) < 2:
                continue
            assert node.default_flow in node.outgoing, node.id
            for flow_id in node.outgoing:
                flow = process.flows[flow_id]
                assert CHINESE.search(flow.name), flow_id
                assert (flow.condition is None) == (flow_id == node.default_flow), flow_id


@folders
def test_elements_have_word_ids_and_chinese_labels(folder: ProcessFolder) -> None:
    for process in processes_of(folder):
        assert CHINESE.search(process.name)
        assert CHINESE.search(process.documentation)
        for node in process.nodes.values():
            assert WORDS.fullmatch(node.id), node.id
            joins = node.kind is NodeKind.PARALLEL and len(node.incoming) > 1
            assert joins or CHINESE.search(node.name), node.id


@folders
def test_diagram_shows_every_node_and_flow(folder: ProcessFolder) -> None:
    for text in folder.bpmn.values():
        tree = etree.fromstring(text.encode())
        shown = set(tree.xpath("//di:BPMNShape/@bpmnElement | //di:BPMNEdge/@bpmnElement", namespaces=DI))
        for process in read(text)[0].processes:
            assert set(process.nodes) | set(process.flows) <= shown


@folders
def test_diagram_shapes_do_not_overlap(folder: ProcessFolder) -> None:
    for text in folder.bpmn.values():
        nodes = {node.id: node for process in read(text)[0].processes for node in process.nodes.values()}
        boxes = _boxes(text, nodes)
        for one, (left, top, right, bottom) in boxes.items():
            assert left >= 0, one
            assert top >= 0, one
            for other, (left2, top2, right2, bottom2) in boxes.items():
                if one < other and nodes[one].scope == nodes[other].scope:
                    apart = right <= left2 or right2 <= left or bottom <= top2 or bottom2 <= top
                    assert apart, f"{one} overlaps {other}"


def _boxes(text: str, nodes: Mapping[str, Any]) -> dict[str, tuple[float, float, float, float]]:
    found = {}
    for shape in etree.fromstring(text.encode()).iterfind(".//{*}BPMNShape"):
        name = shape.get("bpmnElement")
        if name is None or nodes[name].kind is NodeKind.BOUNDARY:
            continue
        bounds = shape.find("{*}Bounds")
        assert bounds is not None
        left, top = float(bounds.get("x", "")), float(bounds.get("y", ""))
        right, bottom = left + float(bounds.get("width", "")), top + float(bounds.get("height", ""))
        found[name] = (left, top, right, bottom)
    return found


@folders
def test_texts_are_in_both_languages(folder: ProcessFolder) -> None:
    texts = [folder.label, folder.description, *(action.label for action in folder.actions)]
    texts += [handler.label for handler in folder.handlers]
    texts += [field.label for form in folder.forms.values() for field in form.fields.values()]
    texts += [form.title for form in folder.forms.values()]
    for text in texts:
        assert CHINESE.search(text.zh), text
        assert text.en, text
        assert not CHINESE.search(text.en), text


@folders
def test_what_the_models_say_is_in_english(folder: ProcessFolder) -> None:
    words, titles = english.read(folder.path), list[str]()
    said = set[str]()
    for process in processes_of(folder):
        assert process.extension is not None
        said |= {process.name} | {one.label for one in process.extension.variables if one.label}
        said |= {one.name for one in (*process.nodes.values(), *process.flows.values()) if CHINESE.search(one.name)}
        titles += [process.title or "", *(node.title for node in process.nodes.values() if node.title)]
    assert set(words.names) == said
    literals = [re.findall(r'"([^"]*)"', title) for title in titles]
    assert set(words.openings) == {parts[0] for parts in literals}
    assert set(words.endings) == {parts[-1] for parts in literals if CHINESE.search(parts[-1]) and len(parts) > 1}
    assert not any(
        CHINESE.search(text) for part in (words.names, words.openings, words.endings) for text in part.values()
    )


def test_one_word_of_the_models_has_one_translation() -> None:
    shipped = english.shipped()
    for folder in FOLDERS:
        words = english.read(folder.path)
        assert words.names.items() <= shipped.names.items()
        assert words.openings.items() <= shipped.openings.items()


@folders
def test_folder_has_cases_for_every_end(folder: ProcessFolder) -> None:
    ends = {node.id for process in processes_of(folder) for node in process.nodes.values() if node.kind is NodeKind.END}
    assert ends == {end for case in folder.cases for end in case.get("ends", ())}


@pytest.mark.parametrize(("folder", "case"), CASES, ids=[f"{f.key}: {c['name']}" for f, c in CASES])
def test_case_takes_the_expected_path(folder: ProcessFolder, case: Mapping[str, Any]) -> None:
    instance = play(folder, case)
    assert instance.incidents == []
    entered = instance.trace("entered")
    passed = iter(entered)
    assert [node for node in case.get("passes", ()) if node not in passed] == []
    assert [node for node in case.get("avoids", ()) if node in entered] == []
    assert [task.element for task in instance.tasks] == case.get("waits_at", [])
    reached = [node for node in instance.trace() if node in case.get("ends", ())]
    assert reached == case.get("ends", [])
    assert instance.is_ended == case.get("ended", not case.get("waits_at"))
    for name, value in case.get("variables", {}).items():
        assert str(instance.variables[name]) == str(value)
