"""What a JSON Schema cannot say about an object definition: references, types, settings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import jsonschema

from engine.metadata.definition import ALL_FIELDS, FieldDefinition, ObjectDefinition
from engine.metadata.fieldtypes import field_types
from engine.metadata.system_fields import RESERVED_KEYS, SYSTEM_KEYS

_INTERNAL_TYPES = frozenset({"actor"})


def check_object(definition: ObjectDefinition) -> list[str]:
    """Findings as `key: what is wrong; what to do`; empty when the definition is sound."""
    return [*_check_keys(definition), *_check_fields(definition), *_check_references(definition)]


def check_field(field: FieldDefinition) -> list[str]:
    """Findings about one field on its own: type, settings, reserved key."""
    field_type = field_types().get(field.type)
    if field_type is None or field.type in _INTERNAL_TYPES:
        known = ", ".join(sorted(set(field_types()) - _INTERNAL_TYPES))
        return [f"fields.{field.key}.type: no type '{field.type}'; use one of: {known}"]
    findings = [f"fields.{field.key}: the key is reserved; choose another"] if field.key in RESERVED_KEYS else []
    problem = field_type.check_settings(field)
    if problem is not None:
        findings.append(f"fields.{field.key}: {problem.en} / {problem.zh}")
    for setting, value in field.settings.items():
        schema = field_type.setting_keys.get(setting)
        if schema is None:
            offered = ", ".join(field_type.setting_keys) or "none"
            findings.append(f"fields.{field.key}.settings.{setting}: unknown; type {field.type} takes: {offered}")
        elif not jsonschema.Draft202012Validator(schema).is_valid(value):
            findings.append(f"fields.{field.key}.settings.{setting}: {value!r} does not fit {schema}")
    return findings


def _check_keys(definition: ObjectDefinition) -> Iterator[str]:
    for key, count in Counter(field.key for field in definition.fields).items():
        if count > 1:
            yield f"fields.{key}: defined {count} times; keep one"
    for key, count in Counter(stage.key for stage in definition.stages).items():
        if count > 1:
            yield f"stages.{key}: defined {count} times; keep one"


def _check_fields(definition: ObjectDefinition) -> Iterator[str]:
    for field in definition.fields:
        yield from check_field(field)


def _check_references(definition: ObjectDefinition) -> Iterator[str]:
    known = {field.key for field in definition.fields} | SYSTEM_KEYS
    for where, key in _references(definition):
        if key not in known:
            yield f"{where}: there is no field '{key}'; add it or correct the name"


def _references(definition: ObjectDefinition) -> Iterator[tuple[str, str]]:
    yield "name_field", definition.name_field
    if definition.protected_until:
        yield "protected_until", definition.protected_until
    layouts = definition.layouts
    for section in (*layouts.detail, *layouts.form):
        yield from ((f"layouts.{section.title.en}", key) for key in section.fields)
    yield from (("layouts.list", key) for key in layouts.list)
    if layouts.kanban:
        names = (layouts.kanban.group_by, layouts.kanban.title, *layouts.kanban.fields)
        yield from (("layouts.kanban", key) for key in names)
    if layouts.calendar:
        names = (layouts.calendar.start, layouts.calendar.title, *filter(None, [layouts.calendar.end]))
        yield from (("layouts.calendar", key) for key in names)
    for view in definition.views:
        names = (*view.columns, *(key.removeprefix("-") for key in view.sort))
        yield from ((f"views.{view.key}", key) for key in names)
    for rule in definition.match_rules:
        yield from ((f"match_rules.{rule.key}", key) for key in rule.fields)
    for field in definition.fields:
        if field.depends_on:
            yield f"fields.{field.key}.depends_on", field.depends_on
    for grant in definition.grants:
        yield from ((f"grants.{grant.role}.fields", key) for key in grant.fields if key != ALL_FIELDS)
