"""Accept or refuse what was submitted: rights first, then types, limits, rules."""

from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from marshmallow import ValidationError as LoadError

from engine.kernel.errors import UserError
from engine.kernel.text import Text
from forms.access import Access, FormAccess
from forms.definition import Form, FormField, Kind
from forms.environment import FormEnv, flagged, holds
from forms.messages import flatten, message
from forms.schema import limit_errors, marshmallow_schema


class Validation(NamedTuple):
    """``values``: typed, by field, only what was accepted; ``errors``: by field path (``lines.0.hours``)."""

    values: dict[str, object]
    errors: dict[str, Text]

    def accepted(self) -> dict[str, object]:
        """The values. Raises: UserError ``form_invalid`` with the errors, when there are any."""
        if self.errors:
            raise UserError(
                "form_invalid", Text("请更正标出的内容", "Please correct the marked fields"), fields=self.errors
            )
        return self.values


def validate(
    form: Form, submitted: Mapping[str, Any], access: FormAccess, env: FormEnv, *, draft: bool = False
) -> Validation:
    """Check a submission against the form, the actor's rights and the rules.

    ``submitted``: JSON values, or texts from ``parse_html``. A field the actor may not write is refused, a
    field hidden from him is answered like one that does not exist. Fields hidden by a rule are dropped.
    ``draft``: types and rights only; nothing is required yet.
    """
    writable, errors = _within_rights(form, submitted, access)
    values, wrong = _typed(form, writable, env)
    errors.update(wrong)
    _drop_invisible(form, values, errors, env)
    _refuse_read_only(form, values, errors, env)
    for name in [name for name in values if name not in errors]:
        errors.update(_limits(form.fields[name], values[name]))
    if not draft:
        errors.update(_missing(form, values, errors, access, env))
        errors.update(_failed_checks(form, values, errors, env))
    return Validation({name: value for name, value in values.items() if not _touched(name, errors)}, errors)


def _within_rights(
    form: Form, submitted: Mapping[str, Any], access: FormAccess
) -> tuple[dict[str, Any], dict[str, Text]]:
    writable: dict[str, Any] = {}
    errors: dict[str, Text] = {}
    for name, value in submitted.items():
        if name not in form.fields or access.of(name) is Access.HIDDEN:
            errors[name] = message("unknown")
        elif access.of(name) < Access.WRITE:
            errors[name] = message("forbidden")
        else:
            writable[name] = _emptied(value)
    return writable, errors


def _emptied(value: Any) -> Any:
    """Blank texts are no value; texts lose the space around them."""
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, Mapping):
        return {key: _emptied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_emptied(item) for item in value]
    return value


def _typed(form: Form, writable: Mapping[str, Any], env: FormEnv) -> tuple[dict[str, object], dict[str, Text]]:
    if not writable:
        return {}, {}
    schema = marshmallow_schema(tuple(form.fields[name] for name in writable), env.feel.zone)
    try:
        return cast(dict[str, object], schema.load(dict(writable))), {}
    except LoadError as error:
        codes = {
            path: code if code != "Unknown field." else "unknown" for path, code in flatten(error.messages).items()
        }
        valid = cast(dict[str, object], error.valid_data or {})
        good = {name: value for name, value in valid.items() if not _touched(name, codes)}
        return good, {path: message(code) for path, code in codes.items()}


def _drop_invisible(form: Form, values: dict[str, object], errors: dict[str, Text], env: FormEnv) -> None:
    for name, visible in flagged(form, "visible", values, env).items():
        if not visible:
            values.pop(name, None)
            for path in [path for path in errors if path == name or path.startswith(f"{name}.")]:
                del errors[path]


def _refuse_read_only(form: Form, values: dict[str, object], errors: dict[str, Text], env: FormEnv) -> None:
    for name, read_only in flagged(form, "read_only", values, env).items():
        if read_only and name in values:
            del values[name]
            errors[name] = message("forbidden")


def _limits(field: FormField, value: object) -> dict[str, Text]:
    if value is None:
        return {}
    return {
        f"{field.name}.{place}" if place else field.name: text for place, text in limit_errors(field, value).items()
    }


def _missing(
    form: Form, values: Mapping[str, object], errors: Mapping[str, Text], access: FormAccess, env: FormEnv
) -> dict[str, Text]:
    invisible = {name for name, shown in flagged(form, "visible", values, env).items() if not shown}
    read_only = {name for name, frozen in flagged(form, "read_only", values, env).items() if frozen}
    by_rule = flagged(form, "required", values, env)
    missing: dict[str, Text] = {}
    for name, field in form.fields.items():
        level = access.of(name)
        if level < Access.WRITE or name in invisible | read_only or _touched(name, errors):
            continue
        if (field.required or level is Access.REQUIRED or by_rule.get(name, False)) and is_empty(
            field, values.get(name)
        ):
            missing[name] = message("required")
    return missing


def is_empty(field: FormField, value: object) -> bool:
    """No value: nothing, an empty list, or an unticked box that must be ticked."""
    return value in (None, [], "") or (field.kind is Kind.BOOLEAN and value is False)


def _failed_checks(
    form: Form, values: Mapping[str, object], errors: Mapping[str, Text], env: FormEnv
) -> dict[str, Text]:
    context = env.rule_context(values)
    failed: dict[str, Text] = {}
    for rule in form.rules:
        present = values.get(rule.field) is not None and not _touched(rule.field, errors)
        if rule.kind == "check" and present and rule.field not in failed and not holds(rule, context, env):
            failed[rule.field] = rule.message or message("invalid")
    return failed


def _touched(name: str, errors: Mapping[str, object]) -> bool:
    return any(path == name or path.startswith(f"{name}.") for path in errors)
