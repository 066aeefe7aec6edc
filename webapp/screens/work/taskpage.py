"""A task as its page shows it: form, approval so far, buttons, operations."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import url_for

from engine.kernel.errors import SchoolflowError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import directory, records
from engine.metadata.record import Record
from engine.workflow import deployments, tasks
from engine.workflow.bpmn.extensions import Outcome
from engine.workflow.instances.waiting import waiting_choices
from engine.workflow.tasks import TaskRow, TaskView
from engine.workflow.tasks.held import hold_any
from forms.definition import Form
from forms.render import FieldModel, FormModel
from forms.schema import json_schema
from webapp import names
from webapp.i18n import gettext, locale, translated
from webapp.links import link
from webapp.modelwords import named, titled
from webapp.request import platform
from webapp.runtime.task_forms import TaskForms
from webapp.screens.records import recordpage
from webapp.screens.records.cells import Cell
from webapp.screens.states import task_state
from webapp.screens.work import casenow, choosing, formpage, tasknotes, tasksteps

PHRASES = {
    "zh": ("同意", "已核实，同意", "请补充材料", "金额有误，请核对", "已电话确认"),
    "en": ("Agreed", "Checked and agreed", "Please add the documents", "Please check the amount", "Confirmed by phone"),
}
_OPERATIONS = {
    "transfer": (Text("转办", "Hand over"), "user-share", False),
    "delegate": (Text("委派", "Delegate"), "user-plus", False),
    "add_signer": (Text("加签", "Add signers"), "users", False),
    "arrange_signers": (Text("调整签署顺序", "Change the order of signers"), "arrows-sort", False),
    "remove_signer": (Text("减签", "Remove signers"), "user-minus", False),
    "cc": (Text("抄送", "Send a copy"), "mail", False),
    "return": (Text("退回", "Return"), "arrow-back-up", False),
    "urge": (Text("催办", "Urge"), "bell-ringing", False),
    "withdraw": (Text("撤回", "Withdraw"), "corner-up-left", True),
    "reject": (Text("驳回并结束", "Reject and end"), "circle-x", True),
}


@dataclass(frozen=True)
class Button:
    """A button at the foot. ``style`` primary, danger or plain."""

    name: str
    label: str
    style: str


@dataclass(frozen=True)
class Extra:
    """A button that posts elsewhere (claim, save), or an operation that opens a dialog. ``kept``: what it does happens
    by itself as well, so that a phone needs no button for it."""

    url: str
    label: str
    icon: str
    primary: bool = False
    danger: bool = False
    kept: bool = False


@dataclass(frozen=True)
class TaskModel:
    """Everything the task page draws. ``can_act``: decide; ``can_say``: decide or hand back, with a comment."""

    id: str
    title: str
    name: str
    process: str
    starter: str
    state: str
    tone: str
    due_at: datetime | None
    instance_url: str
    notices: tuple[tuple[str, str], ...]
    record_title: str
    record_label: str
    record_url: str
    record_sections: tuple[recordpage.Facts, ...]
    form: FormModel
    can_act: bool
    can_say: bool
    choices: tuple[choosing.Picker, ...]
    comment: str
    draft_url: str
    draft_at: datetime | None
    comment_required: bool
    comment_error: str
    phrases: tuple[str, ...]
    guide: str
    timeline: tuple[tasksteps.Step, ...]
    next: tuple[casenow.Next, ...]
    choosing_url: str
    copies: tuple[tasksteps.Receipt, ...]
    complete_url: str
    outcomes: tuple[Button, ...]
    buttons: tuple[Extra, ...]
    operations: tuple[Extra, ...]


def open_task(tx: Tx, view: TaskView) -> formpage.OpenForm:
    """The task's form with the actor's rights on it."""
    return formpage.open_form(
        tx,
        _form(tx, view),
        task=formpage.task_levels(view.fields),
        record=_record(tx, view.row),
        variables=view.variables,
    )


def form_of(tx: Tx, view: TaskView) -> dict[str, Any]:
    """The task's form for the API: JSON Schema and present values of what the actor may see."""
    opened, model = open_task(tx, view), form_model(tx, view)
    values = _values(opened.form, view, _record(tx, view.row))
    shown = {field.name: field for section in model.sections for field in section.fields}
    return {
        "key": opened.form.key,
        "title": model.title,
        "schema": json_schema(opened.form, opened.access, locale()),
        "values": {name: field.text if field.masked else values.get(name) for name, field in shown.items()},
    }


