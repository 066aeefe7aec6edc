"""The built front end: names with hashes, served compressed and for ever."""

import json
import mimetypes
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, abort, request, url_for
from markupsafe import Markup

from engine.kernel.errors import SetupError
from engine.kernel.text import Text

BUILD = Path(__file__).parent / "static" / "build"
_YEAR_S = 365 * 24 * 3600
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))

blueprint = Blueprint("assets", __name__)


@lru_cache(maxsize=1)
def manifest() -> dict[str, str]:
    """Logical name (``app.js``) to built file. Raises: SetupError when the front end is not built."""
    path = BUILD / "manifest.json"
    if not path.exists():
        raise SetupError(
            "frontend_not_built",
            Text("前端尚未构建：请先运行 npm ci --ignore-scripts 和 npm run build",
                 "The front end is not built: run npm ci --ignore-scripts and npm run build first"),
        )  # fmt: skip
    names: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return names


def asset(name: str) -> str:
    """The address of a built file."""
    return url_for("assets.built", name=manifest()[name])


def has_asset(name: str) -> bool:
    """True when the front end was built with this bundle."""
    return name in manifest()


@lru_cache(maxsize=1)
def icons() -> frozenset[str]:
    """Names in the sprite."""
    return frozenset(json.loads((BUILD / "icons.json").read_text(encoding="utf-8")))


def icon(name: str, css: str = "") -> Markup:
    """An icon of the sprite (a plain one for unknown names), hidden from screen readers: its text stands beside it."""
    name = name if name in icons() else "point"
    return Markup('<svg class="icon {}" aria-hidden="true"><use href="{}#{}"/></svg>').format(
        css, asset("icons.svg"), name
    )


@blueprint.get("/static/build/<name>")
def built(name: str) -> Response:
    """One built file, in the smallest encoding the browser takes."""
    path = BUILD / name
    if "/" in name or name.startswith(".") or not path.is_file():
        abort(404)
    for encoding, suffix in _ENCODINGS:
        packed = path.with_name(name + suffix)
        if request.accept_encodings[encoding] > 0 and packed.exists():
            return _response(packed, name, encoding)
    return _response(path, name, "")


def _response(path: Path, name: str, encoding: str) -> Response:
    response = Response(path.read_bytes(), mimetype=mimetypes.guess_type(name)[0] or "application/octet-stream")
    response.headers["Cache-Control"] = f"public, max-age={_YEAR_S}, immutable"
    response.headers["Vary"] = "Accept-Encoding"
    if encoding:
        response.headers["Content-Encoding"] = encoding
    return response
