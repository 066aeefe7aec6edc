"""Texts that no database takes and no answer can hold are refused at the door: NUL, and halves of surrogate pairs."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask import Flask, request

from engine.kernel.errors import BadRequest
from engine.kernel.text import Text

_UNUSABLE = re.compile("[\x00\ud800-\udfff]")
_FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}
_RAW = {"hooks"}
"""Blueprints that read the body themselves."""


def install(app: Flask) -> None:
    """Checks address, question, form and names of files of every request."""
    app.before_request(_check)


def require_usable(value: Any) -> None:
    """Looks through a JSON value, keys too. Raises: BadRequest."""
    waiting = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, str):
            _require(found)
        elif isinstance(found, Mapping):
            waiting += [*found.keys(), *found.values()]
        elif isinstance(found, list):
            waiting += found


def _check() -> None:
    for text in _texts():
        _require(text)


def _texts() -> Iterator[str]:
    yield request.path
    yield from _pairs(request.args.items(multi=True))
    if request.mimetype in _FORMS and request.blueprint not in _RAW:
        yield from _pairs(request.form.items(multi=True))
        for name, file in request.files.items(multi=True):
            yield from (name, file.filename or "")


def _pairs(found: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, value in found:
        yield from (name, value)


def _require(text: str) -> None:
    if _UNUSABLE.search(text):
        raise BadRequest(
            "unusable_text", Text("文本中含有无法保存的字符", "The text holds a character that can't be stored")
        )