def read(
    tx: Tx,
    task_id: UUID,
    *,
    submitted: dict[str, Any] | None = None,
    errors: dict[str, Text] | None = None,
    comment: str = "",
) -> TaskModel:
    """The task's page for the actor; after a refusal with what was submitted. Raises: NotFound."""
    view = tasks.get(tx, task_id)
    row, record, opened = view.row, _record(tx, view.row), open_task(tx, view)
    values, (wrong, comment_error, refusal) = _values(opened.form, view, record), _sorted_out(errors or {})
    form = opened.model(tx, {**values, **(submitted or {})}, wrong)
    case = tasksteps.case_of(tx, row)
    state, tone = task_state(row.status, mine=view.can_act, claimed=row.assignee is not None)
    return TaskModel(
        id=str(row.id),
        title=titled(row.title or view.instance_title),
        name=named(row.name),
        process=process_name(tx, row.process_key),
        starter=case.starter,
        state=state,
        tone=tone,
        due_at=row.due_at if row.status == "open" else None,
        instance_url=link("instances.show", instance_id=row.instance_id),
        notices=(*_refused(view, refusal, comment), *_notices(tx, view)),
        record_title=record.title if record else "",
        record_label=record.definition.label.in_locale(locale()) if record else "",
        record_url=url_for("records.show", object_key=record.object, record_id=record.id) if record else "",
        record_sections=_summary(record, opened, form) if record else (),
        form=form,
        can_act=view.can_act and "complete" in view.operations,
        can_say=not {"complete", "resolve"}.isdisjoint(view.operations),
        choices=choosing.pickers(tx, view.choices),
        comment=comment or view.draft_comment,
        draft_url=url_for("inbox.draft", task_id=row.id) if "save" in view.operations else "",
        draft_at=view.draft_at if view.draft is not None and submitted is None else None,
        comment_required=bool(view.outcomes) and all(one.comment == "required" for one in view.outcomes),
        comment_error=comment_error,
        phrases=PHRASES[locale()],
        guide=case.process.nodes[row.node_id].documentation if row.node_id in case.process.nodes else "",
        timeline=tuple(tasksteps.steps(tx, view, case)),
        next=casenow.following(tx, case.process, row.node_id, case.starter) if row.status == "open" else (),
        choosing_url=_choosing_url(tx, row),
        copies=tasksteps.receipts(tx, view),
        complete_url=url_for("inbox.complete", task_id=row.id),
        outcomes=_outcomes(view) if "complete" in view.operations else (),
        buttons=tuple(_buttons(view)),
        operations=tuple(_operations(view)),
    )


def _sorted_out(errors: Mapping[str, Text]) -> tuple[dict[str, Text], str, Text | None]:
    """What is wrong with fields, with the comment, with the task as such."""
    fields = {name: text for name, text in errors.items() if name not in ("", "comment")}
    comment = errors["comment"].in_locale(locale()) if "comment" in errors else ""
    return fields, comment, errors.get("")


def process_name(tx: Tx, key: str) -> str:
    """The process's name as deployed."""
    folder = platform().processes.process(key)
    if folder is not None and folder.process_keys == (key,):
        return folder.label.in_locale(locale())
    return next((named(row.name) or row.key for row in deployments.processes(tx) if row.key == key), key)


def outcome_words(one: Outcome) -> str:
    """What the outcome's button says."""
    return (one.label_en if locale() == "en" else one.label_zh) or one.name


def form_model(tx: Tx, view: TaskView) -> FormModel:
    """The task's form with its present values."""
    opened = open_task(tx, view)
    return opened.model(tx, _values(opened.form, view, _record(tx, view.row)))


def _record(tx: Tx, row: TaskRow) -> Record | None:
    if not row.object or row.record_id is None:
        return None
    try:
        return records.get(tx, row.object, row.record_id)
    except SchoolflowError:
        return None


