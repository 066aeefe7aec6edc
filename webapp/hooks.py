"""Where devices and providers call: terminals at ``/iclock/*``, webhooks at ``/hooks/<token>/*``.

No session, no form token; the body is read untouched before anything parses it, and is capped.
"""

from uuid import UUID

from flask import Blueprint, Response, request

from connectors.routing import terminal_for
from engine.kernel import connector_store
from engine.kernel.actor import SYSTEM
from engine.kernel.connector import HttpReply, RawRequest
from engine.kernel.delivery import answer_request
from engine.kernel.errors import NotFound, PayloadTooLarge
from webapp.request import platform

blueprint = Blueprint("hooks", __name__)
MAX_BODY = 1024 * 1024
_METHODS = ["GET", "POST", "PUT"]


@blueprint.route("/iclock/<path:rest>", methods=_METHODS)
def terminal(rest: str) -> Response:
    """A terminal that knows only our fixed address and names itself by serial number."""
    return _terminal(rest, "")


@blueprint.route("/d/<token>/iclock/<path:rest>", methods=_METHODS)
def secret_terminal(token: str, rest: str) -> Response:
    """A terminal that was given a secret address."""
    return _terminal(rest, token)


@blueprint.route("/hooks/<token>/", methods=_METHODS, defaults={"rest": ""})
@blueprint.route("/hooks/<token>/<path:rest>", methods=_METHODS)
def webhook(token: str, rest: str) -> Response:
    """A provider's callback."""
    row = platform().boundary.run(SYSTEM, lambda tx: connector_store.by_hook(tx, token))
    if row is None:
        raise NotFound
    return _answer(row.id, _raw(rest, is_secret=True))


def _terminal(rest: str, token: str) -> Response:
    rows = platform().boundary.run(SYSTEM, lambda tx: connector_store.all_rows(tx, enabled_only=True))
    found = terminal_for(rows, request.args.get("SN", ""), token)
    if found is None:
        raise NotFound
    row, is_secret = found
    return _answer(row.id, _raw(f"iclock/{rest}", is_secret=is_secret))


def _answer(connector_id: UUID, raw: RawRequest) -> Response:
    live = platform().fleet.refresh().get(connector_id)
    if live is None:
        raise NotFound
    return _response(answer_request(platform().boundary, live, raw))


def _raw(path: str, *, is_secret: bool) -> RawRequest:
    if (request.content_length or 0) > MAX_BODY:
        raise PayloadTooLarge
    body = request.stream.read(MAX_BODY + 1)
    if len(body) > MAX_BODY:
        raise PayloadTooLarge
    return RawRequest(
        method=request.method,
        path=path,
        query=request.args.to_dict(),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        remote=request.remote_addr or "",
        secret_path=is_secret,
    )


def _response(reply: HttpReply) -> Response:
    response = Response(reply.body, reply.status, content_type=reply.content_type)
    for name, value in reply.headers:
        response.headers[name] = value
    return response
