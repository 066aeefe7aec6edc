"""From a template to an answer: a whole page, a fragment for htmx, or a dialog, all of the same template."""

import json
from collections.abc import Mapping
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request

_LAYOUTS = {"div#sheet-content": "layouts/dialog.html"}


def layout() -> str:
    """Which frame the answer gets: the shell, nothing, or a dialog."""
    if not request.headers.get("HX-Request") or request.headers.get("HX-History-Restore-Request"):
        return "layouts/page.html"
    return _LAYOUTS.get(request.headers.get("HX-Target", ""), "layouts/fragment.html")


def page(template: str, *, status: int = 200, toast: str | None = None, **context: Any) -> Response:
    """The template in the frame that the request asks for. ``toast`` shows beside a fragment."""
    response = make_response(render_template(template, layout=layout(), **context), status)
    response.headers["Vary"] = "HX-Request, HX-Target"
    if toast:
        response.headers["HX-Trigger"] = json.dumps({"toast": {"kind": "success", "text": toast}})
    return response


def go(url: str, message: str | Mapping[str, str] | None = None, kind: str = "success") -> Response:
    """On to another page; a message is shown there once."""
    if message:
        flash(message, kind)  # type: ignore[arg-type]  # a mapping with an undo address is a message too
    if request.headers.get("HX-Request"):
        return Response(status=204, headers={"HX-Redirect": url})
    return make_response(redirect(url, 303))
