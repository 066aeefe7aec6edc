"""What a form's rules may look at besides the form's own values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from engine.feel import FeelEnv, Value
from forms.definition import Form, Rule, RuleKind


@dataclass(frozen=True, slots=True)
class FormEnv:
    """``context``: process variables, plus ``record`` (bound record's readable values) and ``actor``."""

    feel: FeelEnv
    context: Mapping[str, Value] = field(default_factory=dict)

    def rule_context(self, values: Mapping[str, object]) -> dict[str, Value]:
        """Everything a rule sees: the form's values win over variables of the same name."""
        return {**self.context, **{name: _feel_value(value) for name, value in values.items()}}


def holds(rule: Rule, context: Mapping[str, Value], env: FormEnv) -> bool:
    """True when the rule's condition is true; null and every other value count as not true."""
    return rule.expression.evaluate(context, env.feel) is True


def flagged(form: Form, kind: RuleKind, values: Mapping[str, object], env: FormEnv) -> dict[str, bool]:
    """For each field with a rule of ``kind``: whether one of its rules holds."""
    context = env.rule_context(values)
    found: dict[str, bool] = {}
    for rule in form.rules:
        if rule.kind == kind:
            found[rule.field] = found.get(rule.field, False) or holds(rule, context, env)
    return found


def _feel_value(value: object) -> Value:
    """Integers are FEEL numbers; everything else already is a FEEL value."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return Decimal(str(value))
    if isinstance(value, list | tuple):
        return [_feel_value(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): _feel_value(item) for key, item in value.items()}
    return value
