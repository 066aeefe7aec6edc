"""What the actor may do with each field of a form."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from forms.definition import Form


class Access(IntEnum):
    """Rising rights on one field. REQUIRED is WRITE that must not be left empty."""

    HIDDEN = 0
    MASKED = 1
    READ = 2
    WRITE = 3
    REQUIRED = 4


@dataclass(frozen=True, slots=True)
class FormAccess:
    """Rights by field name; a field that is not named is hidden."""

    levels: Mapping[str, Access] = field(default_factory=dict)

    def of(self, name: str) -> Access:
        """The right on field ``name``."""
        return self.levels.get(name, Access.HIDDEN)


def form_access(
    form: Form,
    task: Mapping[str, Access] | None = None,
    fields: Mapping[str, Access] | None = None,
) -> FormAccess:
    """The rights of one actor on one form.

    ``task``: what the task's definition says, by field name (not named = write).
    ``fields``: what the actor may do with bound record fields, by ``object.field`` (not named = hidden).
    A bound field gets the lesser of both, so a task never widens a record right; a field the task makes
    required stays required only where it may be written.
    """
    said, rights = task or {}, fields or {}
    levels: dict[str, Access] = {}
    for name, form_field in form.fields.items():
        level = said.get(name, Access.WRITE)
        if form_field.binding is not None:
            level = _lesser(level, rights.get(form_field.binding, Access.HIDDEN))
        levels[name] = min(level, Access.READ) if form_field.read_only else level
    return FormAccess(levels)


def full_access(form: Form) -> FormAccess:
    """Rights to write every field that is not read-only by definition (for forms without bound fields)."""
    return form_access(form, fields={f.binding: Access.WRITE for f in form.fields.values() if f.binding})


def _lesser(task: Access, right: Access) -> Access:
    if task is Access.REQUIRED and right >= Access.WRITE:
        return Access.REQUIRED
    return min(task, right)
