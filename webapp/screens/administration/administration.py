"""What the administration pages read: users with roles, the access grid of a role, fields with their owners."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.kernel.actor import Actor, ActorKind
from engine.kernel.errors import NotFound, UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import catalog, organisation, organisation_tables, overlays, snapshot
from engine.metadata.definition import FieldDefinition, ObjectDefinition
from engine.metadata.fieldtypes import field_types, type_of
from engine.metadata.grants import grant_of
from engine.metadata.levels import ACTIONS, LEVELS, SCOPES
from engine.metadata.organisation.branches import check_key
from engine.metadata.organisation.users import User, get_user, list_users
from engine.metadata.pinyin import key_of
from engine.metadata.profile import HeldRole, load_profile
from engine.metadata.rights import has_right, require_right
from engine.metadata.snapshot import Branch, Role
from engine.workflow.instances.access import operates_for
from webapp import navigation
from webapp.formats import listed
from webapp.given import id_of, number_of
from webapp.i18n import translated

_OFFERED = (
    "text", "long_text", "integer", "decimal", "money", "percent", "bool", "date", "datetime", "choice", "choices",
    "phone", "email", "url", "user", "branch", "tags", "rating", "image", "files",
)  # fmt: skip
"""Types offered when a field is added on the page; the others need a file."""


def offered_types() -> tuple[tuple[str, Text], ...]:
    """Keys and labels of the types a new field may have."""
    known = field_types()
    return tuple((key, known[key].label) for key in _OFFERED)


@dataclass(frozen=True)
class UserLine:
    """A user with the words of where and what."""

    user: User
    branch: str
    roles: str


@dataclass(frozen=True)
class UserModel:
    """A user's page."""

    user: User
    branch: Branch
    held: tuple[tuple[HeldRole, Role, Branch], ...]
    roles: tuple[Role, ...]
    branches: tuple[Branch, ...]
    may_view_as: bool
    may_explain: bool
    may_hand_over: bool


@dataclass(frozen=True)
class AccessGrid:
    """What a role may do with one object."""

    role: Role
    objects: tuple[ObjectDefinition, ...]
    definition: ObjectDefinition
    scopes: Mapping[str, str]
    levels: Mapping[str, str]
    fields: tuple[FieldDefinition, ...]
    where: str
    source: str


@dataclass(frozen=True)
class FieldLine:
    """A field of an object in one branch."""

    field: FieldDefinition
    type: Text
    owner: str
    is_own: bool


def users(tx: Tx, search: str) -> list[UserLine]:
    """Users the actor manages or may see."""
    config = snapshot.load(tx)
    found = list_users(tx, search=search, limit=500)
    held = _held(tx)
    lines = []
    for user in found:
        roles = listed(translated(config.roles[key].label) for key in sorted(held.get(user.id, ())))
        lines.append(UserLine(user, config.branches[user.branch_id].name, roles))
    return lines


def user(tx: Tx, user_id: UUID) -> UserModel:
    """One user's page. Raises: NotFound."""
    found, config = get_user(tx, user_id), snapshot.load(tx)
    require_right(tx, "manage_users", found.branch_id)
    profile = load_profile(tx, Actor(ActorKind.USER, str(user_id), found.name))
    return UserModel(
        user=found,
        branch=config.branches[found.branch_id],
        held=tuple((one, config.roles[one.role], config.branches[one.branch_id]) for one in profile.roles),
        roles=tuple(config.roles.values()),
        branches=managed_branches(tx, "manage_users"),
        may_view_as=has_right(tx, "view_as", found.branch_id),
        may_explain=has_right(tx, "explain_others"),
        may_hand_over=operates_for(tx, str(found.id)),
    )


def update_user(tx: Tx, user_id: UUID, posted: Mapping[str, str]) -> None:
    """Name, branch, phone and e-mail from the posted form. Raises: UserError, Stale, Forbidden."""
    name = posted["name"].strip()
    if not name:
        message = Text("请填写姓名", "Give a name")
        raise UserError("name_missing", message, fields={"name": message})
    contacts = {key: posted.get(key, "").strip() or None for key in ("phone", "email")}
    organisation.update_user(
        tx, user_id, number_of(posted["version"]), name=name, branch_id=id_of(posted["branch"]), **contacts
    )


