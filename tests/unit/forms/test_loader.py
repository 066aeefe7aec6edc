"""Loading form definitions."""

import json
from pathlib import Path

import pytest

from forms.definition import FormDefinitionError, Kind
from forms.loader import load_folder, load_form
from tests.unit.forms.conftest import LABEL, definition, field


def test_load_reads_kinds_widgets_and_options() -> None:
    form = load_form(
        json.dumps(
            definition(
                {
                    "amount": field(format="money"),
                    "student": field(format="record", **{"x-object": "student"}),
                    "level": field(**{"x-options": [{"value": "a", "zh": "甲", "en": "A"}]}),
                    "tags": field("array", **{"x-options": [{"value": "a", "zh": "甲", "en": "A"}]}),
                    "agreed": field("boolean"),
                }
            )
        )
    )
    kinds = {name: (item.kind, item.widget) for name, item in form.fields.items()}
    assert kinds == {
        "amount": (Kind.MONEY, "money"),
        "student": (Kind.RECORD, "record"),
        "level": (Kind.TEXT, "select"),
        "tags": (Kind.CHOICES, "multiselect"),
        "agreed": (Kind.BOOLEAN, "checkbox"),
    }
    assert form.fields["level"].schema["enum"] == ["a"]
    assert form.fields["student"].object == "student"


def test_load_reports_every_defect_at_once() -> None:
    broken = definition(
        {
            "student": field(format="record"),
            "level": field(**{"x-widget": "select"}),
            "amount": {"type": "string", "format": "money", "x-widget": "checkbox"},
        },
        required=("missing",),
        rules=({"field": "nothing", "visible": "true"}, {"field": "level", "visible": "1 +"}),
    )
    broken["layout"] = [{"fields": ["student", "level", "ghost"]}, {"fields": ["student"]}]
    with pytest.raises(FormDefinitionError) as caught:
        load_form(broken, "broken.json")
    found = " | ".join(defect.en for defect in caught.value.defects)
    for part in (
        "student needs x-object",
        "level needs x-options",
        "amount: widget checkbox does not fit, use money",
        "amount needs x-label",
        "the layout shows ghost",
        "amount is not in the layout",
        "student is in the layout twice",
        "required field missing",
        "a rule is about nothing",
        "rule 1 +",
    ):
        assert part in found
    assert "broken.json" in caught.value.message.zh


def test_load_refuses_a_wrong_shape_and_bad_json() -> None:
    with pytest.raises(FormDefinitionError, match=r"schema\.properties\.amount\.type"):
        load_form(definition({"amount": {"type": "text", "x-label": LABEL}}))
    with pytest.raises(FormDefinitionError, match="not valid JSON"):
        load_form("{", "x.json")


def test_load_refuses_a_pattern_that_does_not_compile() -> None:
    with pytest.raises(FormDefinitionError, match="pattern"):
        load_form(definition({"code": field(pattern="(a")}))


def test_load_refuses_tables_in_tables() -> None:
    inner = field("array", items={"type": "object", "properties": {"a": field()}})
    with pytest.raises(FormDefinitionError, match="can't hold another table"):
        load_form(definition({"rows": field("array", items={"type": "object", "properties": {"inner": inner}})}))


def test_load_folder_refuses_a_key_twice(tmp_path: Path) -> None:
    text = json.dumps(definition({"a": field()}))
    (tmp_path / "one.json").write_text(text, "utf-8")
    assert list(load_folder(tmp_path)) == ["refund.request"]
    (tmp_path / "two.json").write_text(text, "utf-8")
    with pytest.raises(FormDefinitionError, match="used twice"):
        load_folder(tmp_path)
