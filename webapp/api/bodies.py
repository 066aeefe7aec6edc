"""Reads JSON bodies: too deep, too long a number, no text at all: a bad request, never a failure of ours."""

from typing import Any

from flask import Request
from marshmallow import Schema
from webargs.flaskparser import FlaskParser

from engine.kernel.errors import BadRequest
from engine.kernel.text import Text
from webapp.security.texts import require_usable

_UNREADABLE = Text("请求内容不是可读取的 JSON", "The body is no JSON that can be read")


class BodyParser(FlaskParser):
    """The schema library's parser, with typed refusals."""

    def load_json(self, req: Request, schema: Schema) -> Any:
        """The body as JSON. Raises: BadRequest."""
        try:
            found = super().load_json(req, schema)
        except (RecursionError, ValueError) as error:
            raise BadRequest("unreadable_json", _UNREADABLE) from error
        require_usable(found)
        return found
