"""Processes: list, check, deploy, read, start, migrate."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields, validate

from engine.workflow import deployments, instances, messages
from engine.workflow.bpmn.findings import Finding
from engine.workflow.overlays import saving
from engine.workflow.overlays.overlay import OverlayRow
from webapp.api import base
from webapp.api.schema import Anything, Identified, UserId, page_of, schema_of

blueprint = base.blueprint("processes", "Process models and messages 流程与消息")


class Sources(Schema):
    """Files by name: `.bpmn`, `.dmn`, forms: `.json` of ours, `.form` and `.json` of other tools."""

    sources = fields.Dict(
        keys=fields.String(validate=validate.Regexp(r"^[^/\\]{1,120}\.(bpmn|dmn|json|form)$")),
        values=fields.String(validate=validate.Length(max=8_000_000)),
        required=True,
        validate=validate.Length(1, 50),
    )


class Deployment(Sources):
    """Files with a name for the deployment and a tag that call activities may bind to."""

    name = fields.String(load_default="", validate=validate.Length(max=200))
    tag = fields.String(load_default=None, validate=validate.Length(max=80))


class BoundRecord(Schema):
    """The record the instance is about."""

    object = fields.String(required=True)
    id = fields.UUID(required=True)


class Start(Schema):
    """What the instance starts with."""

    record = fields.Nested(BoundRecord, load_default=None, allow_none=True)
    branch_id = fields.UUID(load_default=None)
    variables = fields.Dict(keys=fields.String(), load_default=dict)
    choose = fields.Dict(keys=fields.String(), values=fields.List(UserId()), load_default=dict)


class Message(Schema):
    """A message: name, correlation keys, payload, and an id that makes it count once."""

    name = fields.String(required=True, validate=validate.Length(1, 200))
    keys = fields.Dict(keys=fields.String(), load_default=dict)
    payload = fields.Dict(keys=fields.String(), load_default=dict)
    id = fields.String(required=True, validate=validate.Length(1, 200))
    branch_id = fields.UUID(load_default=None)
    ttl_s = fields.Integer(load_default=None, validate=validate.Range(0, 30 * 86_400))


class Migration(Schema):
    """From one version to another; `mapping` names nodes whose id changed."""

    from_version = fields.UUID(required=True)
    to_version = fields.UUID(required=True)
    mapping = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)
    ids = fields.List(fields.UUID(), load_default=None)


class ProcessOverlay(Schema):
    """What a branch changes: `tasks` by node id (`assignees`, `due`, `form`), and decision tables and forms by name."""

    branch_id = fields.UUID(required=True)
    tasks = fields.Dict(keys=fields.String(), values=fields.Dict(), load_default=dict)
    files = fields.Dict(
        keys=fields.String(validate=validate.Regexp(r"^[^/\\]{1,120}\.(dmn|json)$")),
        values=fields.String(validate=validate.Length(max=2_000_000)),
        load_default=dict,
        validate=validate.Length(max=20),
    )


class OfBranch(Schema):
    """One branch's revisions only."""

    branch_id = fields.UUID(load_default=None)


class DryRun(Schema):
    """`dry_run=true`: only the plan."""

    dry_run = fields.Boolean(load_default=False)


class CheckResult(Schema):
    """Findings of doctor and gate."""

    process = fields.String()
    findings = fields.List(fields.Nested(schema_of(Finding)))


@blueprint.get("/processes")
@blueprint.response(200, page_of(deployments.ProcessRow))
def listing() -> Response:
    """Processes with their newest version."""
    return base.listed(deployments.processes)


@blueprint.post("/processes")
@blueprint.arguments(Deployment)
@blueprint.response(201, schema_of(deployments.Deployment))
def deploy(body: Mapping[str, Any]) -> Response:
    """Deploys new versions; 422 with findings by element when the gate refuses."""
    return base.write(
        lambda tx: deployments.deploy(tx, body["sources"], name=body["name"], tag=body["tag"]), status=201
    )


@blueprint.post("/processes/<key>/check")
@blueprint.arguments(Sources)
@blueprint.response(200, CheckResult)
def check(body: Mapping[str, Any], key: str) -> Response:
    """Runs doctor and gate only: findings by element, in the request's language."""
    return base.shown(lambda tx: {"process": key, "findings": deployments.check(tx, body["sources"])})


@blueprint.get("/processes/<key>/versions")
@blueprint.response(200, page_of(deployments.VersionRow))
def versions(key: str) -> Response:
    """All versions, newest first."""
    return base.listed(lambda tx: deployments.versions(tx, key))


@blueprint.get("/processes/<key>/versions/<int:number>/xml")
@blueprint.response(200, {"type": "string"}, content_type="application/xml")
def xml(key: str, number: int) -> Response:
    """The model as it was deployed."""
    source = base.read(lambda tx: deployments.source(tx, key, number))
    return Response(source, content_type="application/xml; charset=utf-8")