def managed_branches(tx: Tx, right: str) -> tuple[Branch, ...]:
    """Branches where the actor holds the right."""
    config = snapshot.load(tx)
    found = [one for one in config.branches.values() if has_right(tx, right, one.id)]
    return tuple(sorted(found, key=lambda one: [config.branches[step].key for step in config.chain(one.id)]))


def depths(parents: Mapping[UUID, UUID | None]) -> dict[UUID, int]:
    """How deep each branch lies in the tree; the headquarters at 0. ``parents`` come before their children."""
    found: dict[UUID, int] = {}
    for one, parent in parents.items():
        found[one] = found[parent] + 1 if parent in found else 0
    return found


def grid(tx: Tx, role_key: str, object_key: str) -> AccessGrid:
    """A role's rights on an object. Raises: NotFound."""
    require_right(tx, "manage_roles")
    config, known = snapshot.load(tx), catalog.load(tx)
    role = config.roles.get(role_key)
    if role is None:
        raise NotFound
    objects = navigation.by_importance(known.objects())
    definition = known.object(object_key or objects[0].key)
    grant = grant_of(config, role_key, definition)
    return AccessGrid(
        role=role,
        objects=objects,
        definition=definition,
        scopes=dict(grant.scopes) if grant else {},
        levels=dict(grant.fields) if grant else {},
        fields=tuple(one for one in definition.fields if not one.hidden),
        where=(grant.where or "") if grant else "",
        source=grant.source if grant else "",
    )


def parse_grid(posted: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Scopes and levels from the posted grid; empty choices grant nothing."""
    scopes = {action: posted[f"scope-{action}"] for action in ACTIONS if posted.get(f"scope-{action}") in SCOPES}
    levels = {
        name.removeprefix("level-"): level
        for name, level in posted.items()
        if name.startswith("level-") and level in LEVELS
    }
    return scopes, levels


def fields(tx: Tx, branch_id: UUID, object_key: str) -> list[FieldLine]:
    """The object's fields as the branch has them: those that branches added first, its own ones marked."""
    require_right(tx, "define_fields", branch_id)
    config = snapshot.load(tx)
    own = overlays.current(tx, branch_id, object_key).get("fields", {})
    names = {str(one.id): one.name for one in config.branches.values()}
    definition = catalog.load_branch(tx, branch_id).object(object_key)
    lines = [
        FieldLine(one, type_of(one).label, names.get(one.owner, ""), one.key in own)
        for one in definition.fields
        if not one.hidden
    ]
    return sorted(lines, key=lambda line: not line.owner)


def key_given(posted: Mapping[str, str], label: str) -> str:
    """The key as typed, or one made from the label for those who leave it open. Raises: UserError."""
    key = posted.get("key", "").strip() or key_of(label)
    check_key(key)
    return key


def field_source(posted: Mapping[str, str]) -> dict[str, Any]:
    """The definition of a new field as typed: options one a line, ``key label`` or just the label."""
    zh = posted.get("label_zh", "").strip()
    source: dict[str, Any] = {
        "key": key_given(posted, zh),
        "type": posted.get("type", "text"),
        "label": {"zh": zh, "en": posted.get("label_en", "").strip() or zh},
    }
    if posted.get("required"):
        source["required"] = True
    if posted.get("help", "").strip():
        source["help"] = {"zh": posted["help"].strip(), "en": posted["help"].strip()}
    options = [line.strip() for line in posted.get("options", "").splitlines() if line.strip()]
    if options and source["type"] in ("choice", "choices"):
        source["options"] = [_option(number, line) for number, line in enumerate(options, 1)]
    return source


def _option(number: int, line: str) -> dict[str, Any]:
    key, _, label = line.partition(" ")
    plain = key.isascii() and key.isidentifier() and bool(label)
    text = label.strip() if plain else line
    return {"key": key if plain else f"o{number}", "label": {"zh": text, "en": text}}


def _held(tx: Tx) -> dict[UUID, set[str]]:
    c = organisation_tables.role_assignment.c
    found: dict[UUID, set[str]] = {}
    for row in tx.execute(sa.select(c.user_id, c.role).where(c.user_id.is_not(None))):
        found.setdefault(row.user_id, set()).add(row.role)
    return found