def _summary(record: Record, opened: formpage.OpenForm, form: FormModel) -> tuple[recordpage.Facts, ...]:
    """The record's first section without its title and without what the form already shows."""
    shown = {field.binding.split(".")[-1] for field in opened.form.fields.values() if field.binding}
    shown.add(record.definition.name_field)
    said = {text for field in form.fields() if field.read_only for text in _texts(field)}
    found = recordpage.sections(record.definition, record)
    facts = tuple(one for part in found[:2] for one in part.facts if one.field not in shown and _adds(one, said))
    return (recordpage.Facts("", facts[:8]),) if facts else ()


def _texts(field: FieldModel) -> tuple[str, str]:
    """What the form shows, also without its unit."""
    text = names.readable(field)
    return text, text.rpartition(" ")[0] if field.kind in ("money", "hours") else text


def _adds(fact: Cell, said: set[str]) -> bool:
    """Whether the value is there and not on the form already."""
    texts = {fact.text, *(text for text, _ in fact.tones)} - {""}
    return bool(texts) and not texts <= said


def _form(tx: Tx, view: TaskView) -> Form:
    """The form pinned with the running version."""
    return TaskForms(platform().processes).find(tx, hold_any(tx, view.row.id)) or formpage.EMPTY


def present_values(tx: Tx, form: Form, view: TaskView) -> dict[str, Any]:
    """What the form shows before anybody fills anything in."""
    return _values(form, replace(view, draft=None), _record(tx, view.row))


def _values(form: Form, view: TaskView, record: Record | None) -> dict[str, Any]:
    values = {name: view.variables[name] for name in form.fields if name in view.variables}
    for name, field in form.fields.items():
        if record is not None and field.binding:
            key = field.binding.split(".")[-1]
            if key in record.values:
                values[name] = record.values[key]
    return values | dict(view.draft or {})


def _refused(view: TaskView, refusal: Text | None, comment: str) -> Iterator[tuple[str, str]]:
    """Why it was refused; words typed for a task that is no longer one's own stand there to be copied."""
    if refusal:
        yield "danger", translated(refusal)
    if comment and not view.can_act:
        yield "warning", gettext("您写的意见没有提交：%(comment)s", comment=comment)


def _notices(tx: Tx, view: TaskView) -> Iterator[tuple[str, str]]:
    if view.acting_for:
        yield "info", gettext("您正在代 %(name)s 处理", name=_name(tx, view.acting_for))
    yield from tasknotes.notes(tx, view)


def _choosing_url(tx: Tx, row: TaskRow) -> str:
    """The case's page, where it waits for the actor to choose a step."""
    waits = any(one.instance_id == row.instance_id for one in waiting_choices(tx))
    return url_for("instances.show", instance_id=row.instance_id) if waits else ""


def _outcomes(view: TaskView) -> tuple[Button, ...]:
    return tuple(Button(one.name, outcome_words(one), one.style) for one in view.outcomes)


def _buttons(view: TaskView) -> Iterator[Extra]:
    url = {
        name: url_for("inbox.operate", task_id=view.row.id, operation=name)
        for name in ("claim", "unclaim", "save", "resolve")
    }
    if "claim" in view.operations:
        yield Extra(url["claim"], gettext("认领"), "user-check", primary=not view.outcomes)
    if "resolve" in view.operations:
        yield Extra(url["resolve"], gettext("处理完成，交回"), "check", primary=True)
    if "save" in view.operations and view.form:
        yield Extra(url["save"], gettext("暂存"), "device-floppy", kept=True)
    if "unclaim" in view.operations:
        yield Extra(url["unclaim"], gettext("取消认领"), "user-minus")


def _operations(view: TaskView) -> Iterator[Extra]:
    for name, (label, icon, danger) in _OPERATIONS.items():
        if name in view.operations and not _is_idle(view, name):
            url = url_for("inbox.operate", task_id=view.row.id, operation=name)
            yield Extra(url, label.in_locale(locale()), icon, danger=danger)


def _is_idle(view: TaskView, name: str) -> bool:
    """Nothing to offer: a refusal that has a button of its own; nobody there who could be left out."""
    if name == "reject":
        return any(one.style == "danger" or one.name == "reject" for one in view.outcomes)
    if name == "remove_signer":
        return not view.turns and all(one.status not in ("open", "waiting") for one in (*view.signers, *view.voters))
    return False


def _name(tx: Tx, user_id: str) -> str:
    try:
        key = UUID(user_id)
    except ValueError:
        return user_id
    return directory.user_names(tx, frozenset({key})).get(key, user_id)
