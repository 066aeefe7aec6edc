"""The school's own commands: actions on records with preview, the timetable, the roll call."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Response
from marshmallow import Schema, fields, validate

from engine.feel import FeelEnv
from engine.kernel.errors import Forbidden, NotFound
from engine.kernel.uow import Tx
from engine.metadata import access, records, snapshot
from engine.metadata.profile import load_profile
from forms.access import full_access
from forms.definition import with_choices
from forms.environment import FormEnv
from forms.validation import validate as validate_form
from processes.attendance.api import call_roll
from processes.domain_action import DomainAction
from processes.timetable import api as timetable
from processes.timetable.attendance_rules import Status
from webapp.api import base
from webapp.api.schema import Anything, page_of, to_plain
from webapp.request import platform

blueprint = base.blueprint("school", "Actions, lessons, attendance 业务操作、课次与考勤")


class ActionValues(Schema):
    """The values of the action's form."""

    values = fields.Dict(keys=fields.String(), load_default=dict)


class DryRun(Schema):
    """`dry_run=true`: only the preview."""

    dry_run = fields.Boolean(load_default=False)


class Week(Schema):
    """Which branch, which week (its Monday)."""

    branch_id = fields.UUID(required=True)
    monday = fields.Date(required=True)


class RollCall(Schema):
    """Student id to status: `present`, `late`, `left_early`, `absent`, `leave`, `sick` …"""

    marks = fields.Dict(keys=fields.UUID(), values=fields.String(), required=True, validate=validate.Length(min=1))


class ActionView(Schema):
    """Something the actor may do to a record; `form` names the form of its values, if any."""

    name = fields.String()
    label = fields.String()
    form = fields.String()


@blueprint.get("/records/<object_key>/<uuid:record_id>/actions")
@blueprint.response(200, page_of(ActionView))
def list_actions(object_key: str, record_id: UUID) -> Response:
    """What the actor may do to the record."""

    def use_case(tx: Tx) -> object:
        records.get(tx, object_key, record_id)
        held = load_profile(tx).role_keys()
        offered = [one for one in platform().processes.actions if one.object == object_key and held & set(one.roles)]
        return [{"name": one.name, "label": to_plain(one.label), "form": one.form} for one in offered]

    return base.listed(use_case)


@blueprint.post("/records/<object_key>/<uuid:record_id>/actions/<name>")
@blueprint.arguments(ActionValues)
@blueprint.arguments(DryRun, location="query")
@blueprint.response(200, Anything)
def act(body: Mapping[str, Any], query: Mapping[str, Any], object_key: str, record_id: UUID, name: str) -> Response:
    """Previews (`dry_run=true`) or does an action: transfer, refund, claim from the pool …"""
    action = platform().processes.action(object_key, name)
    if action is None:
        raise NotFound
    if query["dry_run"]:
        return base.shown(lambda tx: action.preview(tx, record_id, _accepted(tx, action, record_id, body["values"])))
    return base.write(lambda tx: action.start(tx, record_id, _accepted(tx, action, record_id, body["values"])))


@blueprint.get("/lessons")
@blueprint.arguments(Week, location="query")
@blueprint.response(200, page_of(timetable.LessonView))
def week(arguments: Mapping[str, Any]) -> Response:
    """A branch's lessons of one week."""

    def use_case(tx: Tx) -> object:
        access.require(tx, "read", "lesson")
        return timetable.week(tx, branch_id=arguments["branch_id"], monday=arguments["monday"])

    return base.listed(use_case)


@blueprint.post("/lessons/<uuid:lesson_id>/attendance")
@blueprint.arguments(RollCall)
@blueprint.response(200, page_of(timetable.Marked))
def roll_call(body: Mapping[str, Any], lesson_id: UUID) -> Response:
    """Marks students; each is charged once, a correction reverses first."""
    marks = {student: Status(status) for student, status in body["marks"].items()}
    return base.write(lambda tx: {"items": call_roll(tx, lesson_id, marks)})


def _accepted(tx: Tx, action: DomainAction, record_id: UUID, values: Mapping[str, Any]) -> Mapping[str, Any]:
    if not load_profile(tx).role_keys() & set(action.roles):
        raise Forbidden
    record = action.record(tx, record_id)
    form = platform().processes.forms.get(action.form)
    if form is None:
        return {}
    zone = ZoneInfo(snapshot.load(tx).root.zone)
    env = FormEnv(FeelEnv(now=tx.now, zone=zone), {"record": dict(record.values), "actor": {"id": tx.actor.id}})
    form = with_choices(form, action.choices(tx, record_id))
    return validate_form(form, values, full_access(form), env).accepted()
