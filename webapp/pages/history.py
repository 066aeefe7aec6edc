"""The trail, for auditors: who did what, when; verification; export."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from uuid import UUID

from flask import Blueprint, Response, request, url_for

from engine.kernel.history_search import HistoryQuery
from engine.kernel.uow import Tx
from engine.metadata.organisation.users import find_user
from webapp import formats
from webapp.downloads import attachment
from webapp.given import id_of
from webapp.i18n import gettext
from webapp.links import address
from webapp.render import go, page
from webapp.request import run
from webapp.screens.audit import trail_actions, trail_export, trailpage, verification

blueprint = Blueprint("history", __name__, url_prefix="/history")


@blueprint.get("")
def index() -> Response:
    """The search."""
    found = run(lambda tx: trail_export.found(tx, replace(_query(tx), after=_after())))
    shown, checked = run(lambda tx: (trailpage.lines(tx, found.items), verification.last_check(tx)))
    asked = {name: request.args.get(name, "") for name in ("who", "action", "kind", "id", "since", "until")}
    more = address(".index", {**asked, "after": found.next}) if found.next else ""
    return page(
        "history/index.html",
        lines=shown,
        asked=asked,
        next_url=more,
        kinds=trailpage.kinds(),
        actions=run(trail_actions.choices),
        checked=checked,
        topics=[(address(".index", {"action": action}), label, action) for action, label in trailpage.topics()],
    )


@blueprint.post("/verify")
def verify() -> Response:
    """Recomputes every hash."""
    found = run(verification.verify)
    if found.is_intact:
        return go(
            url_for(".index"), gettext("链条完整：已核对 %(n)s 条，%(m)s 条待封存", n=found.rows, m=found.unsealed)
        )
    return go(url_for(".index"), gettext("发现 %(n)s 条被改动的记录，请立即联系管理员", n=len(found.broken)), "error")


@blueprint.get("/export")
def export() -> Response:
    """The rows found, as CSV; goes to the history itself."""
    asked = request.query_string.decode()
    return attachment("history.csv", "text/csv", run(lambda tx: trail_export.sheet(tx, _query(tx), asked)))


def _query(tx: Tx) -> HistoryQuery:
    given = {name: request.args.get(name, "").strip() for name in ("who", "action", "kind", "id", "since", "until")}
    user = find_user(tx, given["who"]) if given["who"] else None
    return HistoryQuery(
        actor_id=str(user.id) if user else (given["who"] or None),
        action=given["action"] or None,
        subject=(given["kind"], given["id"]) if given["kind"] and given["id"] else None,
        subject_kind=given["kind"] or None,
        since=_day(given["since"]),
        until=_day(given["until"], after=True),
    )


def _after() -> UUID | None:
    after = request.args.get("after", "")
    return id_of(after) if after else None


def _day(text: str, *, after: bool = False) -> datetime | None:
    try:
        day = datetime.fromisoformat(text).date() if text else None
    except ValueError:
        return None
    if day is None:
        return None
    return datetime.combine(day + timedelta(days=1 if after else 0), time(0), formats.zone())
