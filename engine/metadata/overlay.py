"""What one branch adds to or changes in an object, and how it merges: shipped <- headquarters <- branch <- sub-branch.

A patch is JSON: `label`, `fields` (key -> new field), `changes` (key -> attributes to change), `options`
(key -> options to add), `layouts`, `views`, `match_rules`, `locks` (field keys nobody below may change);
`object` is the whole definition of an administrator-made object.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition, Layouts, MatchRule, ObjectDefinition, Rule, Section
from engine.metadata.loader import (
    DefinitionError,
    check_shape,
    parse_field,
    parse_layouts,
    parse_option,
    parse_view,
    text,
)

Patch = Mapping[str, Any]
PATCH_KEYS = frozenset({"object", "label", "fields", "changes", "options", "layouts", "views", "match_rules", "locks"})
CHANGEABLE = frozenset(
    {"label", "help", "required", "required_when", "visible_when", "read_only_when", "read_only", "default", "mask"}
    | {"validation", "searchable", "synonyms", "hidden", "locked", "history", "personal", "type", "settings"}
)


def check_patch(patch: Patch, where: str) -> None:
    """Raises DefinitionError naming the key that is wrong."""
    if unknown := sorted(set(patch) - PATCH_KEYS):
        raise DefinitionError(f"{where}: {unknown[0]}: unknown; use one of: {', '.join(sorted(PATCH_KEYS))}")
    for key, source in patch.get("fields", {}).items():
        check_shape(source, "field", f"{where}.fields.{key}")
        if source["key"] != key:
            raise DefinitionError(f"{where}.fields.{key}: the key inside is {source['key']}; make them equal")
    for key, source in patch.get("changes", {}).items():
        if unknown := sorted(set(source) - CHANGEABLE):
            raise DefinitionError(f"{where}.changes.{key}.{unknown[0]}: cannot be changed by an overlay")
        check_shape({"key": key, "type": "text", "label": {"zh": key, "en": key}, **source}, "field", f"{where}.{key}")
    for key, options in patch.get("options", {}).items():
        for option in options:
            check_shape(option, "option", f"{where}.options.{key}")
    check_shape(patch.get("layouts", {}), "layouts", f"{where}.layouts")
    for view in patch.get("views", ()):
        check_shape(view, "view", f"{where}.views")
    for rule in patch.get("match_rules", ()):
        check_shape(rule, "match_rule", f"{where}.match_rules")


def merge(definition: ObjectDefinition, patch: Patch, owner: str) -> ObjectDefinition:
    """The object with one overlay applied; changes to fields locked above are left out."""
    locked = {field.key for field in definition.fields if field.locked}
    changes = {key: value for key, value in patch.get("changes", {}).items() if key not in locked}
    options = {key: value for key, value in patch.get("options", {}).items() if key not in locked}
    locks = set(patch.get("locks", ()))
    fields = [_changed(field, changes, options, locks) for field in definition.fields]
    known = {field.key for field in fields}
    fields += own_fields(patch, owner, known)
    label = text(patch["label"]) if "label" in patch else definition.label
    return replace(
        definition,
        label=label,
        fields=tuple(fields),
        layouts=_layouts(definition.layouts, patch.get("layouts", {})),
        views=(*definition.views, *(parse_view(view) for view in patch.get("views", ()))),
        match_rules=(*definition.match_rules, *(_match_rule(rule) for rule in patch.get("match_rules", ()))),
    )


def own_fields(patch: Patch, owner: str, known: set[str]) -> list[FieldDefinition]:
    """The fields an overlay adds, except those whose key is already taken."""
    sources = patch.get("fields", {})
    return [parse_field(source, custom=True, owner=owner) for key, source in sources.items() if key not in known]


def place_unplaced(definition: ObjectDefinition) -> ObjectDefinition:
    """Custom fields in no section are shown in one of their own, and in the list."""
    layouts = definition.layouts
    custom = [field.key for field in definition.fields if field.custom and not field.hidden]
    return replace(
        definition,
        layouts=replace(
            layouts,
            detail=_with_rest(layouts.detail, custom),
            form=_with_rest(layouts.form, custom),
            list=(*layouts.list, *(key for key in custom if key not in layouts.list)),
        ),
    )


def _with_rest(sections: tuple[Section, ...], custom: list[str]) -> tuple[Section, ...]:
    placed = {key for section in sections for key in section.fields}
    rest = tuple(key for key in custom if key not in placed)
    return (*sections, Section(Text("自定义", "Custom"), rest)) if rest else sections


def _changed(
    field: FieldDefinition, changes: Mapping[str, Any], options: Mapping[str, Any], locks: set[str]
) -> FieldDefinition:
    source = dict(changes.get(field.key, {}))
    for key in ("label", "help"):
        if key in source:
            source[key] = text(source[key])
    if "validation" in source:
        rules = tuple(Rule(rule["expression"], text(rule["message"])) for rule in source["validation"])
        source["validation"] = (*field.validation, *rules)
    if "synonyms" in source:
        source["synonyms"] = tuple(source["synonyms"])
    added = tuple(parse_option(item) for item in options.get(field.key, ()))
    taken = {option.key for option in added}
    kept = tuple(option for option in field.options if option.key not in taken)
    is_locked = bool(source.pop("locked", field.locked)) or field.key in locks
    return replace(field, **source, options=(*kept, *added), locked=is_locked)


def _layouts(old: Layouts, source: Mapping[str, Any]) -> Layouts:
    new = parse_layouts(source)
    return replace(old, **{name: getattr(new, name) for name in source})


def _match_rule(source: Mapping[str, Any]) -> MatchRule:
    return MatchRule(source["key"], tuple(source["fields"]), text(source["label"]))
