"""Messages that nobody could be given to: seen and settled by operators."""

from flask import Response
from marshmallow import Schema, fields, validate

from engine.workflow import messages
from webapp.api import base
from webapp.api.operating import operation
from webapp.api.schema import page_of, schema_of

blueprint = base.blueprint("undelivered", "Undelivered messages 送不到的消息")


class Settling(Schema):
    """`again`: look for its receiver once more; `drop`: forget it; `give`: to the case `to`, which waits for it."""

    decision = fields.String(required=True, validate=validate.OneOf(("again", "drop", "give")))
    to = fields.UUID(load_default=None)
    reason = fields.String(load_default="", validate=validate.Length(max=500))


@blueprint.get("/undelivered-messages")
@blueprint.response(200, page_of(messages.UndeliveredMessage))
def undelivered_messages() -> Response:
    """Messages several cases wait for, or whose handling kept failing, with the cases each may be given to."""
    return base.listed(messages.undelivered_messages)


operation(
    blueprint,
    "/undelivered-messages/<uuid:incident_id>/settle",
    "Settles one: looks for its receiver again, gives it to the case that is meant, or forgets it.",
    Settling,
    lambda tx, one, body: messages.settle_message(tx, one, body["decision"], body["reason"], to=body["to"]),
    answer=schema_of(messages.Correlation),
)
