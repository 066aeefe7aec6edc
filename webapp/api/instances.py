"""Running cases: look, and operate."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields, validate

from engine.workflow import bulk, incidents, instances, tasks
from engine.workflow.instances.reading import InstanceRowView
from webapp.api import base, previews
from webapp.api.operating import operation
from webapp.api.schema import JobStarted, Opened, page_of, schema_of

blueprint = base.blueprint("instances", "Process instances 流程实例")


class Search(Schema):
    """Which instances, and where to go on."""

    process = fields.String(load_default=None)
    status = fields.String(load_default=None)
    record_object = fields.String(load_default=None)
    record_id = fields.UUID(load_default=None)
    search = fields.String(load_default="", validate=validate.Length(max=100))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))
    after = fields.String(load_default=None)


class Paging(Schema):
    """Where to go on in a list."""

    limit = fields.Integer(load_default=50, validate=validate.Range(1, 500))
    after = fields.String(load_default=None)


class Reason(Schema):
    """Why; it stays in the trail."""

    reason = fields.String(load_default="", validate=validate.Length(max=2000))


class Move(Reason):
    """Cancel these activations and go on at another node."""

    cancel = fields.List(fields.Integer(), load_default=list)
    target = fields.String(required=True)


class At(Reason):
    """One place of the instance."""

    activation = fields.Integer(required=True)


class Join(Reason):
    """A join of the instance's process."""

    node = fields.String(required=True, validate=validate.Length(1, 200))


class Stage(Schema):
    """An ad-hoc sub-process that is open in the case."""

    activation = fields.Integer(required=True)


class StageActivity(Stage):
    """One of its activities."""

    node = fields.String(required=True, validate=validate.Length(1, 200))


class Bulk(Reason):
    """One operation on many instances; on tasks for `transfer`. What it needs besides goes into the other fields."""

    operation = fields.String(
        required=True, validate=validate.OneOf(["retry", "cancel", "suspend", "resume", "migrate", "transfer"])
    )
    ids = fields.List(fields.UUID(), required=True, validate=validate.Length(1, bulk.LIMIT))
    to = fields.String(load_default=None)
    from_version_id = fields.String(load_default=None)
    to_version_id = fields.String(load_default=None)
    mapping = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)


class Variables(Reason):
    """New values of process variables."""

    variables = fields.Dict(keys=fields.String(), required=True)


class ToVersion(Schema):
    """The version to go on with; `mapping` names nodes whose id changed."""

    to_version = fields.UUID(required=True)
    mapping = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)


class Event(Schema):
    """One entry of a case's trail."""

    id = fields.UUID()
    at = fields.AwareDateTime()
    actor_kind = fields.String()
    actor_id = fields.String()
    actor_name = fields.String()
    on_behalf_of = fields.String(allow_none=True)
    action = fields.String()
    subject_kind = fields.String()
    subject_id = fields.String()
    data = fields.Dict()


@blueprint.get("/instances")
@blueprint.arguments(Search, location="query")
@blueprint.response(200, page_of(InstanceRowView))
def search(arguments: Mapping[str, Any]) -> Response:
    """Instances the actor may see, newest first."""
    record = (arguments["record_object"], arguments["record_id"]) if arguments["record_id"] else None
    query = instances.InstanceQuery(
        process_key=arguments["process"],
        status=arguments["status"],
        record=record,
        search=arguments["search"],
        limit=arguments["limit"],
        after=arguments["after"],
    )
    return base.shown(lambda tx: instances.search(tx, query))


@blueprint.get("/instances/<uuid:instance_id>")
@blueprint.response(200, schema_of(instances.InstanceView))
def show(instance_id: UUID) -> Response:
    """State, where it stands, and the variables the actor may read."""
    return base.shown(lambda tx: instances.get(tx, instance_id))


@blueprint.get("/instances/<uuid:instance_id>/history")
@blueprint.arguments(Paging, location="query")
@blueprint.response(200, page_of(Event))
def history(arguments: Mapping[str, Any], instance_id: UUID) -> Response:
    """What happened in it, in order."""
    return base.listed(
        lambda tx: instances.history(tx, instance_id, limit=arguments["limit"], after=arguments["after"])
    )


