"""Forms of other tools in files beside a model become forms of ours, which the loader accepts and the tasks name."""

import json
from typing import Any

import pytest

from engine.workflow import Engine, doctor
from engine.workflow.bpmn.compiler import load
from engine.workflow.bpmn.findings import has_errors
from forms.definition import Form, Kind
from forms.loader import load_form
from tests.unit.workflow.doctor.test_dialects import written

ZEEBE = 'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'


def brought(
    body: str, files: dict[str, Any], name: str = "m.bpmn"
) -> tuple[str, dict[str, Form], list[tuple[str, str]]]:
    """The model, the forms by file, and (element or file, rule) of what was said."""
    texts = {one: content if isinstance(content, str) else json.dumps(content) for one, content in files.items()}
    found = doctor.bring({name: written(body), **texts})
    forms = {one: load_form(text, one) for one, text in found.sources.items() if one.endswith(".json")}
    return found.sources[name], forms, [(one.element_id or one.file, one.rule) for one in found.findings]


def test_form_of_camunda_is_found_by_each_way_to_name_it() -> None:
    form = {"id": "ask_days", "type": "default", "components": [{"type": "number", "key": "days", "label": "天数"}]}
    body = (
        '<userTask id="a" camunda:formRef="ask_days" camunda:formRefBinding="latest" camunda:assignee="li"/>'
        '<userTask id="b" camunda:formKey="camunda-forms:deployment:forms/Ask.form"/>'
        f'<userTask id="c"><extensionElements><zeebe:formDefinition formId="ask_days" {ZEEBE}/></extensionElements>'
        "</userTask>"
    )
    text, forms, said = brought(body, {"Ask.form": form})
    assert {name: (one.key, one.title.zh) for name, one in forms.items()} == {"ask.json": ("p.ask", "a")}
    nodes = load(doctor.treat(text)[0]).model.processes[0].nodes
    assert [one.task.form for one in nodes.values() if one.task is not None] == ["p.ask"] * 3
    people = [one.rule for node in nodes.values() if node.task is not None for one in node.task.assignees]
    assert people == ["user:li"]
    assert said == [("a", "doctor.form"), ("b", "doctor.form"), ("c", "doctor.form")]


def test_form_of_camunda_keeps_what_has_an_equal_and_tells_the_rest() -> None:
    components = [
        {"type": "textfield", "key": "mail", "validate": {"validationType": "email"}, "description": "To reach you"},
        {"type": "textfield", "key": "code", "validate": {"pattern": "^[A-Z]{3}$", "maxLength": "9", "minLength": -1}},
        {"type": "number", "key": "fee", "defaultValue": 9.5, "validate": {"min": 1, "max": "=limit"}},
        {"type": "radio", "key": "way", "values": [{"label": "Bus", "value": "bus"}, {"label": 4}]},
        {"type": "select", "key": "hotel", "valuesExpression": "=hotels"},
        {"type": "expression", "key": "total", "expression": "=fee * 2"},
        {"type": "textfield", "key": "why", "conditional": {"hide": '=way = "bus"'}},
        {"type": "textfield", "key": "odd", "conditional": {"hide": "=way ="}},
        {"type": "group", "label": "Home", "path": "home", "components": [{"type": "textfield", "key": "street"}]},
        {"type": "dynamiclist", "path": "lines", "label": "Lines", "components": [
            {"type": "textfield", "key": "what", "validate": {"required": True}},
            {"type": "dynamiclist", "path": "inner", "components": [{"type": "textfield", "key": "x"}]}]},
    ]  # fmt: skip
    body = '<userTask id="t" camunda:formRef="f"/>'
    text, forms, said = brought(body, {"f.form": {"id": "f", "components": components}})
    form = forms["f.json"]
    kinds = {name: one.kind for name, one in form.fields.items()}
    assert kinds == {
        "mail": Kind.EMAIL,
        "code": Kind.TEXT,
        "fee": Kind.NUMBER,
        "way": Kind.TEXT,
        "hotel": Kind.TEXT,
        "why": Kind.TEXT,
        "odd": Kind.TEXT,
        "home_street": Kind.TEXT,
        "lines": Kind.TABLE,
    }
    assert (form.fields["code"].schema["pattern"], form.fields["code"].schema["maxLength"]) == ("^[A-Z]{3}$", 9)
    assert "minLength" not in form.fields["code"].schema
    assert (form.fields["fee"].default, form.fields["fee"].schema["minimum"]) == (9.5, 1)
    assert (form.fields["way"].widget, [one.value for one in form.fields["way"].options]) == ("radio", ["bus"])
    assert [(one.field, one.text) for one in form.rules] == [("why", '(way = "bus") != true')]
    assert [(one.name, one.required) for one in form.fields["lines"].columns] == [("what", True)]
    log = doctor.bring({"m.bpmn": written(body), "f.form": json.dumps({"id": "f", "components": components})}).findings
    (rest,) = [one.text.en for one in log if one.rule == "doctor.form_part"]
    assert rest == (
        "t: max of fee (=limit), options of hotel (=hotels), expression total (=fee * 2), condition of odd (=way =), "
        "dynamiclist inner of its form has no equal here"
    )
    assert said == [("t", "doctor.form"), ("t", "doctor.form_part")]
    assert 'formKey="p.f"' in text


