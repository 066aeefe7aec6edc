"""Files brought into the studio: BPMN, DMN, forms and archives of them, read in the encoding they name."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from engine.kernel.archives import BROKEN
from engine.kernel.text import Text
from engine.workflow import doctor
from engine.workflow.bpmn import xml
from engine.workflow.bpmn.xml import Element, XmlError
from forms.definition import FormDefinitionError
from forms.loader import load_form

MAX_FILES = 60
MAX_BYTES = 20 * 1024 * 1024
"""Of all files together, unpacked."""

_MODELS = (".bpmn", ".xml", ".dmn")
_FORMS = (".form", ".json")
_MOST_MEMBERS = 500
_UTF8_NAME = 0x800
_ODD = re.compile(r"[^\w.\- ]+")


@dataclass(frozen=True)
class Given:
    """A file that can be taken over. ``processes``: (id, name) of those in a model, what can run first; ``names``: of
    its elements by id."""

    name: str
    kind: Literal["bpmn", "dmn", "form"]
    text: str
    processes: tuple[tuple[str, str], ...]
    names: dict[str, str]


@dataclass(frozen=True)
class Refused:
    """A file that can't, and why."""

    name: str
    reason: Text


def read(uploads: Iterable[tuple[str, bytes]]) -> tuple[tuple[Given, ...], tuple[Refused, ...]]:
    """What was uploaded, by (file name, bytes); files in archives by their own names, each name once."""
    given: dict[str, Given] = {}
    refused: list[Refused] = []
    size = 0
    for name, content in _unpacked(uploads):
        size += len(content) if isinstance(content, bytes) else 0
        if isinstance(content, Text):
            refused.append(Refused(name, content))
        elif len(given) + len(refused) >= MAX_FILES or size > MAX_BYTES:
            refused.append(Refused(name, _TOO_MUCH))
            break
        else:
            found = _file(_free(name, given), content)
            if isinstance(found, Given):
                given[found.name] = found
            else:
                refused.append(found)
    return tuple(given.values()), tuple(refused)


def _unpacked(uploads: Iterable[tuple[str, bytes]]) -> Iterator[tuple[str, bytes | Text]]:
    for name, content in uploads:
        if content[:4] == b"PK\x03\x04":
            yield from _members(_base(name), content)
        else:
            yield _base(name), content


def _members(archive: str, content: bytes) -> Iterator[tuple[str, bytes | Text]]:
    """The models of an archive, then its forms; anything else in it is passed over."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as opened:
            members = [one for one in opened.infolist() if _is_wanted(one.filename)]
            models = [one for one in members if one.filename.lower().endswith(_MODELS)]
            if not models:
                yield archive, Text("压缩包里没有 .bpmn 或 .dmn 文件", "The archive holds no .bpmn or .dmn file")
                return
            for one in models + [one for one in members if one not in models][:_MOST_MEMBERS]:
                if one.file_size > MAX_BYTES:
                    yield _base(_plain(one)), _TOO_MUCH
                    return
                with opened.open(one) as member:
                    content = member.read(MAX_BYTES + 1)
                if one in models or _is_form(one.filename, content):
                    yield _base(_plain(one)), content
    except BROKEN:
        yield (
            archive,
            Text("压缩包已损坏或加了密码，请解压后再拖入", "Damaged or locked: unpack the archive first"),
        )


def _is_wanted(path: str) -> bool:
    return (
        path.lower().endswith((*_MODELS, *_FORMS))
        and not path.startswith("__MACOSX/")
        and not _base(path).startswith(".")
    )


def _plain(member: zipfile.ZipInfo) -> str:
    """The member's name; archives packed on Chinese Windows write it in GBK and do not say so."""
    if member.flag_bits & _UTF8_NAME:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gb18030")
    except UnicodeError:
        return member.filename


def _base(path: str) -> str:
    return _ODD.sub("_", path.replace("\\", "/").rpartition("/")[2])[-100:] or "file"


def _free(name: str, taken: dict[str, Given]) -> str:
    stem, dot, suffix = name.rpartition(".")
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{stem or name}_{number}{dot}{suffix if stem else ''}"
    return free


def _file(name: str, content: bytes) -> Given | Refused:
    if name.lower().endswith(_FORMS):
        if _is_form(name, content):
            return Given(name, "form", content.decode("utf-8-sig"), (), {})
        return Refused(name, Text("不是能读懂的表单", "No form that can be read here"))
    try:
        text = xml.decoded(content)
        root = xml.parse(text)
    except XmlError as error:
        return Refused(name, error.message)
    if xml.is_bpmn(root, "definitions"):
        return Given(name, "bpmn", text, _processes(root), names_of(root))
    if xml.local(root).lower() == "definitions" and "/dmn/" in xml.namespace(root).lower():
        return Given(f"{name.rpartition('.')[0] or name}.dmn", "dmn", text, (), names_of(root))
    return Refused(name, Text("不是 BPMN 流程图，也不是 DMN 决策表", "Neither a BPMN model nor a DMN decision table"))


def _is_form(name: str, content: bytes) -> bool:
    """A form of ours, or of another tool."""
    try:
        text = content.decode("utf-8-sig")
        return doctor.is_form(name, text) or bool(load_form(text, name))
    except (UnicodeDecodeError, FormDefinitionError):
        return False


def _processes(root: Element) -> tuple[tuple[str, str], ...]:
    found = sorted(xml.children(root, "process"), key=lambda one: not xml.is_true(one, "isExecutable"))
    return tuple((xml.attribute(one, "id"), xml.attribute(one, "name")) for one in found)


def names_of(root: Element) -> dict[str, str]:
    """The names of the elements by id."""
    return {one.get("id", ""): name for one in root.iter("{*}*") if one.get("id") and (name := one.get("name"))}


_TOO_MUCH = Text("文件太多或太大", "Too many files, or too large")
