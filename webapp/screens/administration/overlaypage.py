"""A branch's overlay of an object on its page: lists and sections in order, options, locks; as a file and back."""

import difflib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import catalog, overlays, snapshot
from engine.metadata.definition import FieldDefinition, ObjectDefinition, Section
from engine.metadata.rights import require_right
from engine.metadata.snapshot import Branch
from webapp.given import id_of
from webapp.i18n import translated
from webapp.screens.administration.administration import key_given

MAX_FILE_BYTES = 512 * 1024


@dataclass(frozen=True)
class OverlayModel:
    """What the page shows. Sections as text: a line ``# 标题 / Title``, then a field id a line."""

    branch: Branch
    definition: ObjectDefinition
    columns: str
    detail: str
    form: str
    locks: frozenset[str]
    choices: tuple[FieldDefinition, ...]
    labels: Mapping[str, str]


@dataclass(frozen=True)
class Incoming:
    """A file to take over: what would change, line by line (``+``, ``-`` or blank first)."""

    branch: Branch
    object: str
    content: str
    lines: tuple[str, ...]


def read(tx: Tx, branch_id: UUID, object_key: str) -> OverlayModel:
    """The branch's layouts, locks and choices of an object. Needs ``define_fields`` there."""
    require_right(tx, "define_fields", branch_id)
    definition = catalog.load_branch(tx, branch_id).object(object_key)
    return OverlayModel(
        branch=snapshot.load(tx).branches[branch_id],
        definition=definition,
        columns="\n".join(definition.layouts.list),
        detail=_sections_text(definition.layouts.detail),
        form=_sections_text(definition.layouts.form),
        locks=frozenset(overlays.current(tx, branch_id, object_key).get("locks", ())),
        choices=tuple(one for one in definition.fields if one.type in ("choice", "choices") and not one.hidden),
        labels={one.key: translated(one.label) for one in catalog.all_fields(definition) if not one.hidden},
    )


def save_layouts(tx: Tx, branch_id: UUID, object_key: str, given: Mapping[str, str], locks: list[str]) -> None:
    """Stores what was changed of list, sections and locks; the rest of the overlay stays. Raises: UserError."""
    old, known = read(tx, branch_id, object_key), overlays.current(tx, branch_id, object_key)
    layouts = dict(known.get("layouts", {}))
    if (columns := _keys(given.get("list", ""))) != _keys(old.columns):
        layouts["list"] = columns
    for name, before in (("detail", old.detail), ("form", old.form)):
        if _lines(given.get(name, "")) != _lines(before):
            layouts[name] = _sections(given.get(name, ""))
    placed = [key for name in ("detail", "form") for one in layouts.get(name, ()) for key in one["fields"]]
    _check_keys(old.definition, [*layouts.get("list", ()), *placed])
    patch = {**known, "layouts": layouts, "locks": sorted(locks)}
    overlays.save(tx, branch_id, object_key, {name: value for name, value in patch.items() if value})


def add_option(tx: Tx, branch_id: UUID, object_key: str, given: Mapping[str, str]) -> None:
    """Adds an option to a choice, or names one anew. Raises: UserError."""
    zh = given.get("label_zh", "").strip()
    label = {"zh": zh, "en": given.get("label_en", "").strip() or zh}
    overlays.add_option(tx, branch_id, object_key, given["field"], {"key": key_given(given, zh), "label": label})


def create_object(tx: Tx, given: Mapping[str, str]) -> str:
    """A new object with a name; its other fields are added afterwards. Its key. Raises: UserError, Conflict."""
    zh = given["label_zh"].strip()
    key = key_given(given, zh)
    source = {
        "key": key,
        "label": {"zh": zh, "en": given.get("label_en", "").strip() or zh},
        "name_field": "name",
        "fields": [{"key": "name", "type": "text", "label": {"zh": "名称", "en": "Name"}, "required": True}],
    }
    overlays.create_object(tx, id_of(given["branch"]), source)
    return key


def exported(tx: Tx, branch_id: UUID, object_key: str) -> tuple[str, bytes]:
    """File name and content of the branch's overlay."""
    require_right(tx, "define_fields", branch_id)
    branch = snapshot.load(tx).branches[branch_id]
    document = {"object": object_key, "patch": overlays.current(tx, branch_id, object_key)}
    return f"{object_key}.{branch.key}.overlay.json", _pretty(document).encode()


def compared(tx: Tx, branch_id: UUID, object_key: str, content: str) -> Incoming:
    """What taking over a file would change; nothing is written. Raises: UserError."""
    require_right(tx, "define_fields", branch_id)
    old = _pretty(overlays.current(tx, branch_id, object_key)).splitlines()
    new = _pretty(_patch_of(content, object_key)).splitlines()
    lines = difflib.unified_diff(old, new, n=2, lineterm="")
    shown = tuple(line for line in lines if not line.startswith(("---", "+++", "@@")))
    return Incoming(snapshot.load(tx).branches[branch_id], object_key, content, shown)


def taken_over(tx: Tx, branch_id: UUID, object_key: str, content: str) -> None:
    """Makes the file the branch's overlay, as a new revision. Raises: UserError naming what is wrong."""
    overlays.save(tx, branch_id, object_key, _patch_of(content, object_key))


def _patch_of(content: str, object_key: str) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        raise UserError("bad_file", Text("不是有效的 JSON 文件", "Not a JSON file")) from None
    if not isinstance(document, dict) or not isinstance(document.get("patch"), dict):
        raise UserError("bad_file", Text("不是导出的定制文件", "Not an exported overlay"))
    if document.get("object") != object_key:
        message = Text(f"文件属于对象 {document.get('object')}", f"The file is of the object {document.get('object')}")
        raise UserError("bad_file", message)
    return dict(document["patch"])


def _check_keys(definition: ObjectDefinition, keys: Iterable[str]) -> None:
    for key in keys:
        if catalog.field_of(definition, key) is None:
            raise UserError("unknown_field", Text(f"没有字段 {key}", f"There is no field {key}"))


def _sections_text(sections: tuple[Section, ...]) -> str:
    return "\n".join(line for one in sections for line in (f"# {one.title.zh} / {one.title.en}", *one.fields))


def _sections(given: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for line in _lines(given):
        if line.startswith("#"):
            zh, _, en = (part.strip() for part in line[1:].partition("/"))
            found.append({"title": {"zh": zh or "—", "en": en or zh or "—"}, "fields": []})
        elif not found:
            message = Text("第一行应为 # 分组标题", "The first line must be # and a title")
            raise UserError("bad_layout", message)
        else:
            found[-1]["fields"].append(line)
    return found


def _keys(given: str) -> list[str]:
    return list(dict.fromkeys(_lines(given)))


def _lines(given: str) -> list[str]:
    return [line.strip() for line in given.splitlines() if line.strip()]


def _pretty(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
