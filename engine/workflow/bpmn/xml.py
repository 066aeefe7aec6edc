"""Safe XML: no DTD, no entities, no network, capped in size, depth, elements and their attributes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lxml import etree

from engine.kernel.errors import UserError
from engine.kernel.text import Text

BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
SCHOOL = "https://schoolflow.example/bpmn"
CAMUNDA = "http://camunda.org/schema/1.0/bpmn"
ZEEBE = "http://camunda.org/schema/zeebe/1.0"
OPERATON = "http://operaton.org/schema/1.0/bpmn"
FLOWABLE = "http://flowable.org/bpmn"
ACTIVITI = "http://activiti.org/bpmn"
SPIFF = "http://spiffworkflow.org/bpmn/schema/1.0/core"
PREFIXES = {
    SCHOOL: "school",
    CAMUNDA: "camunda",
    OPERATON: "operaton",
    ZEEBE: "zeebe",
    FLOWABLE: "flowable",
    ACTIVITI: "activiti",
    SPIFF: "spiffworkflow",
}

KINDRED = (CAMUNDA, OPERATON, FLOWABLE, ACTIVITI)
"""Engines that share their extensions, for they share an ancestor."""

_BPMN_TAG = f"{{{BPMN}}}"
Element = etree._Element


_NAMES_ENCODING = re.compile(r"^(<\?xml[^>]*?)\s+encoding\s*=\s*[\"'][^\"']*[\"']")
_NAMES_A_PART = re.compile(rb"^(<\?xml[^>]{0,200}?\sencoding\s*=\s*[\"'])(?:gb2312|gbk|cp936)([\"'])", re.IGNORECASE)
_BLANK_START = re.compile(rb"^(?:\xef\xbb\xbf)?[ \t\r\n]+(?=<\?xml\s)")
_BAD_ENCODING = frozenset({32, 81})
"""libxml2's codes of an encoding that it does not know and of bytes that are not in the one named."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Caps of one document. `nodes`: flow nodes in all its processes without start and end events.

    `attributes`: of one element; libxml2 takes the square of their number to list them.
    """

    size: int = 20 * 1024 * 1024
    depth: int = 60
    elements: int = 400_000
    attributes: int = 500
    nodes: int = 5000


DEFAULT_LIMITS = Limits()


class XmlError(UserError):
    """The bytes are not an XML document we accept."""

    default_code = "bpmn.xml"
    default_message = Text("不是有效的 BPMN 文件", "Not a valid BPMN file")


def parse(source: bytes | str, limits: Limits = DEFAULT_LIMITS) -> Element:
    """The root element. A text is what it is, whatever encoding it names.

    Raises: XmlError for anything malformed, too large, too deep, or with a DTD.
    """
    data = _BLANK_START.sub(b"", source.encode(), count=1) if isinstance(source, str) else _whole(source)
    if len(data) > limits.size:
        raise _refused("文件过大", f"the file is larger than {limits.size} bytes")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        collect_ids=False,
        encoding="utf-8" if isinstance(source, str) else None,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        if getattr(error, "code", 0) in _BAD_ENCODING:
            raise _misread() from error
        raise _unreadable(error, data) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise _refused("不允许 DTD", "a DOCTYPE is not allowed")
    _check_shape(root, limits)
    return root


def _unreadable(error: Exception, data: bytes) -> XmlError:
    """What libxml2 says, and in Chinese where."""
    if not data.strip():
        return _refused("文件是空的", "it is empty")
    if not isinstance(error, etree.XMLSyntaxError):
        return _refused("XML 语法错误", str(error)[:200])
    line, column = error.position
    return _refused(f"XML 语法错误，在第 {line} 行第 {column} 列附近", str(error.msg)[:200])


def decoded(source: bytes) -> str:
    """The text of a document in the encoding that it names, which the text no longer does. Raises: XmlError."""
    source = _whole(source)
    tree = parse(source).getroottree()
    try:
        text = source.decode(tree.docinfo.encoding or "utf-8").lstrip("\ufeff")
    except (LookupError, UnicodeDecodeError):
        return bytes(etree.tostring(tree, encoding="utf-8", xml_declaration=True)).decode()
    return _NAMES_ENCODING.sub(r"\1", text, count=1)


def _whole(source: bytes) -> bytes:
    """Files that name GB2312 or GBK are written with all of GB18030 by many tools, which reads those two as well; blank
    lines that somebody left before the declaration go."""
    return _NAMES_A_PART.sub(rb"\1gb18030\2", _BLANK_START.sub(b"", source, count=1), count=1)


def _misread() -> XmlError:
    return _refused(
        "文字编码与文件里写明的不一致（没有写明就是 UTF-8），请在原来的工具里另存为 UTF-8",
        "its bytes are not in the encoding it names (UTF-8 when it names none): save it as UTF-8 where it comes from",
    )


def _check_shape(root: Element, limits: Limits) -> None:
    depth = count = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        count += event == "start"
        if depth > limits.depth:
            raise _refused("嵌套过深", f"elements are nested deeper than {limits.depth}")
        if count > limits.elements:
            raise _refused("元素过多", f"there are more than {limits.elements} elements")
        if event == "start" and len(element.attrib) > limits.attributes:
            raise _refused("属性过多", f"an element has more than {limits.attributes} attributes")


def _refused(zh: str, en: str) -> XmlError:
    return XmlError(message=Text(f"文件无法读取：{zh}", f"The file cannot be read: {en}"))


def local(element: Element) -> str:
    """The tag without its namespace; empty for comments and processing instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def namespace(element: Element) -> str:
    """The namespace of the tag; empty when there is none."""
    tag = element.tag
    return tag[1:].partition("}")[0] if isinstance(tag, str) and tag.startswith("{") else ""


def is_bpmn(element: Element, name: str | None = None) -> bool:
    """True for an element of the BPMN model namespace (with that local name)."""
    tag: object = element.tag
    if not isinstance(tag, str):
        return False
    return tag.startswith(_BPMN_TAG) if name is None else tag == _BPMN_TAG + name


def children(element: Element, name: str, space: str = BPMN) -> list[Element]:
    """Direct children with that name."""
    wanted = f"{{{space}}}{name}"
    return [item for item in element if item.tag == wanted]


def child(element: Element, name: str, space: str = BPMN) -> Element | None:
    """The first direct child with that name, or None."""
    wanted = f"{{{space}}}{name}"
    for item in element:
        if item.tag == wanted:
            return item
    return None


def text(element: Element | None) -> str:
    """All text inside, stripped; empty for None."""
    return "".join(str(part) for part in element.itertext()).strip() if element is not None else ""


def attribute(element: Element, name: str, default: str = "") -> str:
    """The attribute, stripped."""
    return (element.get(name) or default).strip()


def reference(value: str | None) -> str | None:
    """A QName reference without its prefix; None when empty."""
    stripped = (value or "").strip()
    return stripped.rpartition(":")[2] or None


def is_true(element: Element, name: str, default: bool = False) -> bool:
    """An xsd:boolean attribute."""
    value = attribute(element, name)
    return value in {"true", "1"} if value else default


def line(element: Element) -> int:
    """The line in the source; 0 when unknown."""
    return int(str(element.sourceline)) if element.sourceline is not None else 0


def extensions(element: Element) -> list[Element]:
    """The children of the element's extensionElements."""
    holder = child(element, "extensionElements")
    return [item for item in holder if isinstance(item.tag, str)] if holder is not None else []


def extensions_named(element: Element, name: str, space: str) -> list[Element]:
    """The children of the element's extensionElements with that name."""
    holder = child(element, "extensionElements")
    return children(holder, name, space) if holder is not None else []
