"""The inbox and what can be done with a task."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields, validate

from engine.kernel.uow import Tx
from engine.workflow import tasks
from webapp.api import base
from webapp.api.schema import Nothing, Plain, page_of, result_of, schema_of, to_plain
from webapp.screens.work import taskpage

blueprint = base.blueprint("tasks", "Inbox and user tasks 待办与任务")


class InboxArguments(Schema):
    """Which box, what to find in it, and where to go on."""

    box = fields.String(load_default="todo", validate=validate.OneOf(["todo", "candidate", "done", "cc", "started"]))
    search = fields.String(load_default="", validate=validate.Length(max=100))
    process = fields.String(load_default=None)
    order = fields.String(load_default="newest", validate=validate.OneOf(["newest", "due"]))
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 200))
    after = fields.String(load_default=None)


class Completion(Schema):
    """The decision: outcome, the form's values, comment, and people chosen for later tasks."""

    outcome = fields.String(load_default=None)
    values = fields.Dict(keys=fields.String(), load_default=dict)
    comment = fields.String(load_default="", validate=validate.Length(max=2000))
    choose = fields.Dict(keys=fields.String(), values=fields.List(fields.UUID()), load_default=dict)


class Draft(Schema):
    """A draft of the form's values."""

    values = fields.Dict(keys=fields.String(), required=True)


class Comment(Schema):
    """A remark for the trail."""

    comment = fields.String(load_default="", validate=validate.Length(max=2000))


class ToPerson(Comment):
    """Another person and a remark."""

    to = fields.UUID(required=True)


class ToPeople(Comment):
    """Other people and a remark."""

    users = fields.List(fields.UUID(), required=True, validate=validate.Length(min=1))


class Signers(ToPeople):
    """People who sign as well, and when."""

    when = fields.String(load_default="before", validate=validate.OneOf(["before", "after", "parallel"]))


class ReturnTo(Comment):
    """Where the case goes back to: a task's node id, `starter` or `end`."""

    target = fields.String(required=True)


class DryRun(Schema):
    """`dry_run=true`: only show what would happen."""

    dry_run = fields.Boolean(load_default=False)


class TaskPage(Schema):
    """Tasks; in the box `started` the actor's own cases instead."""

    items = fields.List(fields.Nested(schema_of(tasks.TaskRow)))
    next = fields.String(allow_none=True)


class Counts(Schema):
    """Open tasks by box."""

    todo = fields.Integer()
    candidate = fields.Integer()
    cc = fields.Integer()


class TaskForm(Schema):
    """The form as JSON Schema with what the actor may see, and its present values."""

    key = fields.String()
    title = fields.String()
    schema = fields.Dict()
    values_ = fields.Dict(keys=fields.String(), values=Plain(), data_key="values")


class OpenTask(schema_of(tasks.TaskView)):  # type: ignore[misc]  # built from the dataclass
    """The task, what may be done with it, and its form."""

    form = fields.Nested(TaskForm)


class Opened(Schema):
    """Tasks that the completion opened for the actor himself."""

    result = fields.List(fields.UUID())


@blueprint.get("/tasks")
@blueprint.arguments(InboxArguments, location="query")
@blueprint.response(200, TaskPage)
def inbox(arguments: Mapping[str, Any]) -> Response:
    """A box of the inbox, a page at a time."""
    query = tasks.InboxQuery(
        box=arguments["box"],
        search=arguments["search"],
        process_key=arguments["process"],
        order=arguments["order"],
        limit=arguments["limit"],
        after=arguments["after"],
    )
    return base.shown(lambda tx: tasks.inbox(tx, query))


@blueprint.get("/tasks/counts")
@blueprint.response(200, Counts)
def counts() -> Response:
    """How many tasks lie in each box (capped)."""
    return base.shown(tasks.counts)


@blueprint.get("/tasks/<uuid:task_id>")
@blueprint.response(200, OpenTask)
def show(task_id: UUID) -> Response:
    """The task with its form, data and allowed actions."""

    def use_case(tx: Tx) -> dict[str, Any]:
        view = tasks.get(tx, task_id)
        return {**to_plain(view), "form": taskpage.form_of(tx, view)}

    return base.shown(use_case)


def _act(use_case: Callable[[Tx], Any]) -> Response:
    return base.write(lambda tx: {"result": to_plain(use_case(tx))})


@blueprint.post("/tasks/<uuid:task_id>/claim")
@blueprint.response(200, Nothing)
def claim(task_id: UUID) -> Response:
    """Takes a task offered to several."""
    return _act(lambda tx: tasks.claim(tx, task_id))


@blueprint.post("/tasks/<uuid:task_id>/unclaim")
@blueprint.response(200, Nothing)
def unclaim(task_id: UUID) -> Response:
    """Gives a claimed task back to its candidates."""
    return _act(lambda tx: tasks.unclaim(tx, task_id))


