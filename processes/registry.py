"""Discovers what the folders under ``processes/`` bring along; adding a process means adding a folder."""

import importlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from jsonschema import Draft202012Validator

from engine.kernel.text import Text
from engine.kernel.yaml_files import read_yaml
from engine.metadata.definition import RoleGrant
from engine.workflow.handlers import Handler, HandlerRegistry
from forms.definition import Form
from forms.loader import load_folder, shared_forms
from processes.domain_action import DomainAction
from processes.templates import MessageTemplate, load_templates

ROOT = Path(__file__).parent


class ManifestError(Exception):
    """A process folder can't be used; the text names the folder and what is wrong."""


@dataclass(frozen=True, slots=True)
class Principal:
    """The actor a process's handlers run as, and what it may do: object key -> grant."""

    name: str
    grants: Mapping[str, RoleGrant]


@dataclass(frozen=True, slots=True)
class Start:
    """How instances begin. ``when``: action, record_created or message; ``menu`` is the label in the start menu."""

    when: str
    action: str | None = None
    form: str | None = None
    record: str | None = None
    roles: tuple[str, ...] = ()
    menu: Text | None = None


@dataclass(frozen=True, slots=True)
class PublicForm:
    """A form anybody may fill in; what is sent becomes the named message."""

    form: str
    message: str


@dataclass(frozen=True, slots=True)
class ProcessFolder:
    """One folder with BPMN. ``sources``: file name -> text, what a deployment takes."""

    key: str
    label: Text
    description: Text
    icon: str
    order: int
    path: Path
    process_keys: tuple[str, ...]
    principal: Principal | None
    start: Start | None
    cancel_message: str | None
    messages: tuple[str, ...]
    public_forms: tuple[PublicForm, ...]
    sources: Mapping[str, str]
    forms: Mapping[str, Form]
    handlers: tuple[Handler, ...]
    actions: tuple[DomainAction, ...]
    templates: Mapping[str, MessageTemplate]
    cases: tuple[Mapping[str, Any], ...]

    @property
    def bpmn(self) -> dict[str, str]:
        """The folder's BPMN files."""
        return {name: text for name, text in self.sources.items() if name.endswith(".bpmn")}

    @property
    def dmn(self) -> dict[str, str]:
        """The folder's decision tables."""
        return {name: text for name, text in self.sources.items() if name.endswith(".dmn")}


@dataclass(frozen=True, slots=True)
class Registry:
    """Everything that was discovered, in the order of rooms."""

    processes: tuple[ProcessFolder, ...]
    forms: Mapping[str, Form]
    actions: tuple[DomainAction, ...]
    templates: Mapping[str, MessageTemplate]
    objects: tuple[Path, ...]

    def process(self, key: str) -> ProcessFolder | None:
        """The folder that holds the process of that key."""
        return next((folder for folder in self.processes if key in folder.process_keys), None)

    def handlers(self) -> HandlerRegistry:
        """All handlers, for the runner and the deploy gate."""
        return HandlerRegistry(handler for folder in self.processes for handler in folder.handlers)

    def action(self, object_key: str, name: str) -> DomainAction | None:
        """The action of that name on the object."""
        return next((one for one in self.actions if one.object == object_key and one.name == name), None)

    def started_by_record(self, object_key: str) -> tuple[str, ...]:
        """Keys of the processes that begin when a record of the object is created."""
        starts = (
            f for f in self.processes if f.start and f.start.when == "record_created" and f.start.record == object_key
        )
        return tuple(folder.process_keys[0] for folder in starts)


@cache
def discover() -> Registry:
    """Reads every folder once. Raises: ManifestError, FormDefinitionError."""
    folders = sorted((_folder(path) for path in _process_paths()), key=lambda folder: folder.order)
    forms = dict(shared_forms())
    templates: dict[str, MessageTemplate] = {}
    for folder in folders:
        _merge(forms, folder.forms, folder.key)
        _merge(templates, folder.templates, folder.key)
    for path in _domain_paths():
        _merge(forms, load_folder(path / "forms"), path.name)
    actions = tuple(action for folder in folders for action in folder.actions) + _domain_actions()
    return Registry(tuple(folders), forms, actions, templates, tuple(sorted(ROOT.glob("*/objects/*.yaml"))))


