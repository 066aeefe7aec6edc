"""Administration of a branch's overlays: layouts, options, locks, as files; objects made here."""

from uuid import UUID

from flask import Blueprint, Response, g, request

from engine.kernel.errors import BadRequest
from engine.kernel.text import Text
from webapp.downloads import attachment
from webapp.i18n import gettext
from webapp.links import address
from webapp.render import go, page
from webapp.request import run
from webapp.screens.administration import overlaypage

blueprint = Blueprint("overlays", __name__, url_prefix="/admin/overlay")


@blueprint.before_request
def mark() -> None:
    """All of it belongs to the administration."""
    g.area = "admin"


@blueprint.get("")
def show() -> Response:
    """The overlay of a branch and an object."""
    branch_id, key = _place()
    return page("admin/overlay.html", model=run(lambda tx: overlaypage.read(tx, branch_id, key)))


@blueprint.post("")
def save() -> Response:
    """Stores the order of lists and sections, and the locks."""
    branch_id, key = _place()
    locks = request.form.getlist("lock")
    run(lambda tx: overlaypage.save_layouts(tx, branch_id, key, request.form, locks))
    return _back(gettext("布局已保存，立即生效"))


@blueprint.post("/options")
def add_option() -> Response:
    """A further option of a choice."""
    branch_id, key = _place()
    run(lambda tx: overlaypage.add_option(tx, branch_id, key, request.form))
    return _back(gettext("选项已添加"))


@blueprint.get("/file")
def export() -> Response:
    """The overlay as a file."""
    branch_id, key = _place()
    name, content = run(lambda tx: overlaypage.exported(tx, branch_id, key))
    return attachment(name, "application/json", content)


@blueprint.post("/compare")
def compare() -> Response:
    """What an uploaded overlay would change."""
    branch_id, key = _place()
    upload = request.files.get("file")
    content = upload.read(overlaypage.MAX_FILE_BYTES).decode("utf-8", "replace") if upload else ""
    found = run(lambda tx: overlaypage.compared(tx, branch_id, key, content))
    return page("admin/overlay_import.html", found=found)


@blueprint.post("/take-over")
def take_over() -> Response:
    """Makes the compared file the overlay."""
    branch_id, key = _place()
    run(lambda tx: overlaypage.taken_over(tx, branch_id, key, request.form["content"]))
    return _back(gettext("已导入，立即生效"))


@blueprint.post("/objects")
def create_object() -> Response:
    """An object made by an administrator."""
    key = run(lambda tx: overlaypage.create_object(tx, request.form))
    place = {"branch": request.form["branch"], "object": key}
    return go(address("admin.fields", place), gettext("对象已建立，请添加字段并在角色中授权"))


def _place() -> tuple[UUID, str]:
    try:
        return UUID(request.values["branch"]), request.values["object"]
    except (KeyError, ValueError):
        raise BadRequest("place_missing", Text("缺少校区或对象", "The branch or the object is missing")) from None


def _back(message: str) -> Response:
    branch_id, key = _place()
    return go(address(".show", {"branch": str(branch_id), "object": key}), message)
