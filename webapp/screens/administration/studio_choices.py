"""What the studio's properties panel offers to choose from."""

from collections.abc import Iterable, Mapping

from sqlalchemy import text

from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import catalog, snapshot
from engine.workflow import deployments
from forms.loader import load_form
from processes.registry import Registry

_CHANNELS = (("sms", Text("短信", "SMS")), ("email", Text("邮件", "E-mail")))


def read(tx: Tx, registry: Registry, key: str, locale: str) -> Mapping[str, object]:
    """Lists of ``{key, label}`` by name."""
    config = snapshot.load(tx)
    return {
        "objects": _pairs(((one.key, one.label) for one in catalog.load(tx).objects()), locale),
        "forms": _pairs(_forms(tx, registry, key), locale),
        "handlers": _pairs(((one.name, one.label) for one in registry.handlers().all()), locale),
        "decisions": _named(tx, "SELECT DISTINCT ON (decision_id) decision_id, name FROM decision_version"
                                " ORDER BY decision_id, number DESC"),
        "roles": _pairs(((one.key, one.label) for one in config.roles.values()), locale),
        "positions": _named(tx, "SELECT DISTINCT ON (key) key, name FROM position ORDER BY key"),
        "groups": _named(tx, "SELECT key, name FROM user_group ORDER BY key"),
        "channels": _pairs(_CHANNELS, locale),
        "templates": [{"key": name, "label": name} for name in sorted(registry.templates)],
    }  # fmt: skip


def _forms(tx: Tx, registry: Registry, key: str) -> Iterable[tuple[str, Text]]:
    known = {form.key: form.title for form in registry.forms.values()}
    for name, content in deployments.sources(tx, key).files.items():
        if name.endswith(".json"):
            form = load_form(content, name)
            known[form.key] = form.title
    return sorted(known.items())


def _pairs(found: Iterable[tuple[str, Text]], locale: str) -> list[dict[str, str]]:
    return [{"key": key, "label": label.in_locale(locale)} for key, label in found]


def _named(tx: Tx, sql: str) -> list[dict[str, str]]:
    return [{"key": str(key), "label": str(label)} for key, label in map(tuple, tx.execute(text(sql)))]
