"""Files as answers: never run by the browser, named as they were."""

from urllib.parse import quote

from flask import Response

_SHOWN = {"image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf"}


def attachment(name: str, media_type: str, content: bytes, *, inline: bool = False) -> Response:
    """The file; ``inline`` shows images and PDF in the page, everything else is always downloaded."""
    shown = inline and media_type in _SHOWN
    response = Response(content, mimetype=media_type if shown else "application/octet-stream")
    kind = "inline" if shown else "attachment"
    response.headers["Content-Disposition"] = f"{kind}; filename*=UTF-8''{quote(name)}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    response.headers["Cache-Control"] = "private, no-store"
    return response