@blueprint.post("/processes/<key>/start")
@blueprint.arguments(Start)
@blueprint.response(201, Identified)
def start(body: Mapping[str, Any], key: str) -> Response:
    """Starts an instance; answers its id."""
    record = (body["record"]["object"], body["record"]["id"]) if body["record"] else None
    return base.write(
        lambda tx: {
            "id": instances.start(
                tx, key, body["variables"], record=record, branch_id=body["branch_id"], choose=body["choose"]
            )
        },
        status=201,
    )


@blueprint.post("/deployments/<uuid:deployment_id>/approve")
@blueprint.response(204)
def approve(deployment_id: UUID) -> Response:
    """The second person's yes to a money process."""
    return base.write(lambda tx: deployments.approve(tx, deployment_id), status=204)


@blueprint.post("/deployments/<uuid:deployment_id>/refuse")
@blueprint.response(204)
def refuse(deployment_id: UUID) -> Response:
    """The second person's no."""
    return base.write(lambda tx: deployments.refuse(tx, deployment_id), status=204)


@blueprint.get("/processes/<key>/overlays")
@blueprint.arguments(OfBranch, location="query")
@blueprint.response(200, page_of(OverlayRow))
def overlays(query: Mapping[str, Any], key: str) -> Response:
    """What branches have changed in a process: all revisions, newest first."""
    return base.listed(lambda tx: saving.revisions(tx, key, query["branch_id"]))


@blueprint.post("/processes/<key>/overlays")
@blueprint.arguments(ProcessOverlay)
@blueprint.arguments(DryRun, location="query")
@blueprint.response(201, schema_of(saving.Saved))
def save_overlay(body: Mapping[str, Any], query: Mapping[str, Any], key: str) -> Response:
    """A branch's next revision, checked by the gate; `dry_run` only checks. Running cases keep theirs."""
    given = (key, body["branch_id"], body["tasks"], body["files"])
    if query["dry_run"]:
        return base.shown(lambda tx: {"overlay": None, "findings": saving.check(tx, *given)})
    return base.write(lambda tx: saving.save(tx, *given), status=201)


@blueprint.post("/process-overlays/<uuid:overlay_id>/approve")
@blueprint.response(200, schema_of(OverlayRow))
def approve_overlay(overlay_id: UUID) -> Response:
    """The second person's yes to an overlay of a money process."""
    return base.write(lambda tx: saving.approve(tx, overlay_id))


@blueprint.post("/process-overlays/<uuid:overlay_id>/refuse")
@blueprint.response(200, schema_of(OverlayRow))
def refuse_overlay(overlay_id: UUID) -> Response:
    """The second person's no."""
    return base.write(lambda tx: saving.refuse(tx, overlay_id))


@blueprint.post("/process-overlays/<uuid:overlay_id>/withdraw")
@blueprint.response(200, schema_of(OverlayRow))
def withdraw_overlay(overlay_id: UUID) -> Response:
    """New cases of the branch run as headquarters has it again."""
    return base.write(lambda tx: saving.withdraw(tx, overlay_id))


@blueprint.post("/migrations")
@blueprint.arguments(Migration)
@blueprint.arguments(DryRun, location="query")
@blueprint.response(200, Anything)
def migrate(body: Mapping[str, Any], query: Mapping[str, Any]) -> Response:
    """Moves running instances to another version; with `dry_run` only says how each would fare."""
    versions = (body["from_version"], body["to_version"])
    if query["dry_run"]:
        return base.write(lambda tx: instances.plan_migration(tx, *versions, mapping=body["mapping"]))
    return base.write(lambda tx: instances.migrate(tx, *versions, mapping=body["mapping"], ids=body["ids"]))


@blueprint.post("/migrations/<uuid:batch_id>/undo")
@blueprint.response(200, schema_of(instances.MigrationResult))
def undo_migration(batch_id: UUID) -> Response:
    """Brings back what a batch migrated and what has not moved since; the rest is listed."""
    return base.write(lambda tx: instances.undo_migration(tx, batch_id))


@blueprint.post("/messages")
@blueprint.arguments(Message)
@blueprint.response(202, schema_of(messages.Correlation))
def correlate(body: Mapping[str, Any]) -> Response:
    """Correlates a message, exactly once per id; 202 says what became of it."""
    return base.write(
        lambda tx: messages.post(
            tx,
            body["name"],
            body["keys"],
            body["payload"],
            body["id"],
            ttl=None if body["ttl_s"] is None else timedelta(seconds=body["ttl_s"]),
            branch_id=body["branch_id"],
        ),
        status=202,
    )
