"""A connector's form, made of its kind's JSON Schema: secrets write-only, lists as lines or tables."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from connectors.registry import Kind, kinds
from engine.kernel.errors import NotFound
from engine.kernel.text import Text
from forms.definition import Form
from forms.loader import load_form
from forms.render import FieldModel, FormModel
from webapp.i18n import gettext

Json = Mapping[str, Any]
_PREFIX = "config_"
_LINES = Text("每行一个", "One a line")
_COMMAS = Text("多个值用逗号分隔", "Separate several values with commas")


@dataclass(frozen=True)
class Slot:
    """One question: where its answer belongs in the configuration, and the schema of it."""

    path: tuple[str, ...]
    schema: Json
    is_required: bool

    @property
    def name(self) -> str:
        """The input's name."""
        return _PREFIX + "__".join(self.path)

    @property
    def is_secret(self) -> bool:
        """Written, never shown."""
        return bool(self.schema.get("x-secret"))


def kind_of(key: str) -> Kind:
    """Raises: NotFound."""
    if key not in kinds():
        raise NotFound
    return kinds()[key]


def slots(schema: Json) -> tuple[Slot, ...]:
    """The questions of a kind's schema in their order; a nested object gives one question a property."""
    found = sorted(schema["properties"].items(), key=lambda item: item[1].get("x-order", 999))
    return tuple(slot for name, part in found for slot in _slots(schema, name, _resolved(schema, part)))


def form_of(kind: Kind, *, with_branch: bool) -> Form:
    """The form of a connector of this kind: its name, its branch when new, its time zone, its configuration."""
    schema = kind.connector.config_schema
    asked = slots(schema)
    properties: dict[str, Any] = {"name": _text("名称", "Name", maxLength=100)}
    if with_branch:
        help_text = {"zh": "空：所有校区", "en": "Empty: all branches"}
        properties["branch_id"] = {**_text("校区", "Branch"), "format": "branch", "x-help": help_text}
    properties["zone"] = {**_text("时区", "Time zone"), "default": "Asia/Shanghai"}
    properties |= {slot.name: _property(schema, slot) for slot in asked}
    required = ["name", "zone", *(slot.name for slot in asked if slot.is_required and not slot.is_secret)]
    label = kind.manifest.label
    document = {
        "key": f"connector.{kind.manifest.kind}",
        "title": {"zh": label.zh, "en": label.en},
        "schema": {"type": "object", "required": required, "properties": properties},
        "layout": [{"columns": 2, "fields": list(properties)}],
    }
    return load_form(document, kind.manifest.kind)


def values_of(schema: Json, config: Json) -> dict[str, Any]:
    """What the form shows of a stored configuration; never a secret."""
    found = {slot.name: _shown(schema, slot.schema, _at(config, slot.path)) for slot in slots(schema)}
    return {name: value for name, value in found.items() if value is not None}


def facts_of(schema: Json, config: Json) -> list[tuple[Text, str]]:
    """Label and value of each setting that is set; secrets are left out."""
    found = []
    for slot in slots(schema):
        value = _shown(schema, slot.schema, _at(config, slot.path))
        if value not in (None, "", []):
            found.append((_title(slot.schema, slot.path[-1]), _fact(value)))
    return found


def config_of(schema: Json, submitted: Json) -> dict[str, Any]:
    """The configuration that was typed. What does not fit its type stays as typed, for the check to name it."""
    config: dict[str, Any] = {}
    for slot in slots(schema):
        value = _typed(schema, slot.schema, submitted.get(slot.name))
        if value in (None, "") or (value == [] and not slot.is_required):
            continue
        place = config
        for step in slot.path[:-1]:
            place = place.setdefault(step, {})
        place[slot.path[-1]] = value
    return config


def errors_of(schema: Json, faults: Mapping[str, Text]) -> dict[str, Text]:
    """The faults of ``check_config`` by the form's paths."""
    return {_error_path(schema, path): text for path, text in faults.items()}


def with_secrets(model: FormModel, schema: Json, stored: frozenset[str]) -> FormModel:
    """The form with password inputs for secrets; ``stored`` ones may stay empty."""
    hidden = {slot.name: slot for slot in slots(schema) if slot.is_secret}

    def made(field: FieldModel) -> FieldModel:
        slot = hidden.get(field.name)
        if slot is None:
            return field
        kept = slot.path[0] in stored
        hint = gettext("已保存，留空则不变") if kept else ""
        needed = slot.is_required and not kept
        return replace(field, widget="secret", value=None, text="", placeholder=hint, required=needed)

    sections = tuple(replace(part, fields=tuple(map(made, part.fields))) for part in model.sections)
    return replace(model, sections=sections)


