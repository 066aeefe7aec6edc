"""Puts the API into the application: OpenAPI document and page, errors as JSON, authentication."""

import logging
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response, jsonify, make_response, request
from flask_smorest import Api
from marshmallow import Schema, ValidationError, fields
from werkzeug.exceptions import HTTPException, UnprocessableEntity

from engine.kernel.errors import SchoolflowError
from engine.kernel.ids import new_id
from engine.kernel.text import Text
from webapp.api import (
    auth,
    base,
    connectors,
    definitions,
    docs_page,
    documents,
    figures,
    files,
    health,
    instances,
    jobs,
    organisation,
    processes,
    records,
    roles,
    school,
    stores,
    tasks,
    trail,
    undelivered,
    views,
)
from webapp.api.messages import explained
from webapp.i18n import locale

log = logging.getLogger(__name__)

_AREAS = (
    auth, definitions, records, school, tasks, instances, processes, jobs, trail, organisation, roles, connectors,
    files, views, documents, stores, undelivered,
)  # fmt: skip
BLUEPRINTS = [area.blueprint for area in _AREAS]


class Problem(Schema):
    """What every refusal looks like; `fields` only when single fields are at fault, `id` only for our own failures."""

    code = fields.String(required=True)
    message = fields.String(required=True)
    hint = fields.String(required=True)
    fields_ = fields.Dict(keys=fields.String(), values=fields.String(), data_key="fields")
    id = fields.UUID()


class _Api(Api):  # type: ignore[misc]  # flask-smorest has no types
    ERROR_SCHEMA = Problem


_CONFIG = {
    "API_TITLE": "Schoolflow",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.1.0",
    "OPENAPI_URL_PREFIX": base.PREFIX,
    "OPENAPI_JSON_PATH": "openapi.json",
    "API_SPEC_OPTIONS": {
        "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}}},
        "security": [{"bearer": []}],
    },
}

_PLAIN = {
    400: Text("无法读取请求", "The request could not be read"),
    404: Text("没有这个地址", "There is no such address"),
    405: Text("此地址不支持该方法", "This address does not take that method"),
    413: Text("请求内容过大", "The request is too large"),
    415: Text("请求的内容类型应为 application/json", "The content type must be application/json"),
}
_INVALID = Text("提交的内容有误", "The request is not valid")
_INTERNAL = Text("系统出错了，我们已记录", "Something went wrong on our side; it has been recorded")


def install(app: Flask) -> None:
    """Adds every endpoint, the OpenAPI document, and the health checks."""
    app.config.update(_CONFIG)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # the default provider's: Chinese stays readable
    pages = app.error_handler_spec[None][None].get(HTTPException)
    api = _Api(app)
    app.register_error_handler(HTTPException, _by_address(pages))
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    app.register_blueprint(health.blueprint)
    figures.install(app)
    docs_page.install(app, api.spec)


def _by_address(pages: Callable[[Any], Any] | None) -> Callable[[HTTPException], Any]:
    """What nobody answers: JSON below the API's prefix, else what the pages say (when there are pages)."""

    def answer(error: HTTPException) -> Any:
        return _http(error) if pages is None or request.path.startswith(base.PREFIX) else pages(error)

    return answer


def _guard(blueprint: Blueprint) -> None:
    blueprint.before_request(auth.authenticate)
    blueprint.register_error_handler(SchoolflowError, _explained)
    blueprint.register_error_handler(HTTPException, _http)
    blueprint.register_error_handler(Exception, _unexpected)


def _explained(error: SchoolflowError) -> Response:
    if error.status >= 500:
        return _unexpected(error)
    response = make_response(jsonify(error.as_json(locale())), error.status)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if isinstance(error, UnprocessableEntity):
        return make_response(jsonify(_invalid(error)), 422)
    message = _PLAIN.get(status, _PLAIN[400]).in_locale(locale())
    return make_response(jsonify({"code": f"http_{status}", "message": message, "hint": ""}), status)


def _invalid(error: HTTPException) -> dict[str, object]:
    cause = getattr(error, "exc", None)
    messages = cause.normalized_messages() if isinstance(cause, ValidationError) else {}  # type: ignore[no-untyped-call]
    found: dict[str, str] = {}
    for part in messages.values():
        _flatten(part, "", found)
    return {"code": "invalid", "message": _INVALID.in_locale(locale()), "hint": "", "fields": found}


def _flatten(part: object, path: str, found: dict[str, str]) -> None:
    if isinstance(part, dict):
        for name, inner in part.items():
            _flatten(inner, f"{path}.{name}" if path else str(name), found)
    elif isinstance(part, list):
        found[path] = " ".join(explained(str(item)).in_locale(locale()) for item in part)


def _unexpected(error: Exception) -> Response:
    error_id = str(new_id())
    log.error("unexpected failure %s at %s %s", error_id, request.method, request.path, exc_info=error)
    status = error.status if isinstance(error, SchoolflowError) else 500
    message = (error.message if isinstance(error, SchoolflowError) else _INTERNAL).in_locale(locale())
    return make_response(jsonify({"code": "internal", "message": message, "hint": "", "id": error_id}), status)


for _blueprint in BLUEPRINTS:  # once, at import: a process may hold several applications
    _guard(_blueprint)
