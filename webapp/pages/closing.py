"""The cashier's daily closing."""

from datetime import date

from flask import Blueprint, Response, request, url_for

from engine.kernel.errors import UserError
from webapp.i18n import translated
from webapp.render import go, page
from webapp.request import run
from webapp.screens.school import closing

blueprint = Blueprint("closing", __name__, url_prefix="/closing")


@blueprint.get("")
def show() -> Response:
    """What was taken today, by method."""
    return _page("", 200)


@blueprint.post("")
def close() -> Response:
    """Closes the day."""
    try:
        return go(url_for(".show"), run(lambda tx: closing.close(tx, request.form)))
    except UserError as refused:
        if refused.status == 403:
            raise
        return _page(translated(refused.message), refused.status)


def _page(error: str, status: int) -> Response:
    return page("closing/show.html", status=status, error=error, closing=run(lambda tx: closing.read(tx, _day())))


def _day() -> date | None:
    try:
        return date.fromisoformat(request.values.get("day", ""))
    except ValueError:
        return None
