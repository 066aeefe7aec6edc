"""Rows of a sheet that an import could not take or left out, as a sheet to mend and give again."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import url_for
from openpyxl import Workbook

from engine.kernel import background, files
from engine.kernel.background import Job
from engine.kernel.errors import NotFound
from engine.kernel.uow import Tx
from engine.metadata import access, importing
from engine.metadata.exporting import safe_cell
from webapp import formats
from webapp.i18n import gettext, locale
from webapp.screens.records.sheets import IMPORT


@dataclass(frozen=True)
class Problem:
    """One row: what is wrong with which field. ``url``: the record a duplicate matches, where it may be read."""

    row: int
    field: str
    text: str
    url: str = ""
    title: str = ""


@dataclass(frozen=True)
class Problems:
    """What the result page lists."""

    errors: tuple[Problem, ...]
    duplicates: tuple[Problem, ...]


def problems(tx: Tx, job: Job) -> Problems:
    """In the reader's language, with the fields' labels."""
    if job.kind != IMPORT or not job.result:
        return Problems((), ())
    definition = access.rights_on(tx, job.parameters["object"]).definition
    labels = {field.key: field.label.in_locale(locale()) for field in definition.fields}
    return Problems(
        tuple(Problem(one["row"], labels.get(one["field"], ""), one[locale()]) for one in job.result["errors"]),
        tuple(_duplicate(job, one) for one in job.result["duplicates"]),
    )


def sheet(tx: Tx, job_id: UUID) -> tuple[str, bytes]:
    """Name and content of the failed rows with what is wrong in a last column. Raises: NotFound."""
    job = background.get(tx, job_id)
    found = problems(tx, job)
    if not found.errors:
        raise NotFound
    said: dict[int, list[str]] = {}
    for one in found.errors:
        said.setdefault(one.row, []).append(f"{one.field}：{one.text}" if one.field else one.text)
    content = files.read(tx, UUID(job.parameters["file"]))
    headers, rows = importing.open_sheet(job.parameters["filename"], content)
    book = Workbook(write_only=True)
    page = book.create_sheet()
    page.append([*headers, gettext("问题")])
    for number, cells in rows:
        if number in said:
            padded = [*cells, *[None] * (len(headers) - len(cells))][: len(headers)]
            page.append([*(_cell(cell) for cell in padded), "；".join(said[number])])
    sink = io.BytesIO()
    book.save(sink)
    return gettext("待修正-%(name)s.xlsx", name=job.parameters["filename"].rpartition(".")[0]), sink.getvalue()


def _duplicate(job: Job, one: Mapping[str, Any]) -> Problem:
    until = one["protected_until"]
    text = gettext("%(branch)s已有", branch=one["branch"])
    if until:
        text += gettext(
            "，保护至 %(day)s", day=formats.in_words(datetime.fromisoformat(until).astimezone(formats.zone()).date())
        )
    url = url_for("records.show", object_key=job.parameters["object"], record_id=one["id"]) if one["id"] else ""
    return Problem(one["row"], "", text, url, one["title"] or "")


def _cell(value: Any) -> Any:
    return safe_cell(value) if isinstance(value, str) else value
