"""What the studio offers to choose from: in the properties panel, in the form editor, among versions."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import text

from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import catalog, snapshot
from engine.metadata.definition import ObjectDefinition
from engine.workflow import deployments
from engine.workflow.handlers import Handler, Parameter
from forms.definition import FormDefinitionError
from forms.loader import load_form
from processes.registry import Registry
from webapp.screens.studio.form_fields import fields_of

_CHANNELS = (("sms", Text("短信", "SMS")), ("email", Text("邮件", "E-mail")))
_DECISIONS = (
    "SELECT DISTINCT ON (decision_id) decision_id, name FROM decision_version ORDER BY decision_id, number DESC"
)


def read(tx: Tx, registry: Registry, key: str, locale: str) -> Mapping[str, object]:
    """Lists of ``{key, label}`` by name; handlers with ``inputs`` and ``outputs``, objects with their ``fields``."""
    config = snapshot.load(tx)
    return {
        "objects": [object_choice(one, locale) for one in catalog.load(tx).objects()],
        "forms": _pairs(_forms(tx, registry, key), locale),
        "handlers": [_handler(one, locale) for one in registry.handlers().all()],
        "decisions": _named(tx, _DECISIONS),
        "processes": _named(tx, "SELECT key, name FROM process ORDER BY key LIMIT 1000"),
        "roles": _pairs(((one.key, one.label) for one in config.roles.values()), locale),
        "positions": _named(tx, "SELECT DISTINCT key, min(name) FROM position GROUP BY key ORDER BY key"),
        "groups": _named(tx, "SELECT key, name FROM user_group ORDER BY key"),
        "users": _named(tx, "SELECT username, name FROM app_user WHERE is_active ORDER BY pinyin, username LIMIT 1000"),
        "channels": _pairs(_CHANNELS, locale),
        "templates": [{"key": name, "label": name} for name in sorted(registry.templates)],
    }


def object_choice(definition: ObjectDefinition, locale: str) -> dict[str, Any]:
    """An object with the fields a form may ask for: ``{key, label, fields}``."""
    label = definition.label.in_locale(locale)
    return {"key": definition.key, "label": label, "fields": fields_of(definition)}


def _handler(handler: Handler, locale: str) -> dict[str, Any]:
    return {
        "key": handler.name,
        "label": handler.label.in_locale(locale),
        "inputs": [_parameter(name, one, locale) for name, one in handler.inputs.items()],
        "outputs": [_parameter(name, one, locale) for name, one in handler.outputs.items()],
    }


def _parameter(name: str, parameter: Parameter | str, locale: str) -> dict[str, Any]:
    one = Parameter(parameter) if isinstance(parameter, str) else parameter
    label = one.label.in_locale(locale) if one.label else name
    return {"name": name, "label": label, "required": one.required}


def _forms(tx: Tx, registry: Registry, key: str) -> Iterable[tuple[str, Text]]:
    known = {form.key: form.title for form in registry.forms.values()}
    for name, content in deployments.sources(tx, key).files.items():
        if name.endswith(".json"):
            try:
                form = load_form(content, name)
            except FormDefinitionError:
                continue
            known[form.key] = form.title
    return sorted(known.items())


def _pairs(found: Iterable[tuple[str, Text]], locale: str) -> list[dict[str, str]]:
    return [{"key": key, "label": label.in_locale(locale)} for key, label in found]


def _named(tx: Tx, sql: str) -> list[dict[str, str]]:
    return [{"key": str(key), "label": str(label)} for key, label in map(tuple, tx.execute(text(sql)))]
