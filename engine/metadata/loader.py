"""Reads an object definition from YAML. The format, by example (`docs/guide/objects.md` lists every key):

key: lead
label: {zh: 线索, en: Lead}
name_field: name
stages:
  - {key: new, label: {zh: 新线索, en: New}, color: blue}
fields:
  - {key: name, type: text, label: {zh: 姓名, en: Name}, required: true, searchable: true, synonyms: [学员姓名]}
  - {key: phone, type: phone, label: {zh: 电话, en: Phone}, searchable: true, personal: personal}
  - {key: school, type: link, target: school, label: {zh: 学校, en: School}}
layouts: {list: [name, phone, stage, owner_id]}
match_rules: [{key: phone, fields: [phone], label: {zh: 电话相同, en: Same phone}}]
grants:
  sales: {create: branch, read: own, update: own, fields: {"*": write}}
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from engine.kernel.text import Text
from engine.kernel.yaml_files import read_yaml
from engine.metadata import checks
from engine.metadata.definition import (
    Calendar,
    FieldDefinition,
    Kanban,
    Layouts,
    MatchRule,
    ObjectDefinition,
    Option,
    Personal,
    RoleGrant,
    Rule,
    Section,
    Unique,
    View,
    Writer,
)

Json = Any
_FIELD_TYPED = {"label", "help", "validation", "options", "unique", "personal", "synonyms", "settings"}


class DefinitionError(Exception):
    """A definition file is wrong; the text names the file, the key and what to do."""


def load_object(path: Path, *, module: str = "") -> ObjectDefinition:
    """The object defined by the YAML file. Raises DefinitionError."""
    try:
        source = read_yaml(path.read_text(encoding="utf-8"))
    except (OSError, yaml.YAMLError) as error:
        raise DefinitionError(f"{path.name}: not readable as YAML: {error}") from error
    return parse_object(source, where=path.name, module=module)


def parse_object(source: Json, *, where: str, module: str = "") -> ObjectDefinition:
    """The object described by already parsed YAML or JSON. Raises DefinitionError naming `where` and the key."""
    check_shape(source, "", where)
    definition = _object(source, module)
    findings = checks.check_object(definition)
    if findings:
        raise DefinitionError("\n".join(f"{where}: {finding}" for finding in findings))
    return definition


def check_shape(source: Json, part: str, where: str) -> None:
    """Validates against object.schema.json, or one of its `$defs` when `part` names it. Raises DefinitionError."""
    errors = sorted(_validator(part).iter_errors(source), key=lambda error: list(map(str, error.absolute_path)))
    if errors:
        lines = [f"{where}: {_path(error.absolute_path)}: {error.message}" for error in errors[:10]]
        raise DefinitionError("\n".join(lines))


def parse_field(source: Mapping[str, Json], *, custom: bool = False, owner: str = "shipped") -> FieldDefinition:
    """A field from its checked JSON form."""
    plain = {key: value for key, value in source.items() if key not in _FIELD_TYPED}
    return FieldDefinition(
        **plain,
        label=text(source["label"]),
        help=text(source["help"]) if "help" in source else None,
        validation=tuple(_rule(item) for item in source.get("validation", ())),
        options=tuple(parse_option(item) for item in source.get("options", ())),
        unique=Unique(source.get("unique", "none")),
        personal=Personal(source.get("personal", "none")),
        synonyms=tuple(source.get("synonyms", ())),
        settings=dict(source.get("settings", {})),
        custom=custom,
        owner=owner,
    )


def parse_option(source: Mapping[str, Json]) -> Option:
    plain = {key: source[key] for key in ("key", "color", "parent", "hidden") if key in source}
    return Option(**plain, label=text(source["label"]), only_when=tuple(source.get("only_when", ())))


def parse_layouts(source: Mapping[str, Json]) -> Layouts:
    kanban, calendar = source.get("kanban"), source.get("calendar")
    return Layouts(
        detail=tuple(_section(item) for item in source.get("detail", ())),
        form=tuple(_section(item) for item in source.get("form", ())),
        list=tuple(source.get("list", ())),
        kanban=Kanban(kanban["group_by"], kanban["title"], tuple(kanban.get("fields", ()))) if kanban else None,
        calendar=Calendar(calendar["start"], calendar["title"], calendar.get("end")) if calendar else None,
    )


def parse_view(source: Mapping[str, Json]) -> View:
    return View(
        key=source["key"],
        label=text(source["label"]),
        filter=source.get("filter"),
        sort=tuple(source.get("sort", ())),
        columns=tuple(source.get("columns", ())),
    )


def text(source: Mapping[str, str]) -> Text:
    return Text(source["zh"], source["en"])


def _object(source: Mapping[str, Json], module: str) -> ObjectDefinition:
    return ObjectDefinition(
        key=source["key"],
        label=text(source["label"]),
        icon=source.get("icon", "file"),
        name_field=source["name_field"],
        fields=tuple(parse_field(item) for item in source["fields"]),
        writer=Writer(source.get("writer", "record")),
        table=source.get("table", source["key"]),
        lifecycle=source.get("lifecycle"),
        stages=tuple(parse_option(item) for item in source.get("stages", ())),
        layouts=parse_layouts(source.get("layouts", {})),
        views=tuple(parse_view(item) for item in source.get("views", ())),
        match_rules=tuple(_match_rule(item) for item in source.get("match_rules", ())),
        grants=tuple(_grant(role, item) for role, item in source.get("grants", {}).items()),
        protected_until=source.get("protected_until"),
        validation=tuple(_rule(item) for item in source.get("validation", ())),
        module=module,
    )


def _rule(source: Mapping[str, Json]) -> Rule:
    return Rule(source["expression"], text(source["message"]))


def _section(source: Mapping[str, Json]) -> Section:
    return Section(text(source["title"]), tuple(source["fields"]), source.get("columns", 2))


def _match_rule(source: Mapping[str, Json]) -> MatchRule:
    return MatchRule(source["key"], tuple(source["fields"]), text(source["label"]))


def _grant(role: str, source: Mapping[str, Json]) -> RoleGrant:
    scopes = {key: value for key, value in source.items() if key not in ("fields", "where")}
    return RoleGrant(role, scopes, dict(source.get("fields", {})), source.get("where"))


@cache
def _validator(part: str) -> jsonschema.Draft202012Validator:
    schema = json.loads(Path(__file__).with_name("object.schema.json").read_text(encoding="utf-8"))
    if part:
        schema = {"$defs": schema["$defs"], "$ref": f"#/$defs/{part}"}
    return jsonschema.Draft202012Validator(schema)


def _path(parts: Sequence[str | int]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts).lstrip(".") or "(top)"
