"""Read form definitions from JSON; every defect of a form is reported at once."""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

from jsonschema import Draft202012Validator

from engine.feel import FeelError, compile_expression, doubts
from engine.kernel.text import Text
from forms.definition import Form, FormDefinitionError, FormField, Rule, RuleKind, Section
from forms.fields import read_field

_SCHEMA = Path(__file__).with_name("form.schema.json")
_RULE_KINDS: tuple[RuleKind, ...] = ("visible", "required", "read_only", "check")


def load_form(document: str | Mapping[str, Any], source: str = "form") -> Form:
    """The form a JSON text (or its parsed object) defines.

    Raises: FormDefinitionError naming ``source`` and everything that is wrong.
    """
    data = _parse(document, source)
    shape = tuple(
        Text(
            f"{_place(error.absolute_path)} 不符合格式：{error.message}",
            f"{_place(error.absolute_path)}: {error.message}",
        )
        for error in sorted(_validator().iter_errors(data), key=lambda e: [str(p) for p in e.absolute_path])
    )
    if shape:
        raise FormDefinitionError(source, shape)
    return _build(data, source)


def load_folder(folder: Path) -> dict[str, Form]:
    """All forms of a folder by key; a folder that is not there has none.

    Raises: FormDefinitionError for a bad form, or a key used twice.
    """
    forms: dict[str, Form] = {}
    for path in sorted(folder.glob("*.json")):
        form = load_form(path.read_text("utf-8"), path.name)
        if form.key in forms:
            raise FormDefinitionError(path.name, (Text(f"键 {form.key} 重复", f"key {form.key} is used twice"),))
        forms[form.key] = form
    return forms


def shared_forms() -> dict[str, Form]:
    """The forms every process may use."""
    return load_folder(Path(__file__).with_name("shared"))


def _parse(document: str | Mapping[str, Any], source: str) -> Mapping[str, Any]:
    if not isinstance(document, str):
        return document
    try:
        data = json.loads(document)
    except (json.JSONDecodeError, RecursionError) as error:
        raise FormDefinitionError(source, (Text(f"不是有效的 JSON：{error}", f"not valid JSON: {error}"),)) from error
    return cast(Mapping[str, Any], data)


def _build(data: Mapping[str, Any], source: str) -> Form:
    defects: list[Text] = []
    required = set(data["schema"].get("required", ()))
    found: dict[str, FormField] = {}
    for name, schema in data["schema"]["properties"].items():
        form_field, wrong = read_field(name, schema, required=name in required)
        found[name] = form_field
        defects.extend(wrong)
    sections = tuple(_section(entry) for entry in data["layout"])
    defects.extend(_layout_defects(found, sections, required))
    rules = _rules(data.get("rules", ()), found, defects)
    if defects:
        raise FormDefinitionError(source, tuple(defects))
    ordered = {name: found[name] for section in sections for name in section.fields}
    return Form(data["key"], Text(**data["title"]), data.get("object"), ordered, sections, rules)


def _section(entry: Mapping[str, Any]) -> Section:
    title = Text(**entry["title"]) if "title" in entry else None
    return Section(title, entry.get("columns", 1), tuple(entry["fields"]))


def _layout_defects(found: Mapping[str, FormField], sections: tuple[Section, ...], required: set[str]) -> list[Text]:
    placed = [name for section in sections for name in section.fields]
    twice = {name for name in placed if placed.count(name) > 1}
    wrong = [
        (sorted(set(placed) - set(found)), "布局中的字段 {0} 没有定义", "the layout shows {0}, which is not defined"),
        (sorted(set(found) - set(placed)), "字段 {0} 不在布局中", "field {0} is not in the layout"),
        (sorted(twice), "字段 {0} 在布局中出现两次", "field {0} is in the layout twice"),
        (sorted(required - set(found)), "必填字段 {0} 没有定义", "required field {0} is not defined"),
    ]
    return [Text(zh.format(name), en.format(name)) for names, zh, en in wrong for name in names]


def _rules(
    entries: Iterable[Mapping[str, Any]], found: Mapping[str, FormField], defects: list[Text]
) -> tuple[Rule, ...]:
    names = (*found, "record", "actor")
    rules: list[Rule] = []
    for entry in entries:
        if entry["field"] not in found:
            defects.append(
                Text(f"规则的字段 {entry['field']} 没有定义", f"a rule is about {entry['field']}, not defined")
            )
            continue
        kind = next(kind for kind in _RULE_KINDS if kind in entry)
        message = Text(**entry["message"]) if "message" in entry else None
        try:
            expression = compile_expression(entry[kind], names=names)
        except FeelError as error:
            defects.append(Text(f"规则 {entry[kind]}：{error.message.zh}", f"rule {entry[kind]}: {error.message.en}"))
            continue
        said = [doubt.message for doubt in doubts(expression)]
        defects += [Text(f"规则 {entry[kind]}：{one.zh}", f"rule {entry[kind]}: {one.en}") for one in said]
        rules.append(Rule(entry["field"], kind, entry[kind], expression, message))
    return tuple(rules)


def _place(path: Iterable[object]) -> str:
    return ".".join(str(part) for part in path) or "form"


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(_SCHEMA.read_text("utf-8")))
