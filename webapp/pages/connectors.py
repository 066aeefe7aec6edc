"""Connectors: health, switch, log; sent messages; the demo's card reader."""

from uuid import UUID

from flask import Blueprint, Response, g, request, url_for

from connectors.host import check_now
from connectors.registry import kinds
from engine.kernel import connector_store
from engine.kernel.connector_store import ConnectorRow
from engine.kernel.errors import UserError
from engine.metadata.rights import require_right
from forms.render import FormModel
from webapp.given import number_of
from webapp.i18n import gettext
from webapp.render import go, page
from webapp.request import platform, run
from webapp.screens.administration import attentionpage, connectoredit, connectorpage
from webapp.screens.states import connector_state
from webapp.screens.work.formpage import refused

blueprint = Blueprint("connectors", __name__, url_prefix="/connectors")


@blueprint.before_request
def mark() -> None:
    """Connectors belong to the administration."""
    g.area = "admin"


@blueprint.get("")
def index() -> Response:
    """All connectors with their health."""
    found = run(connectorpage.lines)
    return page(
        "connectors/index.html",
        lines=found,
        simulator=connectorpage.has_simulated_reader(platform()),
        state=connector_state,
    )


@blueprint.get("/new")
def choose_kind() -> Response:
    """Which kind of connector to add."""
    run(lambda tx: require_right(tx, connectoredit.MANAGE))
    return page("connectors/choose.html", kinds=tuple(kinds().values()))


@blueprint.route("/new/<kind>", methods=["GET", "POST"])
def create(kind: str) -> Response:
    """A new connector of a kind, with the form its schema makes."""
    if request.method == "GET":
        return _form(run(lambda tx: connectoredit.new_form(tx, kind, {}, {})))
    given = run(lambda tx: connectoredit.posted(tx, kind, with_branch=True))
    try:
        made = run(lambda tx: connectoredit.create(tx, platform().vault, kind, given))
    except UserError as error:
        faults = refused(error)
        return _form(run(lambda tx: connectoredit.new_form(tx, kind, given, faults)), status=error.status)
    return go(url_for(".show", connector_id=made), gettext("连接器已建立，请检查连接"))


@blueprint.route("/<uuid:connector_id>/edit", methods=["GET", "POST"])
def edit(connector_id: UUID) -> Response:
    """Changes a connector; secrets left empty stay."""
    vault, row = platform().vault, run(lambda tx: connector_store.get(tx, connector_id))
    if request.method == "GET":
        return _form(run(lambda tx: connectoredit.edit_form(tx, vault, row, {}, {})), row)
    version = number_of(request.form["version"])
    given = run(lambda tx: connectoredit.posted(tx, row.kind, with_branch=False))
    try:
        run(lambda tx: connectoredit.change(tx, vault, connector_id, version, given))
    except UserError as error:
        faults = refused(error)
        return _form(run(lambda tx: connectoredit.edit_form(tx, vault, row, given, faults)), row, status=error.status)
    return go(url_for(".show", connector_id=connector_id), gettext("已保存"))


@blueprint.get("/attention")
def attention() -> Response:
    """What waits for a person."""
    return page("connectors/attention.html", found=run(attentionpage.read))


@blueprint.post("/messages/<uuid:message_id>/settle")
def settle(message_id: UUID) -> Response:
    """A person says what became of a message, or sends it again."""
    decision, note = request.form.get("decision", ""), request.form.get("note", "").strip()
    run(lambda tx: attentionpage.settle(tx, message_id, decision, note))
    return go(url_for(".attention"), gettext("消息已处理"))


@blueprint.post("/events/<uuid:event_id>/release")
def release(event_id: UUID) -> Response:
    """Lets an event be handled after all."""
    run(lambda tx: attentionpage.let_in(tx, event_id))
    return go(url_for(".attention"), gettext("事件已放行"))


@blueprint.post("/events/<uuid:event_id>/discard")
def discard(event_id: UUID) -> Response:
    """An event that means nothing."""
    run(lambda tx: attentionpage.discard(tx, event_id))
    return go(url_for(".attention"), gettext("事件已丢弃"))


@blueprint.post("/outbox/release")
def release_outbox() -> Response:
    """Lets messages leave again."""
    run(attentionpage.release_hold)
    return go(url_for(".attention"), gettext("已恢复发送"))


@blueprint.get("/<uuid:connector_id>")
def show(connector_id: UUID) -> Response:
    """One connector with its log."""
    base_url = platform().settings.public_url or request.url_root.rstrip("/")
    line = run(lambda tx: connectorpage.line(tx, connector_id, base_url))
    log = run(lambda tx: connectorpage.log(tx, connector_id))
    return page("connectors/show.html", line=line, log=log, state=connector_state)


@blueprint.post("/<uuid:connector_id>/switch")
def switch(connector_id: UUID) -> Response:
    """On or off."""
    enabled = request.form.get("enabled") == "1"
    run(lambda tx: connectorpage.switch(tx, connector_id, enabled))
    return go(url_for(".show", connector_id=connector_id), gettext("已启用") if enabled else gettext("已停用"))


@blueprint.post("/<uuid:connector_id>/check")
def check(connector_id: UUID) -> Response:
    """Asks the outside system how it does."""
    run(lambda tx: connectoredit.require_manage(tx, connector_store.get(tx, connector_id).branch_id))
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


def _form(form: FormModel, row: ConnectorRow | None = None, status: int = 200) -> Response:
    return page("connectors/form.html", status=status, form=form, row=row)
