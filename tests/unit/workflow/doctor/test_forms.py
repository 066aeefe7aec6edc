"""Form fields that stand in a model become forms of ours, which the loader accepts."""

import json
from typing import Any
from xml.sax.saxutils import escape

from engine.workflow import Engine, doctor
from forms.definition import Kind
from forms.loader import load_form
from tests.unit.workflow.doctor.test_dialects import SPACES, written

ZEEBE = 'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0"'
STRINGS = '<camunda:validation><camunda:constraint name="required"/><camunda:constraint name="maxlength" config="25"/>'
DATA = (
    '<extensionElements><camunda:formData><camunda:formField id="firstName" label="First name" type="string" '
    f'defaultValue="Li">{STRINGS}</camunda:validation></camunda:formField>'
    '<camunda:formField id="kind" label="Kind" type="enum"><camunda:value id="a" name="One"/><camunda:value id="b"/>'
    '</camunda:formField><camunda:formField id="net-income" type="long"><camunda:validation>'
    '<camunda:constraint name="readonly"/><camunda:constraint name="min" config="3"/></camunda:validation>'
    "</camunda:formField></camunda:formData></extensionElements>"
)


def forms_of(source: str) -> dict[str, dict[str, Any]]:
    """The forms by file, each accepted by the loader."""
    found = doctor.forms_of(doctor.treat(source)[0], {})
    return {name: json.loads(text) for name, text in found.items() if load_form(text, name)}


def test_form_data_of_a_task_becomes_a_form_beside_the_model() -> None:
    source = written(f'<userTask id="Task_1" name="Review">{DATA}</userTask>')
    text, log = doctor.treat(source)
    form = load_form(doctor.forms_of(text, {})["task_1.json"])
    assert 'form="p.task_1"' in text
    assert (form.key, form.title.en) == ("p.task_1", "Review")
    found = [(one.name, one.label.zh, one.kind, one.required, one.read_only) for one in form.fields.values()]
    assert found == [
        ("firstName", "First name", Kind.TEXT, True, False),
        ("kind", "Kind", Kind.TEXT, False, False),
        ("net_income", "net_income", Kind.INTEGER, False, True),
    ]
    assert form.fields["firstName"].default == "Li"
    assert form.fields["firstName"].schema["maxLength"] == 25
    assert [(one.value, one.label.en) for one in form.fields["kind"].options] == [("a", "One"), ("b", "b")]
    assert form.fields["net_income"].schema["minimum"] == 3
    told = {(one.rule, one.severity) for one in log}
    assert told == {("doctor.form", "info"), ("doctor.form_name", "warning")}
    assert not [one for one in doctor.treat(text)[1] if one.rule.startswith("doctor.form")]


def test_form_properties_go_to_the_variables_they_name() -> None:
    properties = (
        '<extensionElements><flowable:formProperty id="days" name="Days" type="long" required="true" default="2"/>'
        '<flowable:formProperty id="speaker" variable="Who" expression="#{s.name}" writable="false"/>'
        '<flowable:formProperty id="when" type="date" datePattern="dd-MM"/><flowable:formProperty id="sure" '
        'type="boolean" default="true"/><flowable:formProperty id="by" type="user"/></extensionElements>'
    )
    (form,) = forms_of(written(f'<userTask id="t">{properties}</userTask>')).values()
    kinds = {name: (one["type"], one.get("format")) for name, one in form["schema"]["properties"].items()}
    assert kinds == {
        "days": ("integer", None),
        "Who": ("string", None),
        "when": ("string", "date"),
        "sure": ("boolean", None),
        "by": ("string", "user"),
    }
    assert form["schema"]["required"] == ["days"]
    assert form["schema"]["properties"]["Who"]["x-read-only"] is True


