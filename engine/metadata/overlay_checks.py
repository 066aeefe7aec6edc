"""What an overlay must satisfy beyond its shape: expressions that compile, fields nobody has pinned."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from engine.feel import doubts, with_advice
from engine.feel.syntax import TypeName
from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata.catalog import all_fields
from engine.metadata.definition import ObjectDefinition
from engine.metadata.feel_sql import compile_for
from engine.metadata.fieldtypes import type_of

_TEXTS = frozenset(("text", "long_text", "choice", "email", "phone", "url"))
_KINDS = {
    **{kind: kind for kind in ("number", "boolean", "date", "date and time")},
    "days duration": "days and time duration",
}
Pins = Callable[[Tx, str, str], list[str]]
_pins: list[Pins] = []


def register_pins(pins: Pins) -> None:
    """Composition adds who may pin a field: `pins(tx, object, field)` names the process versions that use it."""
    if pins not in _pins:
        _pins.append(pins)


def pinned_by(tx: Tx, object_key: str, field: str) -> list[str]:
    """Names of what still needs the field."""
    return [name for pins in _pins for name in pins(tx, object_key, field)]


def check_expressions(definition: ObjectDefinition) -> None:
    """Raises FeelError or UserError for the first FEEL text that does not compile over the object's fields, or is
    null whatever they hold.
    """
    known = _known(definition)
    for expression in _expressions(definition):
        for doubt in doubts(compile_for(definition, expression), known):
            raise UserError(
                "expression_always_null", with_advice(doubt.message, Text(expression[:80], expression[:80]))
            )


def _known(definition: ObjectDefinition) -> dict[str, TypeName]:
    """The FEEL types of fields, as far as they have one; a link may be followed, so it is none."""
    found: dict[str, TypeName] = {}
    for field in all_fields(definition):
        kind = "string" if field.type in _TEXTS else _KINDS.get(type_of(field).feel)
        if kind is not None and field.type != "formula":
            found[field.key] = TypeName(kind)
    return found


def _expressions(definition: ObjectDefinition) -> Iterator[str]:
    for field in definition.fields:
        named = (field.required_when, field.visible_when, field.read_only_when, field.default)
        yield from (text for text in named if text)
        yield from (rule.expression for rule in field.validation)
        if field.type == "formula":
            yield str(field.settings["expression"])
    yield from (rule.expression for rule in definition.validation)
    yield from (view.filter for view in definition.views if view.filter)
