"""Connectors: health, switch, log; sent messages; the demo's card reader."""

from uuid import UUID

from flask import Blueprint, Response, g, request, url_for

from connectors.host import check_now
from engine.metadata.rights import require_right
from webapp import connectorpage
from webapp.i18n import gettext
from webapp.render import go, page
from webapp.request import platform, run

blueprint = Blueprint("connectors", __name__, url_prefix="/connectors")


@blueprint.before_request
def mark() -> None:
    """Connectors belong to the administration."""
    g.area = "admin"


@blueprint.get("")
def index() -> Response:
    """All connectors with their health."""
    found = run(connectorpage.lines)
    return page("connectors/index.html", lines=found, simulator=connectorpage.has_simulated_reader(platform()))


@blueprint.get("/<uuid:connector_id>")
def show(connector_id: UUID) -> Response:
    """One connector with its log."""
    line, log = run(lambda tx: (connectorpage.line(tx, connector_id), connectorpage.log(tx, connector_id)))
    return page("connectors/show.html", line=line, log=log)


@blueprint.post("/<uuid:connector_id>/switch")
def switch(connector_id: UUID) -> Response:
    """On or off."""
    enabled = request.form.get("enabled") == "1"
    run(lambda tx: connectorpage.switch(tx, connector_id, enabled))
    return go(url_for(".show", connector_id=connector_id), gettext("已启用") if enabled else gettext("已停用"))


@blueprint.post("/<uuid:connector_id>/check")
def check(connector_id: UUID) -> Response:
    """Asks the outside system how it does."""
    run(lambda tx: require_right(tx, "manage_connectors"))
    live = platform().fleet.refresh().get(connector_id)
    if live is None:
        return go(url_for(".show", connector_id=connector_id), gettext("连接器未启用或配置不完整"), "error")
    health = check_now(platform().boundary, live, deep=True)
    kind = "success" if health.state == "ok" else "error"
    return go(url_for(".show", connector_id=connector_id), f"{health.state} {health.code}".strip(), kind)


@blueprint.get("/sent")
def sent() -> Response:
    """Messages to people, newest first."""
    return page("connectors/sent.html", messages=run(connectorpage.sent))


@blueprint.post("/swipe")
def swipe() -> Response:
    """Holds a card to the demo's reader."""
    run(lambda tx: require_right(tx, "manage_connectors"))
    answer = connectorpage.swipe(platform(), request.form.get("number", "").strip())
    return go(url_for(".index"), gettext("已刷卡：%(answer)s", answer=answer))
