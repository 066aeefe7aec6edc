"""Every shipped object: what it names exists, what it computes compiles, whom it grants to is there."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.metadata.definition import ObjectDefinition
from engine.metadata.feel_sql import compile_for
from engine.metadata.loader import load_object
from engine.metadata.overlay_checks import check_expressions
from engine.metadata.shipped_roles import shipped_roles

FILES = sorted(Path(__file__).resolve().parents[2].glob("processes/*/objects/*.yaml"))
OBJECTS = {path.stem: load_object(path) for path in FILES}


def references(definition: ObjectDefinition) -> Iterator[tuple[str, ...]]:
    for field in definition.fields:
        texts = [field.required_when, field.visible_when, field.read_only_when, field.default]
        texts += [rule.expression for rule in field.validation]
        for text in filter(None, texts):
            yield from compile_for(definition, text).references
    for grant in definition.grants:
        if grant.where:
            yield from compile_for(definition, grant.where).references
    for view in definition.views:
        if view.filter:
            yield from compile_for(definition, view.filter).references


def test_the_school_has_objects():
    assert {"lead", "student", "contract"} <= set(OBJECTS)


@pytest.mark.parametrize("key", sorted(OBJECTS))
def test_object_is_named_like_its_file_and_compiles(key):
    assert OBJECTS[key].key == key
    check_expressions(OBJECTS[key])


@pytest.mark.parametrize("key", sorted(OBJECTS))
def test_object_points_to_what_exists(key):
    definition = OBJECTS[key]
    for field in definition.fields:
        if field.target:
            assert field.target in OBJECTS, field.key
            target = OBJECTS[field.target]
            for setting in ("via", "of"):
                named = field.settings.get(setting)
                assert named is None or target.field(str(named)), f"{field.key}.{setting}"
    for path in references(definition):
        owner = definition
        for step in path[:-1]:
            if step == "actor":
                break
            link = owner.field(step)
            assert link is not None and link.target in OBJECTS, path
            owner = OBJECTS[link.target]


@pytest.mark.parametrize("key", sorted(OBJECTS))
def test_object_grants_to_shipped_roles_only(key):
    roles = {role.key for role in shipped_roles()}
    assert {grant.role for grant in OBJECTS[key].grants} <= roles
    assert OBJECTS[key].grants, "an object nobody is granted is seen by administrators only"


@pytest.mark.parametrize("key", sorted(OBJECTS))
def test_object_speaks_both_languages(key):
    definition = OBJECTS[key]
    labels = [field.label for field in definition.fields] + [stage.label for stage in definition.stages]
    for label in (definition.label, *labels):
        assert label.zh.strip() and label.en.strip()
        assert label.en.isascii(), label