def test_form_designed_inside_a_camunda_8_model_is_taken_over() -> None:
    components = [
        {"type": "text", "text": "# Trip\nThink of the costs"},
        {"type": "number", "key": "costs", "label": "Costs", "validate": {"required": True, "min": 1}},
        {"type": "number", "key": "people", "decimalDigits": 0, "readonly": "=costs > 9"},
        {"type": "textarea", "key": "why", "conditional": {"hide": '=way = "bus"'}, "description": "In one sentence"},
        {"type": "group", "label": "Way", "components": [
            {"type": "radio", "key": "way", "values": [{"label": "By bus", "value": "bus"}]},
            {"type": "datetime", "subtype": "datetime", "key": "at", "dateLabel": "Leaves"},
            {"type": "checklist", "key": "with", "values": [{"label": "Lunch", "value": "lunch"}]},
            {"type": "select", "key": "hotel", "valuesExpression": "=hotels"}, {"type": "iframe", "url": "x"}]},
        {"type": "button", "label": "Send"},
    ]  # fmt: skip
    design = escape(json.dumps({"components": components}))
    source = written(
        f'<extensionElements><zeebe:userTaskForm id="f1" {ZEEBE}>{design}</zeebe:userTaskForm></extensionElements>'
        f'<userTask id="t"><extensionElements><zeebe:formDefinition formKey="camunda-forms:bpmn:f1" {ZEEBE}/>'
        "</extensionElements></userTask>"
    )
    text, log = doctor.treat(source)
    form = load_form(doctor.forms_of(text, {})["t.json"])
    kinds = [one.kind for one in form.fields.values()]
    assert kinds == [Kind.NUMBER, Kind.INTEGER, Kind.TEXT, Kind.TEXT, Kind.DATETIME, Kind.CHOICES, Kind.TEXT]
    titles = [one.title.en if one.title else "" for one in form.sections]
    assert titles == ["Trip", "Way"]
    assert (form.fields["costs"].required, form.fields["costs"].schema["minimum"]) == (True, 1)
    assert form.fields["costs"].help is not None and form.fields["costs"].help.en == "Think of the costs"
    assert [(one.field, one.kind) for one in form.rules] == [("people", "read_only"), ("why", "visible")]
    assert ("doctor.form_part", "warning") in {(one.rule, one.severity) for one in log}


def test_task_with_a_form_of_ours_keeps_it() -> None:
    ours = '<school:task xmlns:school="https://schoolflow.example/bpmn" form="p.own"/></extensionElements>'
    source = written(f'<userTask id="t">{DATA.replace("</extensionElements>", ours)}</userTask>')
    assert forms_of(source) == {}


def test_form_that_is_there_already_is_not_made_again() -> None:
    text, _ = doctor.treat(written(f'<userTask id="t">{DATA}</userTask><userTask id="T">{DATA}</userTask>'))
    made = doctor.forms_of(text, {"mine.json": '{"key": "p.t"}', "t_2.json": "{"})
    assert [(name, json.loads(content)["key"]) for name, content in made.items()] == [("t_2_2.json", "p.t_2")]


def test_form_keeps_its_key_when_the_process_gets_another_id() -> None:
    text, _ = doctor.treat(written(f'<userTask id="t">{DATA}</userTask>'))
    made = doctor.forms_of(text.replace('process id="p"', 'process id="trips"'), {})
    assert [json.loads(content)["key"] for content in made.values()] == ["p.t"]


def test_broken_design_is_no_form() -> None:
    for design in ("{", "[]", '{"components": 1}', '{"components": [1, {"type": "textfield"}]}', "[" * 5000):
        source = written(
            f'<extensionElements><zeebe:userTaskForm id="f" {ZEEBE}>{design}</zeebe:userTaskForm></extensionElements>'
            f'<userTask id="t"><extensionElements><zeebe:formDefinition formKey="camunda-forms:bpmn:f" {ZEEBE}/>'
            "</extensionElements></userTask>"
        )
        assert forms_of(source) == {}


def test_fields_of_a_start_are_filled_in_by_the_starter_when_accepted() -> None:
    drawn = written(
        f'<startEvent id="s" name="Asked">{DATA}<outgoing>a</outgoing></startEvent><userTask id="t">'
        '<incoming>a</incoming></userTask><sequenceFlow id="a" sourceRef="s" targetRef="t"/>'
    )
    assert SPACES["camunda"] in drawn
    assert ("s", "doctor.start_form", "warning") in {
        (one.element_id, one.rule, one.severity) for one in Engine().check(drawn)
    }
    engine = Engine()
    accepted = doctor.apply(drawn, ["form.first:s"])
    engine.deploy(accepted)
    case = engine.start()
    case.complete("fill_s", {"firstName": "Li"})
    assert case.active == ["t"]
    (form,) = forms_of(accepted).values()
    assert form["key"] == "p.fill_s"
    assert not [one for one in Engine().check(accepted) if one.severity == "error" or one.rule == "flow.listed_wrongly"]
