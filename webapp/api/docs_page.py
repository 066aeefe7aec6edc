"""The documentation page of the API: the OpenAPI document as a readable page, with a request to copy for each call."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Flask, Response, current_app, request

from engine.kernel.text import Text
from webapp.render import page
from webapp.request import platform
from webapp.security import sessions

blueprint = Blueprint("api_docs", __name__)
_SPEC = "schoolflow.openapi"
_METHODS = ("get", "post", "patch", "delete")
_EXAMPLES = {"string": "…", "integer": 1, "number": 1, "boolean": True, "array": [], "object": {}}


@dataclass(frozen=True)
class Parameter:
    """One input besides the body. ``place``: path, query or header."""

    name: str
    place: str
    kind: str
    required: bool
    meaning: str


@dataclass(frozen=True)
class Operation:
    """One call."""

    id: str
    method: str
    path: str
    summary: str
    parameters: tuple[Parameter, ...]
    body: str
    curl: str
    statuses: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """The calls of one area."""

    id: str
    label: Text
    operations: tuple[Operation, ...]


def install(app: Flask, spec: Any) -> None:
    """Adds the page; whoever is signed in keeps his language and dark mode on it."""
    app.extensions[_SPEC] = spec
    app.register_blueprint(blueprint)
    app.before_request_funcs.setdefault(blueprint.name, []).append(sessions.load_if_any)


@blueprint.get("/api/docs")
def show() -> Response:
    """All calls, by area."""
    document = current_app.extensions[_SPEC].to_dict()
    address = platform().settings.public_url or request.host_url.rstrip("/")
    return page("api/docs.html", parts=parts_of(document, address), address=address)


def parts_of(document: Mapping[str, Any], address: str) -> tuple[Part, ...]:
    """The document's operations under their tags, in the order of the tags."""
    found: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        shared = methods.get("parameters", [])
        for method in _METHODS:
            if method in methods:
                operation = _operation(document, method, path, methods[method], shared, address)
                found.setdefault(methods[method]["tags"][0], []).append(operation)
    labels = {tag["name"]: _label(tag.get("description", tag["name"])) for tag in document["tags"]}
    return tuple(Part(tag, label, tuple(found[tag])) for tag, label in labels.items() if tag in found)


def _label(description: str) -> Text:
    """An area's description is its English name, then its Chinese one."""
    split = next((at for at, letter in enumerate(description) if letter > "\u2e80"), len(description))
    return Text(description[split:] or description, description[:split].strip() or description)


def _operation(
    document: Mapping[str, Any], method: str, path: str, source: Mapping[str, Any], shared: list[Any], address: str
) -> Operation:
    body = _body(document, source)
    return Operation(
        id=source["operationId"],
        method=method.upper(),
        path=path,
        summary=source.get("summary", ""),
        parameters=tuple(_parameters([*shared, *source.get("parameters", [])])),
        body=body,
        curl=_curl(method, f"{address}{path}", body),
        statuses=tuple(sorted(status for status in source["responses"] if status.isdigit())),
    )


def _parameters(sources: list[Any]) -> Iterator[Parameter]:
    for one in sources:
        schema = one.get("schema", {})
        kind = schema.get("type", "")
        kind = "/".join(part for part in kind if part != "null") if isinstance(kind, list) else kind
        yield Parameter(one["name"], one["in"], kind, bool(one.get("required")), one.get("description", ""))


def _body(document: Mapping[str, Any], source: Mapping[str, Any]) -> str:
    """An example of the JSON body; empty when there is none."""
    content = source.get("requestBody", {}).get("content", {}).get("application/json")
    if content is None:
        return ""
    return json.dumps(_example(document, content["schema"], 0), ensure_ascii=False, indent=2)


def _example(document: Mapping[str, Any], schema: Mapping[str, Any], depth: int) -> Any:
    if "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if depth > 4:
        return {}
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("properties"):
        return {name: _example(document, one, depth + 1) for name, one in schema["properties"].items()}
    kind = schema.get("type", "object")
    return _EXAMPLES.get(kind[0] if isinstance(kind, list) else kind)


def _curl(method: str, url: str, body: str) -> str:
    lines = [f"curl -X {method.upper()} '{url}'", '-H "Authorization: Bearer $TOKEN"']
    if body:
        lines += ["-H 'Content-Type: application/json'", f"-d '{json.dumps(json.loads(body), ensure_ascii=False)}'"]
    return " \\\n  ".join(lines)
