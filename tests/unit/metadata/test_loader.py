"""Definition files: what is read, and how a mistake is named."""

import pytest

from engine.metadata.definition import Personal, Unique, Writer
from engine.metadata.loader import DefinitionError, load_object, parse_object

LABEL = {"zh": "物品", "en": "Item"}


def source(**changes):
    field = {"key": "name", "type": "text", "label": {"zh": "名称", "en": "Name"}}
    return {"key": "item", "label": LABEL, "name_field": "name", "fields": [field], **changes}


def field(**changes):
    return {"key": "extra", "type": "text", "label": {"zh": "其他", "en": "Extra"}, **changes}


def parse(**changes):
    return parse_object(source(**changes), where="item.yaml")


def with_field(**changes):
    return parse(fields=[source()["fields"][0], field(**changes)])


def test_a_small_definition_has_sensible_defaults():
    definition = parse()
    assert definition.table == "item"
    assert definition.writer is Writer.RECORD
    (name,) = definition.fields
    assert (name.required, name.unique, name.personal, name.history) == (False, Unique.NONE, Personal.NONE, True)
    assert definition.field("nothing") is None


def test_grants_layouts_and_rules_are_read():
    definition = parse(
        writer="domain",
        stages=[{"key": "new", "label": LABEL, "color": "blue"}],
        layouts={"list": ["name", "stage"], "kanban": {"group_by": "stage", "title": "name"}},
        views=[{"key": "mine", "label": LABEL, "filter": "owner_id = actor.id", "sort": ["-created_at"]}],
        match_rules=[{"key": "same", "fields": ["name"], "label": LABEL}],
        grants={"sales": {"read": "own", "fields": {"*": "read"}, "where": 'name = "x"'}},
    )
    assert definition.layouts.kanban.group_by == "stage"
    assert definition.grants[0].scopes == {"read": "own"}
    assert definition.grants[0].where == 'name = "x"'
    assert definition.views[0].sort == ("-created_at",)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"colour": "red"}, "colour"),
        ({"name_field": "title"}, "there is no field 'title'"),
        ({"layouts": {"list": ["nothing"]}}, "there is no field 'nothing'"),
        ({"grants": {"sales": {"read": "everything"}}}, "grants.sales.read"),
        ({"grants": {"sales": {"fields": {"nothing": "read"}}}}, "there is no field 'nothing'"),
        ({"key": "Item"}, "key"),
        ({"stages": [{"key": "a", "label": LABEL}, {"key": "a", "label": LABEL}]}, "defined 2 times"),
    ],
)
def test_mistakes_in_an_object_name_file_and_key(changes, words):
    with pytest.raises(DefinitionError) as caught:
        parse(**changes)
    assert "item.yaml" in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"type": "nonsense"}, "no type 'nonsense'"),
        ({"type": "choice"}, "needs options"),
        ({"type": "link"}, "target"),
        ({"type": "lines", "target": "item"}, "via"),
        ({"type": "formula"}, "expression"),
        ({"type": "rollup", "target": "item"}, "function"),
        ({"type": "auto_number", "settings": {"format": "A"}}, "format"),
        ({"settings": {"min": 1}}, "unknown"),
        ({"type": "integer", "settings": {"min": "x"}}, "does not fit"),
        ({"key": "version"}, "reserved"),
        ({"key": "name"}, "defined 2 times"),
        ({"label": {"zh": "其他"}}, "'en' is a required property"),
        ({"depends_on": "nothing"}, "there is no field 'nothing'"),
    ],
)
def test_mistakes_in_a_field_name_key_and_fix(changes, words):
    with pytest.raises(DefinitionError) as caught:
        with_field(**changes)
    assert words in str(caught.value)


def test_a_file_that_is_not_yaml_is_named(tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_text("key: [", encoding="utf-8")
    with pytest.raises(DefinitionError, match=r"bad\.yaml"):
        load_object(path)
