"""What models say, in the reader's language: names of steps and flows, titles of tasks and cases, the picture."""

import re
from dataclasses import replace
from html import escape, unescape
from uuid import UUID

from flask import Flask

from engine.kernel.uow import Tx
from engine.workflow import programs
from engine.workflow.bpmn.model import Process
from engine.workflow.programs import Loaded
from processes import english
from webapp.i18n import locale

_NAME = re.compile(r'(?<= name=")[^"]+(?=")')
_LABEL = re.compile(r'(<(?:\w+:)?BPMNLabel[^>]*>\s*<\w+:Bounds) x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"')
_WIDEST = 84.0


def install(app: Flask) -> None:
    """Makes the words known to the templates."""
    app.jinja_env.filters.update(named=named, titled=titled)


def named(text: str) -> str:
    """The name of a process, step, flow or variable."""
    return english.shipped().name(text) if locale() == "en" else text


def titled(text: str) -> str:
    """The title of a task or case."""
    return english.shipped().title(text) if locale() == "en" else text


def load(tx: Tx, version_id: UUID) -> Loaded:
    """The version, its model in the reader's language. Raises: NotFound."""
    loaded = programs.load(tx, version_id)
    if locale() != "en":
        return loaded
    known: dict[UUID, Loaded] = tx.memo.setdefault("english_models", {})
    if version_id not in known:
        known[version_id] = replace(loaded, process=_said(loaded.process))
    return known[version_id]


def drawn(xml: str) -> str:
    """A model for the viewer."""
    if locale() != "en":
        return xml
    return _LABEL.sub(_widened, _NAME.sub(lambda found: escape(named(unescape(found[0]))), xml))


def _widened(found: re.Match[str]) -> str:
    """Room for an English word where a label was drawn for two or three Chinese characters."""
    left, width = float(found[2]), float(found[4])
    return f'{found[1]} x="{left - max(0.0, _WIDEST - width) / 2:g}" y="{found[3]}" width="{max(width, _WIDEST):g}"'


def _said(process: Process) -> Process:
    nodes = {key: replace(node, name=named(node.name)) for key, node in process.nodes.items()}
    flows = {key: replace(flow, name=named(flow.name)) for key, flow in process.flows.items()}
    return replace(process, name=named(process.name), nodes=nodes, flows=flows)