def test_names_that_are_no_variables_are_read_from_and_put_back_where_they_were() -> None:
    components = [
        {"type": "textfield", "key": "customer.name"}, {"type": "number", "key": "customer.age"},
        {"type": "radio", "key": "Vacation Approval", "values": [{"value": "Refused"}]},
        {"type": "textfield", "key": "why"},
    ]  # fmt: skip
    condition = '=Vacation Approval = "Refused" and customer.age &gt; 3 and t.outcome = "ok"'
    body = (
        '<startEvent id="s"/><sequenceFlow id="f0" sourceRef="s" targetRef="t"/><userTask id="t" camunda:formRef="f"/>'
        '<sequenceFlow id="f1" sourceRef="t" targetRef="g"/><exclusiveGateway id="g" default="f3"/><endEvent id="a"/>'
        f'<sequenceFlow id="f2" sourceRef="g" targetRef="a"><conditionExpression>{condition}</conditionExpression>'
        '</sequenceFlow><sequenceFlow id="f3" sourceRef="g" targetRef="b"/><endEvent id="b"/>'
    )
    text, forms, said = brought(body, {"f.form": {"id": "f", "components": components}})
    assert (list(forms["f.json"].fields), said) == (
        ["customer_name", "customer_age", "Vacation_Approval", "why"],
        [("t", "doctor.form")],
    )
    engine = Engine()
    assert not has_errors(engine.check(text))
    engine.deploy(text)
    case = engine.start(None, {"customer": {"name": "Li", "id": 5}})
    assert case.tasks[0].local["customer_name"] == "Li"
    given = {"customer_name": "Wang", "customer_age": 9, "Vacation_Approval": "Refused", "why": "ill"}
    case.complete("t", given, outcome="ok")
    assert case.trace()[-1] == "a"
    assert case.variables["customer"] == {"name": "Wang", "id": 5, "age": 9}
    assert (case.variables["Vacation Approval"], case.variables["why"]) == ("Refused", "ill")
    assert "customer_name" not in case.variables


FLOWABLE = {
    "key": "leave",
    "name": "请假",
    "fields": [
        {"id": "h", "type": "headline", "name": "基本"},
        {"id": "days", "name": "天数", "type": "integer", "required": True, "placeholder": "几天"},
        {"id": "kind", "name": "类型", "type": "dropdown", "hasEmptyValue": True, "value": "事假",
         "options": [{"name": "请选择"}, {"name": "事假"}, {"id": "sick", "name": "病假"}]},
        {"id": "box", "type": "container", "fields": {"1": [{"id": "who", "type": "people", "name": "代班人"}],
                                                      "2": [{"id": "sure", "type": "boolean", "value": True}]}},
        {"id": "rows", "type": "container", "fields": [[{"id": "town", "type": "string"}]]},
        {"id": "sum", "type": "expression", "expression": "${days}天"},
    ],
    "outcomes": [{"name": "同意"}, {"name": "驳回"}],
}  # fmt: skip


