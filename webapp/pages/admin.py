"""Administration: users, roles with their grids, branches, fields."""

from uuid import UUID

from flask import Blueprint, Response, request, url_for

from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.metadata import catalog, organisation, overlays, snapshot
from webapp import navigation
from webapp.given import id_of
from webapp.i18n import gettext, translated
from webapp.links import address
from webapp.render import go, page
from webapp.request import run
from webapp.screens.administration import administration
from webapp.security import sessions

blueprint = Blueprint("admin", __name__, url_prefix="/admin")


@blueprint.get("")
def index() -> Response:
    """What there is to administer."""
    return page("admin/index.html")


@blueprint.get("/users")
def users() -> Response:
    """All users."""
    search = request.args.get("q", "").strip()
    return page("admin/users.html", lines=run(lambda tx: administration.users(tx, search)), search=search)


@blueprint.route("/users/new", methods=["GET", "POST"])
def create_user() -> Response:
    """A new user, with a first password."""
    branches = run(lambda tx: administration.managed_branches(tx, "manage_users"))
    if request.method == "GET":
        return page("admin/user_new.html", branches=branches, form={}, errors={}, error="")
    given = request.form
    try:
        user_id = run(
            lambda tx: organisation.create_user(
                tx, username=given["username"], name=given["name"], branch_id=id_of(given["branch"])
            )
        )
        run(lambda tx: organisation.set_password(tx, user_id, given["password"], must_change=True))
    except UserError as error:
        errors = {name: translated(text) for name, text in error.fields.items()}
        text = translated(error.message)
        return page("admin/user_new.html", status=422, branches=branches, form=given, errors=errors, error=text)
    return go(url_for(".user", user_id=user_id), gettext("用户已建立，请分配角色"))


@blueprint.get("/users/<uuid:user_id>")
def user(user_id: UUID) -> Response:
    """One user."""
    return page("admin/user.html", model=run(lambda tx: administration.user(tx, user_id)))


@blueprint.post("/users/<uuid:user_id>")
def update_user(user_id: UUID) -> Response:
    """Another name, branch or way to reach them."""
    run(lambda tx: administration.update_user(tx, user_id, request.form))
    return go(url_for(".user", user_id=user_id), gettext("已保存"))


@blueprint.post("/users/<uuid:user_id>/roles")
def assign(user_id: UUID) -> Response:
    """Gives or takes a role at a branch."""
    act = organisation.unassign_role if request.form.get("remove") else organisation.assign_role
    role, branch_id = request.form["role"], id_of(request.form["branch"])
    run(lambda tx: act(tx, role, branch_id, user_id=user_id))
    return go(url_for(".user", user_id=user_id), gettext("角色已更新"))


@blueprint.post("/users/<uuid:user_id>/password")
def reset_password(user_id: UUID) -> Response:
    """A new password; the user has to change it."""
    run(lambda tx: organisation.set_password(tx, user_id, request.form["password"], must_change=True))
    return go(url_for(".user", user_id=user_id), gettext("密码已重置，用户的会话已退出"))


@blueprint.post("/users/<uuid:user_id>/active")
def activate(user_id: UUID) -> Response:
    """Stops a user, or lets again."""
    active = request.form.get("active") == "1"
    run(lambda tx: organisation.deactivate_user(tx, user_id, active=active))
    return go(url_for(".user", user_id=user_id), gettext("已启用") if active else gettext("已停用"))


@blueprint.get("/roles")
def roles() -> Response:
    """All roles."""
    return page("admin/roles.html", roles=run(lambda tx: tuple(snapshot.load(tx).roles.values())))


@blueprint.post("/roles")
def create_role() -> Response:
    """A role of the organisation's own."""
    given = request.form
    label = Text(given["label_zh"].strip(), given.get("label_en", "").strip() or given["label_zh"].strip())
    key = administration.key_given(given, label.zh)
    run(lambda tx: organisation.create_role(tx, key=key, label=label))
    return go(url_for(".role", key=key), gettext("角色已建立，请设置权限"))


