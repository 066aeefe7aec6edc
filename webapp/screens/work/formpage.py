"""Forms on pages: the rights and values of one actor on one form, and what came back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from flask import request
from werkzeug.datastructures import FileStorage

from engine.feel import FeelEnv
from engine.kernel import files
from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import access, catalog
from engine.metadata.definition import ObjectDefinition
from engine.metadata.record import Record
from forms.access import Access, FormAccess, form_access
from forms.definition import Form, Kind, Option
from forms.environment import FormEnv
from forms.generate import generated_form
from forms.html import parse_html
from forms.render import FormModel, render_model
from forms.validation import Validation, validate
from webapp import formats, names
from webapp.i18n import locale

EMPTY = Form("", Text("", ""), None, {}, ())
"""For tasks and actions that ask for nothing."""

_LEVELS = {"none": Access.HIDDEN, "masked": Access.MASKED, "read": Access.READ, "write": Access.WRITE}


@dataclass(frozen=True)
class OpenForm:
    """A form with one actor's rights on it."""

    form: Form
    access: FormAccess
    env: FormEnv

    def model(self, tx: Tx, values: Mapping[str, Any], errors: Mapping[str, Text] | None = None) -> FormModel:
        """What the page shows, with the titles of everything it points to."""
        model = render_model(self.form, values, self.access, locale(), self.env, errors=errors or {})
        return names.look_up(tx, model)

    def submitted(self, tx: Tx) -> dict[str, Any]:
        """What the browser posted; uploads are stored and stand there as their ids."""
        posted = self.typed()
        for name, field in self.form.fields.items():
            upload = request.files.get(name)
            if field.kind in (Kind.FILE, Kind.IMAGE) and upload is not None and upload.filename:
                posted[name] = str(_store(tx, upload))
        return posted

    def typed(self) -> dict[str, Any]:
        """What the browser posted without its uploads."""
        return parse_html(self.form, request.form)

    def checked(self, submitted: Mapping[str, Any], *, draft: bool = False) -> Validation:
        """Rights, types, limits, rules."""
        return validate(self.form, submitted, self.access, self.env, draft=draft)


def record_form(
    tx: Tx, definition: ObjectDefinition, mode: Literal["create", "edit"], record: Record | None = None
) -> OpenForm:
    """The create or edit form of an object for the actor."""
    form = generated_form(definition, mode)
    return open_form(tx, form, record=record)


def open_form(
    tx: Tx,
    form: Form,
    *,
    task: Mapping[str, Access] | None = None,
    record: Record | None = None,
    variables: Mapping[str, Any] | None = None,
) -> OpenForm:
    """A form with the actor's rights on the record fields it is bound to."""
    bound = {field.binding.split(".")[0] for field in form.fields.values() if field.binding}
    known = {one.key for one in catalog.load(tx).objects()}
    rights = {
        f"{key}.{field}": _LEVELS[level] for key in bound & known for field, level in access.levels(tx, key).items()
    }
    if record is not None:
        rights |= {f"{record.object}.{field}": _LEVELS[level] for field, level in record.levels.items()}
    context = {
        **(variables or {}),
        "record": dict(record.values) if record else {},
        "actor": {"id": tx.actor.id, "name": tx.actor.name},
    }
    env = FormEnv(FeelEnv(now=tx.now, zone=formats.zone()), context)
    worded = _worded(form, catalog.load(tx).object(form.object) if form.object in known else None)
    return OpenForm(worded, form_access(form, task, rights), env)


def task_levels(fields: tuple[Any, ...]) -> dict[str, Access]:
    """The field rights a task's definition states (`read`, `write`, `hidden`, `required`)."""
    return {field.name: Access[field.access.upper()] for field in fields}


def refused(error: UserError) -> dict[str, Text]:
    """The field errors of a refusal; the refusal itself where it names no field."""
    return dict(error.fields) or {"": error.message}


def _worded(form: Form, definition: ObjectDefinition | None) -> Form:
    """Texts only to be read that hold a key of the object's choices (a lead's source) show what it is called."""
    fields = dict(form.fields)
    for name, field in form.fields.items():
        known = definition.field(name) if definition and field.read_only and field.kind is Kind.TEXT else None
        if known is not None and known.options and not field.options:
            fields[name] = replace(field, options=tuple(Option(one.key, one.label) for one in known.options))
    return replace(form, fields=fields)


def _store(tx: Tx, upload: FileStorage) -> Any:
    return files.store(tx, upload.filename or "file", upload.mimetype or "application/octet-stream", upload.read())