def test_form_of_flowable_gives_its_fields_and_its_buttons() -> None:
    way = "<conditionExpression>${{form_leave_outcome == '{}'}}</conditionExpression>"
    body = (
        '<startEvent id="s"/><sequenceFlow id="f0" sourceRef="s" targetRef="sid-7A"/>'
        '<userTask id="sid-7A" name="审批" flowable:formKey="leave" flowable:candidateGroups="boss"/>'
        '<sequenceFlow id="f1" sourceRef="sid-7A" targetRef="g"/><exclusiveGateway id="g"/>'
        f'<sequenceFlow id="f2" sourceRef="g" targetRef="yes">{way.format("同意")}</sequenceFlow><endEvent id="yes"/>'
        f'<sequenceFlow id="f3" sourceRef="g" targetRef="no">{way.format("驳回")}</sequenceFlow><endEvent id="no"/>'
    )
    text, forms, said = brought(body, {"form-leave.form": FLOWABLE})
    form = forms["form_leave.json"]
    assert (form.key, form.title.zh, [one.title.zh for one in form.sections if one.title]) == (
        "p.form_leave",
        "请假",
        ["基本"],
    )
    kinds = {name: (one.kind, one.required, one.default) for name, one in form.fields.items()}
    assert kinds == {
        "days": (Kind.INTEGER, True, None),
        "kind": (Kind.TEXT, False, "事假"),
        "who": (Kind.USER, False, None),
        "sure": (Kind.BOOLEAN, False, True),
        "town": (Kind.TEXT, False, None),
    }
    assert [one.value for one in form.fields["kind"].options] == ["事假", "sick"]
    assert said == [
        ("sid_7a", "doctor.id"),
        ("sid_7a", "doctor.form_outcome"),
        ("sid_7a", "doctor.form"),
        ("sid_7a", "doctor.form_part"),
    ]
    engine = Engine()
    assert not has_errors(engine.check(text))
    engine.deploy(text)
    task = load(doctor.treat(text)[0]).model.processes[0].nodes["sid_7a"].task
    assert task is not None
    assert [one.rule for one in task.assignees] == ["group:boss"]
    assert [one.name for one in task.outcomes] == ["同意", "驳回"]
    for outcome, end in (("同意", "yes"), ("驳回", "no")):
        case = engine.start()
        case.complete("sid_7a", {"days": 2}, outcome=outcome)
        assert case.trace()[-1] == end


def test_outcome_of_a_form_that_two_tasks_use_is_left_to_people() -> None:
    way = "<conditionExpression>${form_leave_outcome == '同意'}</conditionExpression>"
    body = (
        '<userTask id="a" flowable:formKey="leave"/><userTask id="b" flowable:formKey="leave"/>'
        f'<sequenceFlow id="f" sourceRef="a" targetRef="b">{way}</sequenceFlow>'
    )
    text, _, said = brought(body, {"leave.form": FLOWABLE})
    assert said.count(("a", "doctor.form_outcome")) == 1
    assert "form_leave_outcome" in text


SCHEMA = {
    "title": "Request",
    "type": "object",
    "required": ["amount"],
    "properties": {
        "amount": {"type": "number", "title": "Amount", "minimum": 1},
        "kind": {"type": "string", "enum": ["a", "b"], "enumNames": ["One", "Two"]},
        "tags": {"type": "array", "items": {"enum": ["x", "y"]}, "uniqueItems": True},
        "note": {"type": "string"},
        "person": {"$ref": "#/definitions/person"},
        "lines": {"type": "array", "items": {"type": "object", "properties": {"what": {"type": "string"},
                  "more": {"type": "array", "items": {"$ref": "#/properties/lines/items"}}}}},
        "fruit": {"type": "string", "oneOf": [{"const": "p", "title": "Pear"}, {"enum": ["q"]}]},
        "late": {"type": ["string", "null"], "format": "date"},
        "chosen": {"type": "string", "enum": ["options_from_task_data_var:names"]},
        "secret": {"type": "string"},
        "loose": {"type": "array", "items": {"type": "string"}},
    },
    "definitions": {"person": {"type": "object", "title": "Person", "properties": {"name": {"type": "string"}}}},
    "if": {},
}  # fmt: skip
HINTS = {
    "ui:order": ["note", "*"],
    "note": {"ui:widget": "textarea", "ui:placeholder": "In one line"},
    "kind": {"ui:widget": "radio", "ui:help": "Which one"},
    "secret": {"ui:widget": "hidden"},
}


def spiff(schema: str, hints: str) -> str:
    """A task whose form is in these files."""
    names = {"formJsonSchemaFilename": schema, "formUiSchemaFilename": hints}
    inner = "".join(f'<spiffworkflow:property name="{name}" value="{value}"/>' for name, value in names.items())
    return (
        '<userTask id="t" name="Ask"><extensionElements>'
        f"<spiffworkflow:properties>{inner}</spiffworkflow:properties></extensionElements></userTask>"
    )


def test_schema_of_spiffarena_becomes_a_form_with_its_hints() -> None:
    files = {"ask-schema.json": SCHEMA, "ask-uischema.json": HINTS}
    text, forms, said = brought(spiff("ask-schema.json", "ask-uischema.json"), files)
    (form,) = forms.values()
    assert (form.key, form.title.en) == ("p.ask_schema", "Request")
    kinds = {name: one.kind for name, one in form.fields.items()}
    assert next(iter(form.sections)).fields[0] == "note"
    assert kinds == {
        "note": Kind.TEXT,
        "amount": Kind.NUMBER,
        "kind": Kind.TEXT,
        "tags": Kind.CHOICES,
        "person_name": Kind.TEXT,
        "lines": Kind.TABLE,
        "fruit": Kind.TEXT,
        "late": Kind.DATE,
        "chosen": Kind.TEXT,
    }
    assert form.fields["note"].widget == "textarea"
    assert (form.fields["kind"].widget, form.fields["kind"].options[0].label.en) == ("radio", "One")
    assert [(one.value, one.label.en) for one in form.fields["fruit"].options] == [("p", "Pear"), ("q", "q")]
    assert form.fields["amount"].required
    task = load(doctor.treat(text)[0]).model.processes[0].nodes["t"].task
    assert task is not None and task.form == "p.ask_schema"
    assert ("t", "doctor.form_part") in said
    assert not [one for one in doctor.treat(text)[1] if one.rule == "doctor.form_elsewhere"]


