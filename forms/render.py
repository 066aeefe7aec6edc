"""A form as the page macros and the API need it: resolved for one actor, one moment, one language."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from engine.kernel.text import Text
from forms.access import Access, FormAccess
from forms.definition import Form, FormField, Kind, Section
from forms.display import display_text, json_value
from forms.environment import FormEnv, flagged


@dataclass(frozen=True, slots=True)
class OptionModel:
    """One choice, and whether it is chosen."""

    value: str
    label: str
    selected: bool


@dataclass(frozen=True, slots=True)
class FieldModel:
    """One input. ``text`` is what it shows; ``value`` the typed value; ``live``: re-render on change."""

    name: str
    kind: str
    widget: str
    label: str
    help: str
    placeholder: str
    options: tuple[OptionModel, ...]
    object: str | None
    required: bool
    read_only: bool
    masked: bool
    value: Any
    text: str
    error: str
    live: bool
    columns: tuple["FieldModel", ...] = ()
    rows: tuple[tuple["FieldModel", ...], ...] = ()


@dataclass(frozen=True, slots=True)
class SectionModel:
    """Fields under one title."""

    title: str
    columns: int
    fields: tuple[FieldModel, ...]


@dataclass(frozen=True, slots=True)
class FormModel:
    """The whole form; ``errors`` are those that belong to no visible field."""

    key: str
    title: str
    sections: tuple[SectionModel, ...]
    errors: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain JSON for the API: amounts, dates and ids as text."""
        return {str(key): json_value(value) for key, value in asdict(self).items()}

    def fields(self) -> tuple[FieldModel, ...]:
        """All fields, in order."""
        return tuple(field for section in self.sections for field in section.fields)


@dataclass(frozen=True, slots=True)
class _View:
    form: Form
    values: Mapping[str, Any]
    access: FormAccess
    locale: str
    errors: Mapping[str, Text]
    visible: Mapping[str, bool]
    required: Mapping[str, bool]
    read_only: Mapping[str, bool]
    live: frozenset[str]
    env: FormEnv


def render_model(
    form: Form,
    values: Mapping[str, Any],
    access: FormAccess,
    locale: str,
    env: FormEnv,
    *,
    errors: Mapping[str, Text] | None = None,
) -> FormModel:
    """The form for one actor: what he may not see is not in it, what he may not write is read-only.

    ``values``: typed values by field (masked ones already masked by the reader); after a failed submit, the
    texts as submitted, with ``errors`` by field path as ``validate`` gave them. Missing values take the
    field's default.
    """
    filled = {name: values.get(name, field.default) for name, field in form.fields.items()}
    view = _View(
        form,
        filled,
        access,
        locale,
        errors or {},
        flagged(form, "visible", filled, env),
        flagged(form, "required", filled, env),
        flagged(form, "read_only", filled, env),
        form.live_fields(),
        env,
    )
    sections = tuple(section for section in (_section(view, entry) for entry in form.sections) if section.fields)
    shown = {field.name for section in sections for field in section.fields}
    loose = tuple(text.in_locale(locale) for path, text in view.errors.items() if path.split(".")[0] not in shown)
    return FormModel(form.key, form.title.in_locale(locale), sections, loose)


def _section(view: _View, section: Section) -> SectionModel:
    shown = tuple(
        _field(view, view.form.fields[name])
        for name in section.fields
        if view.access.of(name) > Access.HIDDEN and view.visible.get(name, True)
    )
    title = section.title.in_locale(view.locale) if section.title else ""
    return SectionModel(title, section.columns, shown)


def _field(view: _View, field: FormField) -> FieldModel:
    level = view.access.of(field.name)
    frozen = level < Access.WRITE or view.read_only.get(field.name, False)
    needed = field.required or level is Access.REQUIRED or view.required.get(field.name, False)
    value = view.values[field.name]
    base = _model(view, field, field.name, value, read_only=frozen, required=needed and not frozen)
    return base if field.kind is not Kind.TABLE else _table(view, field, base, value)


def _table(view: _View, field: FormField, base: FieldModel, value: Any) -> FieldModel:
    rows = [row for row in value or [] if isinstance(row, Mapping)]
    columns = tuple(_cell(view, base, column, None, "#") for column in field.columns)
    cells = tuple(
        tuple(_cell(view, base, column, row.get(column.name), str(number)) for column in field.columns)
        for number, row in enumerate(rows)
    )
    return FieldModel(**{**_shallow(base), "columns": columns, "rows": cells})


def _cell(view: _View, table: FieldModel, column: FormField, value: Any, row: str) -> FieldModel:
    """A column's cell; row ``#`` is the template the page copies for a new row."""
    frozen = table.read_only or column.read_only
    shown = column.default if value is None and row == "#" else value
    path = f"{table.name}.{row}.{column.name}"
    cell = _model(view, column, path, shown, read_only=frozen, required=column.required and not frozen)
    return FieldModel(**{**_shallow(cell), "name": f"{table.name}-{row}-{column.name}", "live": table.live})


def _model(view: _View, field: FormField, path: str, value: Any, *, read_only: bool, required: bool) -> FieldModel:
    chosen = {str(item) for item in value} if isinstance(value, list | tuple) else {str(value)}
    locale = view.locale
    options = tuple(OptionModel(o.value, o.label.in_locale(locale), o.value in chosen) for o in field.options)
    return FieldModel(
        name=field.name,
        kind=field.kind.value,
        widget=field.widget,
        label=field.label.in_locale(locale),
        help=field.help.in_locale(locale) if field.help else "",
        placeholder=field.placeholder.in_locale(locale) if field.placeholder else "",
        options=options,
        object=field.object,
        required=required,
        read_only=read_only,
        masked=view.access.of(field.name) is Access.MASKED,
        value=value,
        text=display_text(field, value, view.env.feel.zone),
        error=view.errors[path].in_locale(locale) if path in view.errors else "",
        live=field.name in view.live,
    )


def _shallow(model: FieldModel) -> dict[str, Any]:
    return {name: getattr(model, name) for name in FieldModel.__slots__}