@blueprint.get("/roles/<key>")
def role(key: str) -> Response:
    """The grid of a role and an object."""
    grid = run(lambda tx: administration.grid(tx, key, request.args.get("object", "")))
    return page("admin/role.html", grid=grid, admin=administration)


@blueprint.post("/roles/<key>")
def set_grant(key: str) -> Response:
    """Stores the grid."""
    scopes, levels = administration.parse_grid(request.form)
    object_key, where = request.form["object"], request.form.get("where", "").strip() or None
    run(lambda tx: organisation.set_grant(tx, key, object_key, scopes=scopes, fields=levels, where=where))
    return go(url_for(".role", key=key, object=object_key), gettext("权限已保存，立即生效"))


@blueprint.get("/branches")
def branches() -> Response:
    """The organisation's tree."""
    found = run(organisation.list_branches)
    parents = {one.id: one.parent_id for one in found}
    return page("admin/branches.html", branches=found, depths=administration.depths(parents))


@blueprint.post("/branches")
def create_branch() -> Response:
    """A new branch."""
    name, parent_id = request.form["name"].strip(), id_of(request.form["parent"])
    key = administration.key_given(request.form, name)
    run(lambda tx: organisation.create_branch(tx, key=key, name=name, parent_id=parent_id))
    return go(url_for(".branches"), gettext("校区已建立"))


@blueprint.post("/branches/<uuid:branch_id>")
def update_branch(branch_id: UUID) -> Response:
    """Another name or zone; opened or closed."""
    changes = {name: value for name in ("name", "zone") if (value := request.form.get(name, "").strip())}
    active = {"is_active": request.form["active"] == "1"} if "active" in request.form else {}
    run(lambda tx: organisation.update_branch(tx, branch_id, **changes, **active))
    return go(url_for(".branches"), gettext("校区已修改"))


@blueprint.get("/fields")
def fields() -> Response:
    """Fields of an object in a branch."""
    found = run(lambda tx: administration.managed_branches(tx, "define_fields"))
    branch_id = id_of(request.args["branch"]) if request.args.get("branch") else (found[0].id if found else None)
    object_key = request.args.get("object", "lead")
    objects = run(lambda tx: navigation.by_importance(catalog.load(tx).objects()))
    lines = run(lambda tx: administration.fields(tx, branch_id, object_key)) if branch_id else []
    return page(
        "admin/fields.html", branches=found, branch_id=branch_id, object=object_key, objects=objects, lines=lines
    )


@blueprint.route("/fields/new", methods=["GET", "POST"])
def add_field() -> Response:
    """A custom field of a branch."""
    place = {name: request.values.get(name, "") for name in ("branch", "object")}
    if request.method == "GET":
        return page("admin/field_new.html", place=place, form={}, error="", types=administration.offered_types())
    try:
        source = administration.field_source(request.form)
        run(lambda tx: overlays.add_field(tx, id_of(place["branch"]), place["object"], source))
    except UserError as error:
        text, given = translated(error.message), request.form
        types = administration.offered_types()
        return page("admin/field_new.html", status=422, place=place, form=given, error=text, types=types)
    return go(address(".fields", place), gettext("字段已添加，已加入表单、列表、筛选和导入"))


@blueprint.post("/fields/hide")
def hide_field() -> Response:
    """Takes a field out of sight; its data stays."""
    place = {name: request.form[name] for name in ("branch", "object")}
    run(lambda tx: overlays.hide_field(tx, id_of(place["branch"]), place["object"], request.form["field"]))
    return go(address(".fields", place), gettext("字段已隐藏，数据保留"))


@blueprint.post("/users/<uuid:user_id>/view-as")
def view_as(user_id: UUID) -> Response:
    """Looks through another's eyes."""
    run(lambda tx: sessions.start_view_as(tx, user_id))
    return go(url_for("home.show"))
