"""What every response says about what a browser may do with it."""

from flask import Flask, Response, request

_POLICY = (
    "default-src 'self'; script-src 'self'; img-src 'self' data:; font-src 'self' data:; {style}; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
STRICT = _POLICY.format(style="style-src 'self'")
STUDIO = _POLICY.format(style="style-src 'self' 'unsafe-inline'")
"""The bpmn.io tools set style attributes: only pages with a diagram may (blueprints of these names)."""

_STUDIO_BLUEPRINTS = {"studio", "instances", "migrations", "branchways"}
_FIXED = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def install(app: Flask) -> None:
    """Adds the headers to every response."""
    app.after_request(_add)


def _add(response: Response) -> Response:
    policy = STUDIO if request.blueprint in _STUDIO_BLUEPRINTS else STRICT
    response.headers.setdefault("Content-Security-Policy", policy)
    for name, value in _FIXED.items():
        response.headers.setdefault(name, value)
    response.headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
