"""Operations on one thing, ``POST <things>/{id}/<operation>``: each a line that names its body and its use-case."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields

from engine.kernel.uow import Tx
from webapp.api import base
from webapp.api.schema import Nothing, result_of, to_plain

Act = Callable[[Tx, UUID, Mapping[str, Any]], object]


class DryRun(Schema):
    """`dry_run=true`: only show what would happen."""

    dry_run = fields.Boolean(load_default=False)


def operation(
    area: base.Area,
    path: str,
    says: str,
    body: type[Schema],
    act: Act,
    *,
    preview: type | None = None,
    answer: type[Schema] = Nothing,
) -> None:
    """Adds an operation. ``path`` ends with its name and holds one id; ``says`` is its line in the documents.

    ``act(tx, id, body)`` is run once per `Idempotency-Key`; its result is answered as ``{"result": ...}``. With
    ``preview`` (the dataclass it answers) the body also holds ``dry_run``, taken from the query.
    """

    def view(*given: Mapping[str, Any], **ids: UUID) -> Response:
        merged = {name: value for part in given for name, value in part.items()}
        (item_id,) = ids.values()
        return base.write(lambda tx: {"result": to_plain(act(tx, item_id, merged))})

    view.__name__, view.__doc__ = path.rpartition("/")[2].replace("-", "_"), says
    found: Any = area.response(200, result_of(preview) if preview else answer)(view)
    if preview:
        found = area.arguments(DryRun, location="query")(found)
    area.post(path)(area.arguments(body)(found))