def _process_paths() -> Iterator[Path]:
    return (path.parent for path in sorted(ROOT.glob("*/manifest.yaml")))


def _domain_paths() -> Iterator[Path]:
    """Folders without BPMN whose records people act on."""
    return (path.parent for path in sorted(ROOT.glob("*/actions.py")) if not (path.parent / "manifest.yaml").exists())


def _domain_actions() -> tuple[DomainAction, ...]:
    return tuple(action for path in _domain_paths() for action in getattr(_module(path, "actions"), "ACTIONS", ()))


def _folder(path: Path) -> ProcessFolder:
    manifest = _manifest(path)
    key = manifest["key"]
    names = sorted(item.name for item in path.iterdir() if item.suffix in {".bpmn", ".dmn"})
    sources = {name: (path / name).read_text("utf-8") for name in names}
    for item in sorted((path / "forms").glob("*.json")):
        sources[item.name] = item.read_text("utf-8")
    return ProcessFolder(
        key=key,
        label=Text(**manifest["label"]),
        description=Text(**manifest["description"]),
        icon=manifest["icon"],
        order=manifest["order"],
        path=path,
        process_keys=tuple(manifest.get("processes", (key,))),
        principal=_principal(manifest.get("principal")),
        start=_start(manifest.get("start")),
        cancel_message=manifest.get("cancel_message"),
        messages=tuple(manifest.get("messages", ())),
        public_forms=tuple(PublicForm(**entry) for entry in manifest.get("public_forms", ())),
        sources=sources,
        forms=load_folder(path / "forms"),
        handlers=tuple(getattr(_module(path, "handlers"), "HANDLERS", ())),
        actions=tuple(getattr(_module(path, "actions"), "ACTIONS", ())),
        templates=load_templates(path / "messages.yaml"),
        cases=tuple(read_yaml((path / "cases.yaml").read_text("utf-8"))) if (path / "cases.yaml").exists() else (),
    )


def _manifest(path: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = read_yaml((path / "manifest.yaml").read_text("utf-8"))
    wrong = [
        f"{'.'.join(map(str, e.absolute_path)) or 'manifest'}: {e.message}" for e in _schema().iter_errors(manifest)
    ]
    if not wrong and manifest["key"] != path.name:
        wrong = [f"expected key {path.name}, found {manifest['key']}"]
    if wrong:
        raise ManifestError(f"processes/{path.name}/manifest.yaml: {'; '.join(wrong)}")
    return manifest


def _principal(entry: Mapping[str, Any] | None) -> Principal | None:
    if entry is None:
        return None
    grants = {
        key: RoleGrant(entry["name"], {a: scope for a, scope in grant.items() if a != "fields"}, grant["fields"])
        for key, grant in entry["grants"].items()
    }
    return Principal(entry["name"], grants)


def _start(entry: Mapping[str, Any] | None) -> Start | None:
    if entry is None:
        return None
    menu = Text(**entry["menu"]) if "menu" in entry else None
    plain = {name: entry.get(name) for name in ("action", "form", "record")}
    return Start(when=entry["when"], roles=tuple(entry.get("roles", ())), menu=menu, **plain)


def _module(path: Path, name: str) -> ModuleType | None:
    if not (path / f"{name}.py").exists():
        return None
    return importlib.import_module(f"processes.{path.name}.{name}")


def _merge(into: dict[str, Any], more: Mapping[str, Any], folder: str) -> None:
    if twice := sorted(set(into) & set(more)):
        raise ManifestError(f"processes/{folder}: {', '.join(twice)} is defined in another folder already")
    into.update(more)


@cache
def _schema() -> Draft202012Validator:
    return Draft202012Validator(json.loads((ROOT / "manifest.schema.json").read_text("utf-8")))