def test_form_of_a_start_is_filled_in_first_when_accepted() -> None:
    body = (
        '<startEvent id="s" name="Asked" camunda:formRef="f"/><userTask id="t"/>'
        '<sequenceFlow id="a" sourceRef="s" targetRef="t"/>'
    )
    text, forms, _ = brought(body, {"f.form": {"id": "f", "components": [{"type": "textfield", "key": "who"}]}})
    found = doctor.examine(text)
    assert [one.id for one in found.fixes] == ["form.first:s"]
    accepted = doctor.apply(text, ["form.first:s"])
    task = load(accepted).model.processes[0].nodes["fill_s"].task
    assert task is not None and (task.form, list(forms)) == ("p.f", ["f.json"])
    lonely = doctor.examine(written(body))
    assert [(one.element_id, one.rule) for one in lonely.findings if one.element_id == "s"] == [
        ("s", "doctor.form_elsewhere"),
        ("s", "shape.end_missing"),
    ]


@pytest.mark.parametrize(
    "content",
    [
        "{",
        "[]",
        '{"components": 1}',
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"components": []}' + " " * 1_000_000,
        '{"fields": [1, 2]}',
        "\x00\x01",
    ],
)
def test_broken_form_is_told_and_left_out(content: str) -> None:
    text, forms, said = brought('<userTask id="t" camunda:formRef="f"/>', {"f.form": content})
    assert (forms, said) == ({}, [("f.form", "doctor.form_unreadable")])
    assert 'formRef="f"' in text


@pytest.mark.parametrize(
    "document",
    [
        {"type": "object", "properties": {f"p{n}": {"$ref": "#"} for n in range(9)}},
        {"properties": {"a": {"type": "array", "items": {"$ref": "#"}}, "b": {"$ref": "#/properties/b"}}},
        {"components": [{"type": "group", "components": [{"type": "text", "text": 7}, {"type": {}, "key": []}]}] * 400},
        {"components": [{"type": "textfield", "key": f"k{n}"} for n in range(9_000)]},
        {"key": [], "fields": [{"id": {"a": 1}, "type": []}, {"id": "x" * 9_000, "name": "y" * 9_000, "type": "text"}]},
        {"components": [{"type": "number", "key": "n", "validate": {"min": 1e400, "minLength": True}, "values": 3}]},
        {"properties": {"é-1 ": {"enum": [None, {}, [], True]}, "": {}, "_": {"type": "string"}}},
    ],
)  # fmt: skip
def test_hostile_form_ends_in_a_form_or_in_none(document: dict[str, Any]) -> None:
    body = f'<userTask id="t" flowable:formKey="f"/>{spiff("f.json", "f.json").replace("id=", "id=", 1)}'
    _, forms, said = brought(body.replace('id="t" name', 'id="u" name'), {"f.json": document})
    assert all(len(one.fields) <= 300 for one in forms.values())
    assert said


def test_form_nobody_names_is_told_and_ours_stays() -> None:
    ours = {
        "key": "p.own", "title": {"zh": "一", "en": "One"}, "layout": [{"fields": ["a"]}],
        "schema": {"type": "object", "properties": {"a": {"type": "string", "x-label": {"zh": "一", "en": "One"}}}},
    }  # fmt: skip
    _, forms, said = brought('<userTask id="t"/>', {"own.json": ours, "lonely.form": FLOWABLE})
    assert (list(forms), said) == (["own.json"], [("lonely.form", "doctor.form_unused")])


def test_two_processes_get_a_form_each_and_names_that_are_free() -> None:
    form = {"id": "f", "components": [{"type": "textfield", "key": "a"}]}
    task = '<userTask id="t" camunda:formRef="f"/>'
    source = written(f'{task}</process><process id="q">{task.replace("t", "u", 1).replace("usertask", "userTask")}')
    taken = {"f.json": json.dumps({"key": "p.f"})}
    found = doctor.bring({"m.bpmn": source.replace("uuserTask", "userTask"), "f.form": json.dumps(form), **taken})
    made = {name: json.loads(text)["key"] for name, text in found.sources.items() if name.endswith(".json")}
    assert made == {"f.json": "p.f", "f_2.json": "p.f_2", "f_3.json": "q.f"}
