"""What an overlay must satisfy beyond its shape: expressions that compile, fields nobody has pinned."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from engine.feel import doubts, with_advice
from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata.definition import ObjectDefinition
from engine.metadata.feel_sql import compile_for

Pins = Callable[[Tx, str, str], list[str]]
_pins: list[Pins] = []


def register_pins(pins: Pins) -> None:
    """Composition adds who may pin a field: `pins(tx, object, field)` names the process versions that use it."""
    if pins not in _pins:
        _pins.append(pins)


def pinned_by(tx: Tx, object_key: str, field: str) -> list[str]:
    """Names of what still needs the field (JOINTS 8)."""
    return [name for pins in _pins for name in pins(tx, object_key, field)]


def check_expressions(definition: ObjectDefinition) -> None:
    """Raises FeelError or UserError for the first FEEL text that does not compile over the object's fields, or is
    null whatever they hold.
    """
    for expression in _expressions(definition):
        for doubt in doubts(compile_for(definition, expression)):
            raise UserError(
                "expression_always_null", with_advice(doubt.message, Text(expression[:80], expression[:80]))
            )


def _expressions(definition: ObjectDefinition) -> Iterator[str]:
    for field in definition.fields:
        named = (field.required_when, field.visible_when, field.read_only_when, field.default)
        yield from (text for text in named if text)
        yield from (rule.expression for rule in field.validation)
        if field.type == "formula":
            yield str(field.settings["expression"])
    yield from (rule.expression for rule in definition.validation)
    yield from (view.filter for view in definition.views if view.filter)
