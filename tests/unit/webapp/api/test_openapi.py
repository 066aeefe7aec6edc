"""The OpenAPI document: complete, unambiguous, and only of what exists."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from webapp.api import application


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    app = Flask(__name__)
    application.install(app)
    found: dict[str, Any] = app.test_client().get("/api/v1/openapi.json").get_json()
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if method in ("get", "post", "patch", "delete", "put"):
                yield f"{method.upper()} {path}", operation


def test_document_is_openapi_31_with_a_bearer_token(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    assert document["security"] == [{"bearer": []}]
    assert document["components"]["securitySchemes"]["bearer"] == {"type": "http", "scheme": "bearer"}


def test_every_operation_says_what_it_does(document: dict[str, Any]) -> None:
    assert [name for name, one in operations(document) if not one.get("summary")] == []


def test_operation_ids_are_unique(document: dict[str, Any]) -> None:
    ids = [one.get("operationId") for _, one in operations(document)]
    assert None not in ids
    assert len(set(ids)) == len(ids)


def test_every_operation_describes_its_answer_and_its_errors(document: dict[str, Any]) -> None:
    silent = []
    for name, one in operations(document):
        good = [answer for status, answer in one["responses"].items() if status.startswith("2")]
        has_body = any(answer.get("content") for answer in good)
        if not (has_body or "204" in one["responses"]):
            silent.append(name)
        assert "401" in one["responses"] or one.get("security") == [], name
    assert silent == []


def test_every_path_is_under_the_version(document: dict[str, Any]) -> None:
    assert all(path.startswith("/api/v1/") for path in document["paths"])


def test_money_is_described_as_text(document: dict[str, Any]) -> None:
    charge = document["components"]["schemas"]["ChargingChargeResult"]["properties"]["amount"]
    assert (charge["type"], charge["format"]) == ("string", "decimal")
