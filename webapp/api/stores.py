"""Data stores of processes: what all cases of a branch share, seen and corrected by operators."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields, validate

from engine.kernel.uow import Tx
from engine.workflow import stores
from webapp.api import base
from webapp.api.schema import page_of, schema_of, to_plain

blueprint = base.blueprint("stores", "Data stores 数据存储")


class StoredValue(schema_of(stores.StoreRow)):  # type: ignore[misc]  # a schema made from a dataclass
    """A store with what it holds: any JSON value, exact numbers as text."""

    value = fields.Raw(allow_none=True)


class NewValue(Schema):
    """What the store holds from now on, and why; both stay in the trail."""

    value = fields.Raw(required=True, allow_none=True)
    reason = fields.String(required=True, validate=validate.Length(1, 2000))


@blueprint.get("/stores")
@blueprint.response(200, page_of(stores.StoreRow))
def list_stores() -> Response:
    """Data stores of the branches whose processes the actor operates or looks at."""
    return base.listed(stores.listed)


@blueprint.get("/stores/<uuid:branch_id>/<path:name>")
@blueprint.response(200, StoredValue)
def show(branch_id: UUID, name: str) -> Response:
    """One store and what it holds; its version is the `ETag`."""
    found: list[int] = []

    def use_case(tx: Tx) -> dict[str, Any]:
        row, value = stores.get(tx, branch_id, name)
        found.append(row.version)
        return {**to_plain(row), "value": to_plain(value)}

    return base.with_version(base.shown(use_case), found[-1])


@blueprint.patch("/stores/<uuid:branch_id>/<path:name>")
@blueprint.arguments(NewValue)
@blueprint.response(200, schema_of(stores.StoreRow))
def change(body: Mapping[str, Any], branch_id: UUID, name: str) -> Response:
    """Gives it a value; `If-Match` carries the version, 0 for a store that no case has written yet."""
    version = base.required_version()
    return base.write(lambda tx: stores.put(tx, branch_id, name, body["value"], version, body["reason"]))