def _slots(schema: Json, name: str, part: Json) -> Iterator[Slot]:
    if part.get("type") != "object":
        yield Slot((name,), part, name in schema.get("required", ()))
        return
    for key, inner in part["properties"].items():
        title = f"{key} {_title(part, name).zh} {_title(part, name).en}: {key}"
        yield Slot((name, key), {"title": title, **_resolved(schema, inner)}, False)


def _resolved(schema: Json, part: Json) -> Json:
    reference = part.get("$ref", "")
    return cast(Json, schema["$defs"][reference.rpartition("/")[2]]) if reference else part


def _property(schema: Json, slot: Slot) -> dict[str, Any]:
    part, label = slot.schema, _title(slot.schema, slot.path[-1])
    made: dict[str, Any] = {"x-label": {"zh": label.zh, "en": label.en}}
    if part.get("description"):
        help_text = _both(part["description"])
        made["x-help"] = {"zh": help_text.zh, "en": help_text.en}
    if part.get("type") != "array":
        return made | _plain(part)
    items = _resolved(schema, part["items"])
    if items["type"] == "object":
        columns = {name: _column(name, _resolved(schema, inner)) for name, inner in items["properties"].items()}
        needed = list(items.get("required", ()))
        return made | {"type": "array", "items": {"type": "object", "required": needed, "properties": columns}}
    return made | {"type": "string", "x-widget": "textarea", "x-help": {"zh": _LINES.zh, "en": _LINES.en}}


def _column(name: str, part: Json) -> dict[str, Any]:
    label = _title(part, name)
    made = {"x-label": {"zh": label.zh, "en": label.en}}
    if part.get("type") == "array":
        return made | {"type": "string", "x-placeholder": {"zh": _COMMAS.zh, "en": _COMMAS.en}}
    return made | _plain(part)


def _plain(part: Json) -> dict[str, Any]:
    if "enum" in part:
        options = [{"value": str(one), "zh": str(one), "en": str(one)} for one in part["enum"]]
        default = {"default": str(part["default"])} if "default" in part else {}
        return {"type": "string", "x-options": options, **default}
    default = {"default": part["default"]} if "default" in part else {}
    return {"type": part.get("type", "string"), **default}


def _shown(schema: Json, part: Json, value: Any) -> Any:
    if value is None or part.get("x-secret"):
        return None
    if part.get("type") != "array":
        return str(value) if "enum" in part else value
    if _resolved(schema, part["items"])["type"] != "object":
        return "\n".join(map(str, value))
    return [
        {key: ", ".join(map(str, one)) if isinstance(one, list) else one for key, one in row.items()} for row in value
    ]


def _fact(value: Any) -> str:
    if not isinstance(value, list):
        return str(value)
    return "\n".join(" · ".join(str(one) for one in row.values() if one not in (None, "")) for row in value)


def _cell(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def _typed(schema: Json, part: Json, value: Any) -> Any:
    if part.get("type") == "array":
        items = _resolved(schema, part["items"])
        if items["type"] != "object":
            return _split(value, "\n")
        return [_typed_row(schema, items["properties"], row) for row in value or ()]
    if part.get("type") == "integer" and isinstance(value, str) and value.strip().lstrip("-").isdecimal():
        return int(value)
    return value.strip() if isinstance(value, str) and not part.get("x-secret") else value


def _typed_row(schema: Json, columns: Json, row: Json) -> dict[str, Any]:
    found = {}
    for name, column in columns.items():
        part = _resolved(schema, column)
        value = _split(row.get(name), ",") if part.get("type") == "array" else _typed(schema, part, row.get(name))
        if value not in (None, "", []):
            found[name] = value
    return found


def _split(value: Any, separator: str) -> list[str]:
    text = str(value or "").replace("，", ",")
    return [one.strip() for one in text.split(separator) if one.strip()]


def _error_path(schema: Json, path: str) -> str:
    steps = path.split(".")
    part = schema["properties"].get(steps[0])
    if part is None:
        return path
    if part.get("type") == "object":
        return _PREFIX + "__".join(steps[:2])
    is_table = part.get("type") == "array" and _resolved(schema, part["items"])["type"] == "object"
    return _PREFIX + ".".join(steps[:3] if is_table else steps[:1])


def _at(config: Json, path: tuple[str, ...]) -> Any:
    found: Any = config
    for step in path:
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _title(part: Json, name: str) -> Text:
    """The label of a setting."""
    return _both(str(part.get("title", name)))


def _both(title: str) -> Text:
    """A text says both: Chinese up to its last Chinese word, English after it."""
    last = max((number for number, sign in enumerate(title) if "\u4e00" <= sign <= "\u9fff"), default=-1)
    zh, en = title[: last + 1].strip(), title[last + 1 :].strip()
    return Text(zh, en) if zh and any(sign.islower() for sign in en) else Text(title, title)


def _text(zh: str, en: str, **checks: Any) -> dict[str, Any]:
    return {"type": "string", "x-label": {"zh": zh, "en": en}, **checks}
