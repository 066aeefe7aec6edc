"""From what a writer sent to values that may be stored: levels, types, defaults, required, rules, options.

All messages are collected, one per field, in both languages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.feel import FeelError
from engine.kernel.errors import Forbidden, UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import access, catalog
from engine.metadata.definition import FieldDefinition, ObjectDefinition
from engine.metadata.feel_sql import compile_for, environment
from engine.metadata.fieldtypes import FieldError, type_of
from engine.metadata.reading import feel_context

_REQUIRED = Text("必填", "This field is required")
_COMPUTED = frozenset({"formula", "rollup", "auto_number", "lines"})


def check_levels(
    definition: ObjectDefinition, levels: Mapping[str, str], keys: set[str], *, is_machine: bool = False
) -> None:
    """Raises Forbidden when a key does not exist, is hidden, or is not writable for the actor."""
    refused: dict[str, Text] = {}
    for key in sorted(keys):
        field = catalog.field_of(definition, key)
        level = levels.get(key, "none")
        if field is None or level == "none" or field.hidden:
            raise access.unknown_field(key)
        if level != "write" or (field.read_only and not is_machine) or field.type in _COMPUTED:
            refused[key] = Text(f"“{field.label.zh}”不可修改", f'"{field.label.en}" cannot be changed')
    if refused:
        raise Forbidden("read_only_field", Text("有字段不可修改", "Some fields cannot be changed"), fields=refused)


def parse(definition: ObjectDefinition, values: Mapping[str, Any]) -> dict[str, Any]:
    """Python values of JSON (or Python) ones. Raises UserError with a message per field."""
    parsed: dict[str, Any] = {}
    errors: dict[str, Text] = {}
    for key, raw in values.items():
        field = catalog.field_of(definition, key)
        assert field is not None, key
        try:
            parsed[key] = None if raw is None or raw == "" else type_of(field).from_json(field, raw)
        except FieldError as error:
            errors[key] = error.message
    raise_errors(errors)
    return parsed


def defaults(tx: Tx, definition: ObjectDefinition, values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of the fields that were not given and have a default."""
    found: dict[str, Any] = {}
    context: dict[str, Any] | None = None
    for field in definition.fields:
        if field.default is None or field.key in values:
            continue
        context = context or feel_context(tx, definition, values)
        result = compile_for(definition, field.default).evaluate(context, environment(tx))
        try:
            found[field.key] = None if result is None else type_of(field).from_json(field, result)
        except FieldError:
            found[field.key] = None
    return found


def check(tx: Tx, definition: ObjectDefinition, values: Mapping[str, Any], changed: set[str] | None = None) -> None:
    """Required fields, dependent options and FEEL rules over the whole record. Raises UserError.

    `changed` None: a new record. Otherwise only what the change could have touched is reported.
    """
    errors: dict[str, Text] = {}
    holds = _Conditions(tx, definition, values)
    for field in definition.fields:
        if field.hidden or field.type in _COMPUTED:
            continue
        if message := _missing(field, values, holds) or _bad_option(definition, field, values):
            errors[field.key] = message
            continue
        for rule in field.validation:
            if values.get(field.key) is not None and not holds(rule.expression):
                errors[field.key] = rule.message
    for rule in definition.validation:
        if not holds(rule.expression):
            errors.setdefault(definition.name_field, rule.message)
    raise_errors({key: text for key, text in errors.items() if changed is None or _matters(key, changed, definition)})


def read_only_now(tx: Tx, definition: ObjectDefinition, old: Mapping[str, Any], keys: set[str]) -> None:
    """Raises Forbidden when a key's `read_only_when` holds on the record as it is."""
    holds = _Conditions(tx, definition, old)
    locked = [
        field
        for field in definition.fields
        if field.key in keys and field.read_only_when and holds(field.read_only_when)
    ]
    if locked:
        refused = {field.key: Text("当前不可修改", "It cannot be changed now") for field in locked}
        raise Forbidden("read_only_field", Text("有字段不可修改", "Some fields cannot be changed"), fields=refused)


def raise_errors(errors: Mapping[str, Text]) -> None:
    if errors:
        raise UserError("invalid_record", Text("有字段填写有误", "Some fields are not valid"), fields=errors)


class _Conditions:
    """FEEL conditions over one record; the context is built at the first need."""

    def __init__(self, tx: Tx, definition: ObjectDefinition, values: Mapping[str, Any]) -> None:
        self._tx, self._definition, self._values = tx, definition, values
        self._context: dict[str, Any] | None = None

    def __call__(self, expression: str) -> bool:
        if self._context is None:
            self._context = feel_context(self._tx, self._definition, self._values)
        try:
            return compile_for(self._definition, expression).evaluate(self._context, environment(self._tx)) is True
        except FeelError:
            return False


def _missing(field: FieldDefinition, values: Mapping[str, Any], holds: _Conditions) -> Text | None:
    if values.get(field.key) is not None or (field.visible_when and not holds(field.visible_when)):
        return None
    is_required = field.required or bool(field.required_when and holds(field.required_when))
    return _REQUIRED if is_required else None


def _bad_option(definition: ObjectDefinition, field: FieldDefinition, values: Mapping[str, Any]) -> Text | None:
    """An option that is offered only under certain values of the field it depends on."""
    value = values.get(field.key)
    if field.depends_on is None or value is None:
        return None
    wanted = values.get(field.depends_on)
    for key in value if isinstance(value, list) else [value]:
        option = field.option(key)
        if option is not None and option.only_when and wanted not in option.only_when:
            label = option.label
            return Text(f"当前不能选“{label.zh}”", f'"{label.en}" is not offered here')
    return None


def _matters(key: str, changed: set[str], definition: ObjectDefinition) -> bool:
    """After a change only what it touched is reported: an old gap does not block an unrelated edit."""
    field = definition.field(key)
    touched = {key, *([field.depends_on] if field and field.depends_on else [])}
    for rule in field.validation if field else ():
        touched |= {path[0] for path in compile_for(definition, rule.expression).references}
    if field and field.required_when:
        touched |= {path[0] for path in compile_for(definition, field.required_when).references}
    for rule in definition.validation:
        if key == definition.name_field:
            touched |= {path[0] for path in compile_for(definition, rule.expression).references}
    return bool(touched & changed)
