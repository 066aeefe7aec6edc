"""The dialog that asks for a filter of a list."""

from typing import Any

from flask import url_for

from engine.kernel.uow import Tx
from engine.metadata import access, catalog
from engine.metadata.definition import FieldDefinition
from webapp.i18n import locale
from webapp.screens.records import filters, listing

_REFERENCES = {"user": "user", "actor": "user", "branch": "branch"}


def filter_choice(tx: Tx, asked: listing.Asked, chosen: str) -> dict[str, Any]:
    """What the filter dialog shows: fields, the chosen one's operators and values."""
    rights = access.rights_on(tx, asked.object)
    definition = rights.definition
    found = [catalog.field_of(definition, key) for key in listing.offered_columns(rights) if rights.readable(key)]
    fields = [field for field in found if field is not None and filters.operators_of(field)]
    field = next((one for one in fields if one.key == chosen), fields[0])
    return {
        "object": definition.key,
        "label": definition.label.in_locale(locale()),
        "parameters": asked.parameters(),
        "fields": [(one.key, one.label.in_locale(locale())) for one in fields],
        "field": field,
        "operators": filters.operators_of(field),
        "options": [(one.key, one.label.in_locale(locale())) for one in field.options if not one.hidden],
        "source": _source(field),
        "back_url": asked.url(),
    }


def _source(field: FieldDefinition) -> str:
    kind = field.target if field.type in ("link", "links") else _REFERENCES.get(field.type)
    return url_for("search.options", kind=kind) if kind else ""
