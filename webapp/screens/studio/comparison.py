"""Differences between versions with the names of this school, and what deploying them would mean."""

import json
from collections.abc import Mapping

from engine.kernel.uow import Tx
from engine.workflow import deployments
from processes.registry import Registry
from webapp.screens.studio.assignees import told_rule
from webapp.screens.studio.changes import Change, compare
from webapp.screens.studio.changes.models import Named
from webapp.screens.studio.changes.values import TIMES, VALUES
from webapp.screens.studio.duetext import due_words

_RULES = {"assignee.rule", "task.candidates"}


def with_newest(tx: Tx, registry: Registry, key: str, sources: Mapping[str, str], locale: str) -> Mapping[str, object]:
    """``{newest, running, money, limits, changes}`` against the newest version.

    ``running``: open cases of all versions, which go on as they began; ``money``: a second person has to confirm.
    """
    versions = deployments.versions(tx, key)
    before = deployments.sources(tx, key)
    found = compare(before.files, sources, _named(tx, registry, locale, {**before.files, **sources}))
    return {
        "newest": before.number,
        "running": sum(row.running for row in versions),
        "money": any('money="true"' in text for files in (before.files, sources) for text in files.values()),
        "limits": any(change.is_limit for change in found),
        "changes": [_shown(change, locale) for change in found],
    }


def between(tx: Tx, registry: Registry, key: str, older: int, newer: int, locale: str) -> tuple[Change, ...]:
    """What the newer version changed of the older one. Raises: NotFound."""
    before, after = deployments.sources(tx, key, older), deployments.sources(tx, key, newer)
    return compare(before.files, after.files, _named(tx, registry, locale, {**before.files, **after.files}))


def _named(tx: Tx, registry: Registry, locale: str, files: Mapping[str, str]) -> Named:
    forms = {key: form.title.in_locale(locale) for key, form in registry.forms.items()} | _titles(files, locale)

    def named(setting: str, value: str) -> str:
        if setting in _RULES:
            return told_rule(tx, value).in_locale(locale)
        if setting in TIMES:
            return due_words(value)
        if setting == "task.form":
            return forms.get(value, value)
        if setting == "handler.name":
            handler = registry.handlers().get(value)
            return handler.label.in_locale(locale) if handler else value
        chosen = VALUES.get(setting, {}).get(value)
        return chosen.in_locale(locale) if chosen else value

    return named


def _titles(files: Mapping[str, str], locale: str) -> dict[str, str]:
    """Titles of the forms beside the models, by key; what can't be read is told by the check."""
    found: dict[str, str] = {}
    for name, content in files.items():
        if name.endswith(".json"):
            try:
                form = json.loads(content)
                found[str(form["key"])] = str(form["title"].get(locale) or form["title"]["zh"])
            except (ValueError, KeyError, TypeError, AttributeError):
                continue
    return found


def _shown(change: Change, locale: str) -> dict[str, object]:
    return {
        "file": change.file,
        "element_id": change.element_id,
        "kind": change.kind,
        "what": change.what.in_locale(locale),
        "details": [detail.in_locale(locale) for detail in change.details],
    }
