"""What every endpoint needs: who asks, one unit of work, versions, idempotent writes."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from flask import Response, current_app, g, make_response, request
from flask_smorest import Blueprint
from werkzeug.datastructures import ETags

from engine.kernel import idempotency
from engine.kernel.actor import Actor
from engine.kernel.errors import BadRequest, PreconditionRequired, Unauthenticated
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import snapshot
from webapp.api.bodies import BodyParser
from webapp.api.schema import to_plain
from webapp.request import platform

T = TypeVar("T")
PREFIX = "/api/v1"

_IDEMPOTENCY_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    "description": "Repeating the request with this key within a day gives the stored answer again.",
}
_IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": False,
    "schema": {"type": "string"},
    "description": "The record's version: 428 without it, 412 when somebody was faster.",
}


class Area(Blueprint):  # type: ignore[misc]  # flask-smorest has no types
    """A group of endpoints; each operation is named after area and function and says which headers it takes."""

    ARGUMENTS_PARSER = BodyParser()

    def __init__(self, name: str, description: str) -> None:
        super().__init__(f"api_{name}", __name__, url_prefix=PREFIX, description=description)
        self._prepare_doc_cbks.append(_describe_headers)
        self._area = name

    def _store_endpoint_docs(self, endpoint: str, obj: Any, parameters: Any, tags: Any, **options: Any) -> None:
        super()._store_endpoint_docs(endpoint, obj, parameters, tags, **options)
        for method, found in self._docs[endpoint].items():
            if method != "parameters":
                found.setdefault("manual_doc", {}).setdefault("operationId", f"{self._area}_{endpoint}")


def blueprint(name: str, description: str) -> Area:
    """A group of endpoints under the API's prefix."""
    return Area(name, description)


def _describe_headers(doc: dict[str, Any], info: Mapping[str, Any], *, method: str, **_: Any) -> dict[str, Any]:
    if method != "get":
        doc.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)
    if method == "patch":
        doc["parameters"].append(_IF_MATCH)
    for status in ("401", "403", "404", "409", "429"):
        doc.setdefault("responses", {}).setdefault(status, {"$ref": "#/components/responses/DEFAULT_ERROR"})
    return doc


def actor() -> Actor:
    """Who the bearer token belongs to. Raises: Unauthenticated."""
    found = getattr(g, "api_actor", None)
    if found is None:
        raise Unauthenticated
    assert isinstance(found, Actor)
    return found


def read(use_case: Callable[[Tx], T]) -> T:
    """Runs a use-case that only reads (or logs that it was read)."""
    return platform().boundary.run(actor(), use_case)


def shown(use_case: Callable[[Tx], Any]) -> Response:
    """Runs a use-case that only reads and answers its result as JSON."""
    return answer(read(use_case))


def listed(use_case: Callable[[Tx], Any]) -> Response:
    """Runs a use-case that reads a bounded list; it is answered in the shape of all lists, without a next page."""
    return answer({"items": list(read(use_case)), "next": None})


def write(
    use_case: Callable[[Tx], Any], *, status: int = 200, recheck: Callable[[Tx, Any], object] | None = None
) -> Response:
    """Runs a use-case once per ``Idempotency-Key`` and answers its result as JSON.

    ``recheck(tx, body)`` runs before a stored answer is given again, and raises when the actor may no longer see it.
    """
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 1 <= len(key) <= 200:
        raise BadRequest(
            "idempotency_key", Text("Idempotency-Key 长度应为 1 到 200", "Idempotency-Key: 1 to 200 characters")
        )

    def once(tx: Tx) -> idempotency.Answer:
        snapshot.foresee(tx)
        if key is None:
            return idempotency.Answer(status, to_plain(use_case(tx)))
        asked = idempotency.Request(request.method, request.path, key, request.get_data(cache=True))
        stored = idempotency.begin(tx, asked)
        if stored is not None:
            if recheck:
                recheck(tx, stored.body)
            return stored
        given = idempotency.Answer(status, to_plain(use_case(tx)))
        idempotency.finish(tx, asked, given)
        return given

    found = platform().boundary.run(actor(), once)
    return answer(found.body, found.status)


def answer(body: Any, status: int = 200) -> Response:
    """A JSON response; 204 carries none."""
    if status == 204:
        return make_response("", 204)
    return make_response(current_app.json.response(to_plain(body)), status)


def with_version(response: Response, version: int) -> Response:
    """The response with the record's version as its ETag."""
    response.set_etag(str(version))
    return response


def required_version() -> int:
    """The version named by ``If-Match``. Raises: PreconditionRequired without it, BadRequest when it is no version."""
    tags: ETags = request.if_match
    if not request.headers.get("If-Match"):
        raise PreconditionRequired
    for tag in tags:
        if tag.isdigit():
            return int(tag)
    raise BadRequest("if_match", Text("If-Match 应为记录的版本号", "If-Match must be the record's version"))
