"""A form file as the task's page would show it, before it is deployed."""

from collections.abc import Mapping

from engine.feel import FeelEnv
from engine.kernel.errors import BadRequest
from engine.kernel.uow import Tx
from forms.access import Access, form_access
from forms.environment import FormEnv
from forms.loader import load_form
from forms.render import FormModel, render_model
from webapp import formats, names
from webapp.i18n import locale


def asked(body: object) -> tuple[str, dict[str, str]]:
    """The form's text and the task's field rights of a request ``{content, task}``. Raises: BadRequest."""
    content, task = (body.get("content"), body.get("task")) if isinstance(body, dict) else (None, None)
    if not isinstance(content, str) or not isinstance(task, dict):
        raise BadRequest
    return content, {str(name): str(level) for name, level in task.items()}


def preview(tx: Tx, content: str, task: Mapping[str, str]) -> FormModel:
    """The form for somebody who may write every bound field, under the task's own field rights.

    ``task``: field to `read`, `write`, `required` or `hidden`, as the task's properties say. Raises:
    FormDefinitionError with everything that is wrong.
    """
    form = load_form(content)
    said = {name: Access[level.upper()] for name, level in task.items() if level.upper() in Access.__members__}
    bound = {field.binding: Access.WRITE for field in form.fields.values() if field.binding}
    env = FormEnv(FeelEnv(now=tx.now, zone=formats.zone()), {"record": {}, "actor": {"id": tx.actor.id}})
    return names.look_up(tx, render_model(form, {}, form_access(form, said, bound), locale(), env))
