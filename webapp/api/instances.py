"""Running cases: look, and operate."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields, validate

from engine.kernel.uow import Tx
from engine.workflow import bulk, incidents, instances, tasks
from engine.workflow.instances.reading import InstanceRowView
from webapp.api import base
from webapp.api.schema import Nothing, page_of, result_of, schema_of, to_plain

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


class HandOver(Reason):
    """From whom to whom."""

    from_user = fields.String(required=True)
    to = fields.String(required=True)


class JobStarted(Schema):
    """Follow it under `/jobs/{id}`; its result counts what was done and lists what was not, with the reason."""

    job_id = fields.UUID()


class Variables(Reason):
    """New values of process variables."""

    variables = fields.Dict(keys=fields.String(), required=True)


class DryRun(Schema):
    """`dry_run=true`: only show what would happen."""

    dry_run = fields.Boolean(load_default=False)


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


def _operate(use_case: Callable[[Tx], Any]) -> Response:
    return base.write(lambda tx: {"result": to_plain(use_case(tx))})


@blueprint.post("/instances/<uuid:instance_id>/suspend")
@blueprint.arguments(Reason)
@blueprint.response(200, Nothing)
def suspend(body: Mapping[str, Any], instance_id: UUID) -> Response:
    """Stops the case where it is."""
    return _operate(lambda tx: instances.suspend(tx, instance_id, body["reason"]))


@blueprint.post("/instances/<uuid:instance_id>/resume")
@blueprint.arguments(Reason)
@blueprint.response(200, Nothing)
def resume(body: Mapping[str, Any], instance_id: UUID) -> Response:
    """Lets a suspended case go on."""
    return _operate(lambda tx: instances.resume(tx, instance_id, body["reason"]))


@blueprint.post("/instances/<uuid:instance_id>/cancel")
@blueprint.arguments(Reason)
@blueprint.arguments(DryRun, location="query")
@blueprint.response(200, result_of(tasks.Preview))
def cancel(body: Mapping[str, Any], query: Mapping[str, Any], instance_id: UUID) -> Response:
    """Ends the case; what it holds is given back. The answer lists what is cancelled and what has already left."""
    return _operate(lambda tx: instances.cancel(tx, instance_id, body["reason"], dry_run=query["dry_run"]))


@blueprint.post("/instances/<uuid:instance_id>/move")
@blueprint.arguments(Move)
@blueprint.arguments(DryRun, location="query")
@blueprint.response(200, result_of(instances.MovePreview))
def move(body: Mapping[str, Any], query: Mapping[str, Any], instance_id: UUID) -> Response:
    """Moves the case to another node; an approval of a money process can't be passed."""
    return _operate(
        lambda tx: instances.move(
            tx,
            instance_id,
            cancel=tuple(body["cancel"]),
            target=body["target"],
            reason=body["reason"],
            dry_run=query["dry_run"],
        )
    )


@blueprint.post("/instances/<uuid:instance_id>/retry")
@blueprint.arguments(At)
@blueprint.response(200, Nothing)
def retry(body: Mapping[str, Any], instance_id: UUID) -> Response:
    """Tries a failed place again."""
    return _operate(lambda tx: instances.retry(tx, instance_id, body["activation"]))


@blueprint.post("/instances/<uuid:instance_id>/skip")
@blueprint.arguments(At)
@blueprint.arguments(DryRun, location="query")
@blueprint.response(200, result_of(instances.MovePreview))
def skip(body: Mapping[str, Any], query: Mapping[str, Any], instance_id: UUID) -> Response:
    """Goes on behind a failed place, with a reason; an approval of a money process can't be skipped."""
    return _operate(
        lambda tx: instances.skip(tx, instance_id, body["activation"], body["reason"], dry_run=query["dry_run"])
    )


@blueprint.post("/instances/<uuid:instance_id>/variables")
@blueprint.arguments(Variables)
@blueprint.response(200, Nothing)
def set_variables(body: Mapping[str, Any], instance_id: UUID) -> Response:
    """Changes variables; the trail keeps both values."""
    return _operate(lambda tx: instances.set_variables(tx, instance_id, body["variables"], body["reason"]))


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
    return base.write(
        lambda tx: {"job_id": str(bulk.enqueue(tx, body["operation"], body["ids"], parameters))}, status=202
    )


@blueprint.post("/tasks/hand-over")
@blueprint.arguments(HandOver)
@blueprint.response(202, JobStarted)
def hand_over(body: Mapping[str, Any]) -> Response:
    """All open tasks of a person who leaves go to a colleague, in the background."""
    return base.write(
        lambda tx: {"job_id": str(bulk.hand_over(tx, body["from_user"], body["to"], body["reason"]))}, status=202
    )
