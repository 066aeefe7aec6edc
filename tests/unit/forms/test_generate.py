"""Forms made from the shipped objects."""

from pathlib import Path

import pytest

from engine.metadata.definition import ObjectDefinition
from engine.metadata.loader import load_object
from forms.access import full_access
from forms.definition import WIDGETS, Kind
from forms.environment import FormEnv
from forms.generate import generated_form
from forms.render import render_model
from forms.validation import validate

OBJECTS = sorted(Path(__file__).parents[3].glob("processes/*/objects/*.yaml"))


def definition(name: str) -> ObjectDefinition:
    return load_object(next(path for path in OBJECTS if path.stem == name))


@pytest.mark.parametrize("path", OBJECTS, ids=[path.stem for path in OBJECTS])
def test_every_shipped_object_has_forms_that_render(path: Path, env: FormEnv) -> None:
    for mode in ("create", "edit"):
        form = generated_form(load_object(path), mode)  # type: ignore[arg-type]
        model = render_model(form, {}, full_access(form), "zh", env)
        assert model.title
        for field in form.fields.values():
            assert field.widget in WIDGETS[field.kind]
            assert field.binding == f"{path.stem}.{field.name}"


def test_lead_form_follows_the_layout_and_leaves_out_what_nobody_types(env: FormEnv) -> None:
    form = generated_form(definition("lead"), "create")
    assert [section.title.zh for section in form.sections if section.title][:2] == ["基本信息", "意向"]
    assert form.fields["phone"].kind is Kind.PHONE
    assert form.fields["intent"].options[0].value == "a"
    assert form.fields["name"].required
    assert not {"protected_until", "last_follow_up_at", "source_key"} & set(form.fields)


def test_lead_form_refuses_a_wrong_choice_and_a_wrong_phone(env: FormEnv) -> None:
    form = generated_form(definition("lead"), "create")
    submitted = {"name": "王小花", "phone": "12", "intent": "z"}
    errors = validate(form, submitted, full_access(form), env).errors
    assert sorted(errors) == ["intent", "phone"]
