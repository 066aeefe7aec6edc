"""Checks what a person fills into a task's form, and writes what belongs to the bound record."""

from collections import OrderedDict
from collections.abc import Mapping
from functools import lru_cache
from threading import Lock
from typing import Any
from uuid import UUID

from engine.feel import FeelEnv
from engine.feel.values import Value, from_python
from engine.kernel import canonical
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import access, attachments, records
from engine.metadata.record import Record
from engine.workflow import calendars
from engine.workflow.runner import apart
from engine.workflow.runner.scoped import variables_at
from engine.workflow.runtime import runtime_of
from engine.workflow.tasks.held import Held
from engine.workflow.tasks.rows import TaskRow
from forms.access import Access, FormAccess, form_access
from forms.definition import Form, FormDefinitionError, Kind
from forms.environment import FormEnv
from forms.loader import load_form
from forms.validation import validate
from processes.registry import Registry

_KEPT = 200
_deployed: OrderedDict[UUID, Mapping[str, Form]] = OrderedDict()
_lock = Lock()
_LEVELS = {"none": Access.HIDDEN, "masked": Access.MASKED, "read": Access.READ, "write": Access.WRITE}


class TaskForms:
    """Forms pinned with the version that runs; shared ones from the process folders."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def find(self, tx: Tx, held: Held) -> Form | None:
        """The task's form: of the branch's overlay, of its version, or as shipped; None when it has none."""
        if not held.task.form:
            return None
        forms = (_parsed(text) for name, text in held.loaded.files.items() if name.endswith(".json"))
        own = next((form for form in forms if form.key == held.task.form), None)
        return own or _pinned(tx, held.loaded.deployment_id, held.task.form) or self._registry.forms.get(held.task.form)

    def check(self, held: Held, values: Mapping[str, Value]) -> dict[str, Value]:
        """The values as process variables; what is bound to the record is written there.

        Raises: UserError with the errors by field.
        """
        tx = held.tx
        form = self.find(tx, held)
        if form is None:
            return dict(values)
        calendars.foresee(tx, held.row.branch_id)
        record = _record(tx, held.task)
        rights = _rights(tx, form, held, record)
        accepted = validate(form, _as_json(values), rights, _environment(tx, form, held, record)).accepted()
        _require_files(tx, form, accepted)
        bound = {
            binding.partition(".")[2]: accepted[name]
            for name, field in form.fields.items()
            if name in accepted and (binding := field.binding) and record and binding.startswith(f"{record.object}.")
        }
        if record and bound:
            records.update(tx, record.object, record.id, record.version, bound)
        return {name: from_python(_plain(value)) for name, value in accepted.items()}

    def defects(self, name: str, content: str) -> tuple[Text, ...]:
        """What the loader says against the file."""
        try:
            load_form(content, name)
        except FormDefinitionError as error:
            return error.defects
        return ()


def _pinned(tx: Tx, deployment_id: UUID, key: str) -> Form | None:
    """A deployment's files never change, so its forms are kept by its id."""
    with _lock:
        forms = _deployed.get(deployment_id)
    if forms is None:
        sql = "select content from deployment_resource where deployment_id = %(id)s and kind = 'form' order by name"
        found = [_parsed(content) for (content,) in tx.query(sql, {"id": deployment_id})]
        forms = {form.key: form for form in reversed(found)}
        with _lock:
            _deployed[deployment_id] = forms
            while len(_deployed) > _KEPT:
                _deployed.popitem(last=False)
    return forms.get(key)


@lru_cache(maxsize=500)
def _parsed(content: str) -> Form:
    return load_form(content)


def _record(tx: Tx, task: TaskRow) -> Record | None:
    if task.object is None or task.record_id is None:
        return None
    return records.get(tx, task.object, task.record_id, titled=False)


def _rights(tx: Tx, form: Form, held: Held, record: Record | None) -> FormAccess:
    said = {field.name: Access[field.access.upper()] for field in held.extension.fields}
    bound = {field.binding.partition(".")[0] for field in form.fields.values() if field.binding}
    fields = {f"{key}.{name}": _LEVELS[level] for key in bound for name, level in access.levels(tx, key).items()}
    if record:
        fields |= {f"{record.object}.{name}": _LEVELS[level] for name, level in record.levels.items()}
    return form_access(form, said, fields)


def _require_files(tx: Tx, form: Form, values: Mapping[str, object]) -> None:
    """A process hands on only files that whoever names them may open. Raises: NotFound."""
    for name, field in form.fields.items():
        if field.kind in (Kind.FILE, Kind.IMAGE) and values.get(name):
            attachments.open_file(tx, UUID(str(values[name])))


def _environment(tx: Tx, form: Form, held: Held, record: Record | None) -> FormEnv:
    zone = runtime_of(tx).calendar(tx, held.row.branch_id).zone
    return FormEnv(FeelEnv(now=tx.now, zone=zone), _context(tx, held, record) if form.rules else {})


def _context(tx: Tx, held: Held, record: Record | None) -> dict[str, Value]:
    """What rules look at; reading it is a third of checking a form, so only forms with rules have it."""
    variables = variables_at(apart.decode(tx, held.row.id, held.row.state), held.task.activation)
    return {
        **variables,
        "record": {name: from_python(_plain(value)) for name, value in record.values.items()} if record else {},
        "actor": {"id": tx.actor.id, "name": tx.actor.name},
    }


def _as_json(values: Mapping[str, Value]) -> dict[str, Any]:
    plain = canonical.plain(dict(values))
    assert isinstance(plain, dict)
    return plain


def _plain(value: object) -> object:
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    return value