@blueprint.post("/tasks/<uuid:task_id>/save")
@blueprint.arguments(Draft)
@blueprint.response(200, Nothing)
def save(body: Mapping[str, Any], task_id: UUID) -> Response:
    """Keeps a draft."""
    return _act(lambda tx: tasks.save(tx, task_id, body["values"]))


@blueprint.post("/tasks/<uuid:task_id>/complete")
@blueprint.arguments(Completion)
@blueprint.response(200, Opened)
def complete(body: Mapping[str, Any], task_id: UUID) -> Response:
    """Decides; 409 names who was faster."""
    return _act(
        lambda tx: tasks.complete(
            tx, task_id, outcome=body["outcome"], values=body["values"], comment=body["comment"], choose=body["choose"]
        )
    )


@blueprint.post("/tasks/<uuid:task_id>/transfer")
@blueprint.arguments(ToPerson)
@blueprint.response(200, Nothing)
def transfer(body: Mapping[str, Any], task_id: UUID) -> Response:
    """Hands the task to another person for good."""
    return _act(lambda tx: tasks.transfer(tx, task_id, body["to"], body["comment"]))


@blueprint.post("/tasks/<uuid:task_id>/delegate")
@blueprint.arguments(ToPerson)
@blueprint.response(200, Nothing)
def delegate(body: Mapping[str, Any], task_id: UUID) -> Response:
    """Asks another person first; the task comes back."""
    return _act(lambda tx: tasks.delegate(tx, task_id, body["to"], body["comment"]))


@blueprint.post("/tasks/<uuid:task_id>/resolve")
@blueprint.arguments(Comment)
@blueprint.response(200, Nothing)
def resolve(body: Mapping[str, Any], task_id: UUID) -> Response:
    """Answers a delegation."""
    return _act(lambda tx: tasks.resolve(tx, task_id, body["comment"]))


@blueprint.get("/tasks/<uuid:task_id>/return-targets")
@blueprint.response(200, page_of(tasks.ReturnTarget))
def return_targets(task_id: UUID) -> Response:
    """The earlier tasks this one can go back to."""
    return base.listed(lambda tx: tasks.return_targets(tx, task_id))


@blueprint.post("/tasks/<uuid:task_id>/return")
@blueprint.arguments(ReturnTo)
@blueprint.arguments(DryRun, location="query")
@blueprint.response(200, result_of(tasks.Preview))
def return_to(body: Mapping[str, Any], query: Mapping[str, Any], task_id: UUID) -> Response:
    """Sends the case back; the answer lists what is cancelled, reopened and already done."""
    return _act(lambda tx: tasks.return_to(tx, task_id, body["target"], body["comment"], dry_run=query["dry_run"]))


@blueprint.post("/tasks/<uuid:task_id>/reject")
@blueprint.arguments(Comment)
@blueprint.arguments(DryRun, location="query")
@blueprint.response(200, result_of(tasks.Preview))
def reject(body: Mapping[str, Any], query: Mapping[str, Any], task_id: UUID) -> Response:
    """Ends the case with a refusal."""
    return _act(lambda tx: tasks.reject(tx, task_id, body["comment"], dry_run=query["dry_run"]))


@blueprint.post("/tasks/<uuid:task_id>/withdraw")
@blueprint.arguments(Comment)
@blueprint.arguments(DryRun, location="query")
@blueprint.response(200, result_of(tasks.Preview))
def withdraw(body: Mapping[str, Any], query: Mapping[str, Any], task_id: UUID) -> Response:
    """Takes one's own decision back while nobody has acted on it."""
    return _act(lambda tx: tasks.withdraw(tx, task_id, body["comment"], dry_run=query["dry_run"]))


@blueprint.post("/tasks/<uuid:task_id>/add-signer")
@blueprint.arguments(Signers)
@blueprint.response(200, Nothing)
def add_signer(body: Mapping[str, Any], task_id: UUID) -> Response:
    """Asks further people to sign, before, after or beside oneself."""
    return _act(lambda tx: tasks.add_signer(tx, task_id, body["users"], when=body["when"], comment=body["comment"]))


@blueprint.post("/tasks/<uuid:task_id>/remove-signer")
@blueprint.arguments(Comment)
@blueprint.response(200, Nothing)
def remove_signer(body: Mapping[str, Any], task_id: UUID) -> Response:
    """Removes a signer who has not acted yet; the id is the signer's task."""
    return _act(lambda tx: tasks.remove_signer(tx, task_id, body["comment"]))


@blueprint.post("/tasks/<uuid:task_id>/cc")
@blueprint.arguments(ToPeople)
@blueprint.response(200, Nothing)
def cc(body: Mapping[str, Any], task_id: UUID) -> Response:
    """Lets others know."""
    return _act(lambda tx: tasks.cc(tx, task_id, body["users"], body["comment"]))


@blueprint.post("/tasks/<uuid:task_id>/urge")
@blueprint.arguments(Comment)
@blueprint.response(200, Nothing)
def urge(body: Mapping[str, Any], task_id: UUID) -> Response:
    """Reminds the person whose turn it is."""
    return _act(lambda tx: tasks.urge(tx, task_id, body["comment"]))