@blueprint.get("/instances/<uuid:instance_id>/diagram")
@blueprint.response(200, schema_of(instances.Diagram))
def diagram(instance_id: UUID) -> Response:
    """The model's XML with the state of each element."""
    return base.shown(lambda tx: instances.diagram(tx, instance_id))


@blueprint.get("/instances/<uuid:instance_id>/offers")
@blueprint.response(200, page_of(instances.adhoc.OpenBody))
def offers(instance_id: UUID) -> Response:
    """Open ad-hoc sub-processes with the activities the actor can begin; nothing for who may look only."""
    return base.listed(lambda tx: instances.adhoc.offers(tx, instance_id))


_ONE = "/instances/<uuid:instance_id>"


for _name, _says, _body, _act in (
    ("suspend", "Stops the case where it is.", Reason,
     lambda tx, one, body: instances.suspend(tx, one, body["reason"])),
    ("resume", "Lets a suspended case go on.", Reason,
     lambda tx, one, body: instances.resume(tx, one, body["reason"])),
    ("retry", "Tries a failed place again.", At,
     lambda tx, one, body: instances.retry(tx, one, body["activation"])),
    ("variables", "Changes variables; the trail keeps both values.", Variables,
     lambda tx, one, body: instances.set_variables(tx, one, body["variables"], body["reason"])),
    ("finish-stage", "Ends an ad-hoc sub-process in which nothing runs; one with a condition ends by that.", Stage,
     lambda tx, one, body: instances.adhoc.finish(tx, one, body["activation"])),
):  # fmt: skip
    operation(blueprint, f"{_ONE}/{_name}", _says, _body, _act)
operation(
    blueprint,
    f"{_ONE}/begin-activity",
    "Begins an activity of an open ad-hoc sub-process; the answer lists the tasks this opened for the actor.",
    StageActivity,
    lambda tx, one, body: instances.adhoc.begin(tx, one, body["activation"], body["node"]),
    answer=Opened,
)
for _name, _says, _body, _foresee, _preview in (
    ("cancel", "Ends the case; what it holds is given back. The answer lists what is cancelled and what has left.",
     Reason, previews.cancel, tasks.Preview),
    ("move", "Moves the case to another node; an approval of a money process can't be passed.", Move, previews.move,
     instances.MovePreview),
    ("pass-join", "Goes on behind a join that waits for ever, with what has come there.", Join, previews.pass_join,
     instances.MovePreview),
    ("skip", "Goes on behind a failed place, with a reason; an approval of a money process can't be skipped.", At,
     previews.skip, instances.MovePreview),
):  # fmt: skip
    operation(blueprint, f"{_ONE}/{_name}", _says, _body, _foresee, preview=previews.foreseen(_preview))
operation(
    blueprint,
    f"{_ONE}/migrate",
    "Goes on with another version of its process; `skipped` says why it can't.",
    ToVersion,
    previews.migrate,
    preview=previews.foreseen(instances.MigrationResult),
)


@blueprint.get("/incidents")
@blueprint.arguments(Paging, location="query")
@blueprint.response(200, page_of(incidents.IncidentRow))
def open_incidents(arguments: Mapping[str, Any]) -> Response:
    """Failures that wait for a person."""
    return base.listed(lambda tx: incidents.open_incidents(tx, limit=arguments["limit"], after=arguments["after"]))


@blueprint.post("/instances/bulk")
@blueprint.arguments(Bulk)
@blueprint.response(202, JobStarted)
def change_many(body: Mapping[str, Any]) -> Response:
    """The same operation on many, in the background; rights are checked for each."""
    parameters = {name: value for name, value in body.items() if name not in ("operation", "ids") and value}
    return base.write(lambda tx: {"job": bulk.enqueue(tx, body["operation"], body["ids"], parameters)}, status=202)
