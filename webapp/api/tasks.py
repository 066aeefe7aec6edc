"""The inbox and what can be done with a task."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask import Response
from marshmallow import Schema, fields, validate

from engine.kernel.uow import Tx
from engine.workflow import bulk, leaving, tasks
from engine.workflow.instances.waiting import WaitingChoice, waiting_choices
from webapp.api import base, previews
from webapp.api.operating import operation
from webapp.api.schema import JobStarted, Opened, Plain, UserId, page_of, schema_of, to_plain
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
    choose = fields.Dict(keys=fields.String(), values=fields.List(UserId()), load_default=dict)


class Empty(Schema):
    """Nothing needs to be said."""


class Draft(Schema):
    """The caller's own draft: the form's values and what he means to say; both empty drops it."""

    values = fields.Dict(keys=fields.String(), required=True)
    comment = fields.String(load_default="", validate=validate.Length(max=2000))


class Comment(Schema):
    """A remark for the trail."""

    comment = fields.String(load_default="", validate=validate.Length(max=2000))


class ToPerson(Comment):
    """Another person and a remark."""

    to = UserId(required=True)


class ToPeople(Comment):
    """Other people and a remark."""

    users = fields.List(UserId(), required=True, validate=validate.Length(min=1))


class Signers(ToPeople):
    """People who sign as well, and when."""

    when = fields.String(load_default="before", validate=validate.OneOf(["before", "after", "parallel", "next"]))


class Turns(Comment):
    """Who signs after this task, by the numbers of `turns`, in order; whoever is left out does not sign."""

    order = fields.List(fields.Integer(validate=validate.Range(1)), required=True, validate=validate.Length(max=100))


class ReturnTo(Comment):
    """Where the case goes back to: a task's node id, `starter` or `end`.

    `direct`: who did it mends it and the case comes straight back; nothing in between is done again.
    """

    target = fields.String(required=True)
    direct = fields.Boolean(load_default=False)


class HandOver(Comment):
    """From whom to whom."""

    from_user = UserId(required=True)
    to = UserId(required=True)


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


@blueprint.get("/tasks/choices")
@blueprint.response(200, page_of(WaitingChoice))
def choices() -> Response:
    """Cases that stand still until the actor, or another one who takes part, chooses a step."""
    return base.listed(waiting_choices)


@blueprint.get("/tasks/<uuid:task_id>")
@blueprint.response(200, OpenTask)
def show(task_id: UUID) -> Response:
    """The task with its form, data and allowed actions."""

    def use_case(tx: Tx) -> dict[str, Any]:
        view = tasks.get(tx, task_id)
        return {**to_plain(view), "form": taskpage.form_of(tx, view)}

    return base.shown(use_case)


@blueprint.get("/tasks/<uuid:task_id>/return-targets")
@blueprint.response(200, page_of(tasks.ReturnTarget))
def return_targets(task_id: UUID) -> Response:
    """The earlier tasks this one can go back to."""
    return base.listed(lambda tx: tasks.return_targets(tx, task_id))


_ONE = "/tasks/<uuid:task_id>"


def _complete(tx: Tx, task_id: UUID, body: Mapping[str, Any]) -> object:
    return tasks.complete(tx, task_id, **{name: body[name] for name in ("outcome", "values", "comment", "choose")})


def _return_to(tx: Tx, task_id: UUID, body: Mapping[str, Any]) -> object:
    how = {name: body[name] for name in ("dry_run", "direct")}
    return tasks.return_to(tx, task_id, body["target"], body["comment"], **how)


def _add_signer(tx: Tx, task_id: UUID, body: Mapping[str, Any]) -> None:
    tasks.add_signer(tx, task_id, body["users"], when=body["when"], comment=body["comment"])


for _name, _says, _body, _act in (
    ("claim", "Takes a task offered to several; 409 names who was faster.", Empty,
     lambda tx, one, _: tasks.claim(tx, one)),
    ("unclaim", "Gives a claimed task back to its candidates.", Empty,
     lambda tx, one, _: tasks.unclaim(tx, one)),
    ("save", "Keeps a draft.", Draft,
     lambda tx, one, body: tasks.save(tx, one, body["values"], body["comment"])),
    ("transfer", "Hands the task to another person for good.", ToPerson,
     lambda tx, one, body: tasks.transfer(tx, one, body["to"], body["comment"])),
    ("delegate", "Asks another person first; the task comes back.", ToPerson,
     lambda tx, one, body: tasks.delegate(tx, one, body["to"], body["comment"])),
    ("resolve", "Answers a delegation.", Comment,
     lambda tx, one, body: tasks.resolve(tx, one, body["comment"])),
    ("add-signer", "Asks further people to sign, before, after or beside oneself.", Signers, _add_signer),
    ("arrange-signers", "Changes whose turn comes when in a countersign in order; who is left out is removed.", Turns,
     lambda tx, one, body: tasks.arrange_signers(tx, one, body["order"], body["comment"])),
    ("remove-signer", "Removes a signer who has not acted yet; the id is the signer's task.", Comment,
     lambda tx, one, body: tasks.remove_signer(tx, one, body["comment"])),
    ("cc", "Lets others know.", ToPeople,
     lambda tx, one, body: tasks.cc(tx, one, body["users"], body["comment"])),
    ("urge", "Reminds the person whose turn it is.", Comment,
     lambda tx, one, body: tasks.urge(tx, one, body["comment"])),
):  # fmt: skip
    operation(blueprint, f"{_ONE}/{_name}", _says, _body, _act)
for _name, _says, _body, _decide in (
    ("return", "Sends the case back; the answer lists what is cancelled, reopened and already done.", ReturnTo,
     _return_to),
    ("reject", "Ends the case with a refusal.", Comment,
     lambda tx, one, body: tasks.reject(tx, one, body["comment"], dry_run=body["dry_run"])),
    ("withdraw", "Takes one's own decision back while nobody has acted on it.", Comment,
     lambda tx, one, body: tasks.withdraw(tx, one, body["comment"], dry_run=body["dry_run"])),
):  # fmt: skip
    operation(
        blueprint, f"{_ONE}/{_name}", _says, _body, previews.of_task(_decide), preview=previews.foreseen(tasks.Preview)
    )
operation(blueprint, f"{_ONE}/complete", "Decides; 409 names who was faster.", Completion, _complete, answer=Opened)


@blueprint.post("/tasks/hand-over")
@blueprint.arguments(HandOver)
@blueprint.response(202, JobStarted)
def hand_over(body: Mapping[str, Any]) -> Response:
    """All open tasks of a person who leaves go to a colleague, in the background."""
    who, to, why = body["from_user"], body["to"], body["comment"]
    work = dict.fromkeys((leaving.TASK, leaving.OFFER, leaving.CASE), to)
    return base.write(lambda tx: {"job": bulk.hand_over(tx, who, work, why)}, status=202)
