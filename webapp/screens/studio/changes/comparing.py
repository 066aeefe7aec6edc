"""All files of a process, before and after."""

import json
from collections.abc import Iterator, Mapping

from engine.kernel.text import Text
from engine.workflow.bpmn.xml import XmlError
from engine.workflow.decisions import decision_names
from engine.workflow.dmn import DmnError
from webapp.screens.studio.changes.change import Change
from webapp.screens.studio.changes.decisions import compare_decisions
from webapp.screens.studio.changes.forms import compare_forms
from webapp.screens.studio.changes.models import Named, compare_models

_ENDINGS = (".bpmn", ".xml", ".dmn", ".json")


def _as_it_is(setting: str, value: str) -> str:
    return value


def compare(before: Mapping[str, str], after: Mapping[str, str], named: Named = _as_it_is) -> tuple[Change, ...]:
    """Differences of all files: models first, then decisions, then forms. Unreadable files are told as changed.

    ``named`` puts the values of settings into words: a form's key into its title.
    """
    names = dict.fromkeys((*before, *after))
    return tuple(
        change
        for ending in _ENDINGS
        for name in sorted(name for name in names if name.endswith(ending))
        for change in _file(name, before.get(name), after.get(name), named)
    )


def _file(name: str, before: str | None, after: str | None, named: Named) -> Iterator[Change]:
    if before == after:
        return
    if before is None or after is None:
        what = _title(name, before or after or "")
        yield Change(name, "", "added" if before is None else "removed", what)
        return
    try:
        if name.endswith(".json"):
            yield from compare_forms(name, before, after)
        elif name.endswith(".dmn"):
            yield from compare_decisions(name, before, after)
        else:
            yield from compare_models(name, before, after, named)
    except XmlError:
        yield Change(name, "", "changed", Text(f"文件 {name}", f"File {name}"))


def _title(name: str, content: str) -> Text:
    """What people call a file: a form or decision table by its title."""
    try:
        if name.endswith(".json"):
            title = json.loads(content)["title"]
            return Text(f"表单“{title['zh']}”", f"Form “{title.get('en') or title['zh']}”")
        if name.endswith(".dmn"):
            titles = ", ".join(title or key for key, title in decision_names(content))
            return Text(f"决策表“{titles}”", f"Decision table “{titles}”")
    except (ValueError, KeyError, TypeError, DmnError):
        pass
    return Text(f"文件“{name}”", f"File “{name}”")
