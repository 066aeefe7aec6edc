"""Positions, groups, and the rules that widen or narrow access, as the administration pages show them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.kernel.errors import NotFound, UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import catalog, directory, leaktest, organisation, snapshot
from engine.metadata import organisation_tables as t
from engine.metadata.access import explain
from engine.metadata.definition import ObjectDefinition
from engine.metadata.explanation import Explanation
from engine.metadata.levels import ACTIONS
from engine.metadata.organisation.users import User, get_user
from engine.metadata.rights import require_right
from engine.metadata.snapshot import Branch, ForbidRule, Role, SharingRule
from webapp import navigation
from webapp.given import id_of
from webapp.i18n import translated
from webapp.screens.administration.administration import key_given, managed_branches

_SHOWN = 500


@dataclass(frozen=True)
class Carrier:
    """A position or a group: who is in it, which roles it carries. ``superior``: a position's, by name."""

    id: UUID
    key: str
    name: str
    branch: Branch
    people: tuple[tuple[UUID, str], ...]
    roles: tuple[tuple[Role, Branch], ...]
    superior: str = ""
    superior_id: UUID | None = None
    is_branch_head: bool = False


@dataclass(frozen=True)
class Carriers:
    """A page of positions or of groups, with what its forms offer."""

    items: tuple[Carrier, ...]
    branches: tuple[Branch, ...]
    roles: tuple[Role, ...]


@dataclass(frozen=True)
class Rules:
    """Sharing rules and forbids, with what their forms offer. ``groups``: id and name; ``fields``: by object, with
    ``object.field`` as their values; ``field_labels``: by the same."""

    sharing: tuple[tuple[SharingRule, str, str], ...]
    forbids: tuple[tuple[ForbidRule, str, str], ...]
    objects: tuple[ObjectDefinition, ...]
    roles: tuple[Role, ...]
    groups: tuple[tuple[UUID, str], ...]
    branches: tuple[Branch, ...]
    fields: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    field_labels: Mapping[str, str]


@dataclass(frozen=True)
class Explained:
    """What one user may do and why. ``records``: id and title of the record asked about."""

    user: User
    objects: tuple[ObjectDefinition, ...]
    definition: ObjectDefinition
    action: str
    field: str
    record_id: str
    answer: Explanation


def positions(tx: Tx) -> Carriers:
    """Positions of the branches where the actor manages users."""
    names: dict[UUID | None, str] = {
        row.id: row.name for row in tx.execute(sa.select(t.position.c.id, t.position.c.name))
    }
    return _carriers(tx, t.position, t.position_holder, "position_id", names)


def groups(tx: Tx) -> Carriers:
    """Groups of the branches where the actor manages users."""
    return _carriers(tx, t.user_group, t.group_member, "group_id", {})


def create_position(tx: Tx, given: Mapping[str, str]) -> UUID:
    """From the posted form. Raises: UserError, Conflict, Forbidden."""
    superior = given.get("superior")
    return organisation.create_position(
        tx,
        key=key_given(given, given["name"]),
        name=given["name"].strip(),
        branch_id=id_of(given["branch"]),
        superior_id=id_of(superior) if superior else None,
        is_branch_head=given.get("is_branch_head") == "1",
    )


def change(tx: Tx, kind: str, carrier_id: UUID, given: Mapping[str, str]) -> None:
    """From the posted form: a position's name, superior and headship; a group's name. Raises: UserError, Forbidden."""
    if kind == "groups":
        organisation.rename_group(tx, carrier_id, given["name"])
        return
    superior, heads = given.get("superior"), given.get("is_branch_head") == "1"
    superior_id = id_of(superior) if superior else None
    organisation.change_position(tx, carrier_id, name=given["name"], superior_id=superior_id, is_branch_head=heads)


def remove(tx: Tx, kind: str, carrier_id: UUID) -> None:
    """Takes an emptied position or group away. Raises: Conflict, Forbidden."""
    act = organisation.remove_position if kind == "positions" else organisation.remove_group
    act(tx, carrier_id)


def set_member(tx: Tx, kind: str, carrier_id: UUID, user_id: UUID, *, inside: bool) -> None:
    """Puts a user into a position or group, or takes him out. ``kind``: positions, groups."""
    enter, leave = {
        "positions": (organisation.hold_position, organisation.leave_position),
        "groups": (organisation.add_group_member, organisation.leave_group),
    }[kind]
    (enter if inside else leave)(tx, carrier_id, user_id)


def set_role(tx: Tx, kind: str, carrier_id: UUID, role: str, branch_id: UUID, *, given: bool) -> None:
    """Gives a position or group a role at a branch, or takes it back."""
    holder: dict[str, UUID] = {"position_id" if kind == "positions" else "group_id": carrier_id}
    act = organisation.assign_role if given else organisation.unassign_role
    act(tx, role, branch_id, **holder)


def rules(tx: Tx) -> Rules:
    """All rules. Needs ``manage_roles``."""
    require_right(tx, "manage_roles")
    config = snapshot.load(tx)
    found = navigation.by_importance(catalog.load(tx).objects())
    labels = {one.key: one.label.zh for one in found}
    named = {row.id: row.name for row in tx.execute(sa.select(t.user_group.c.id, t.user_group.c.name))}
    users = directory.user_names(tx, frozenset(one.user_id for one in config.forbids if one.user_id))
    fields = tuple((translated(one.label), tuple(_fields_of(one))) for one in found)
    return Rules(
        sharing=tuple(
            (
                one,
                labels.get(one.object, one.object),
                _role(config.roles, one.role) or (named[one.group_id] if one.group_id else ""),
            )
            for one in config.sharing
        ),
        forbids=tuple(
            (
                one,
                labels.get(one.object, one.object),
                _role(config.roles, one.role) or (users.get(one.user_id, "") if one.user_id else ""),
            )
            for one in config.forbids
        ),
        objects=found,
        roles=tuple(config.roles.values()),
        groups=tuple(named.items()),
        branches=managed_branches(tx, "manage_roles"),
        fields=fields,
        field_labels={value: label for _, options in fields for value, label in options},
    )


def _fields_of(one: ObjectDefinition) -> Iterator[tuple[str, str]]:
    for field in one.fields:
        if not field.hidden:
            yield f"{one.key}.{field.key}", translated(field.label)


def _of_object(given: Mapping[str, str], fields: list[str]) -> list[str]:
    """Keys of the chosen fields. Raises: UserError for one of another object."""
    foreign = [one for one in fields if one.partition(".")[0] != given["object"]]
    if foreign:
        text = Text("所选字段不属于这个对象", "A chosen field belongs to another object")
        raise UserError("foreign_field", text)
    return [one.partition(".")[2] for one in fields]


def create_sharing(tx: Tx, given: Mapping[str, str], masked: list[str]) -> None:
    """From the posted form; ``who`` is ``role:key`` or ``group:id``; masked: ``object.field``.

    Raises: UserError, Forbidden.
    """
    kind, _, value = given.get("who", "").partition(":")
    organisation.create_sharing_rule(
        tx,
        object_key=given["object"],
        name=_named(given),
        where=given.get("where", "").strip() or "true",
        role=value if kind == "role" else None,
        group_id=id_of(value) if kind == "group" else None,
        branch_id=id_of(given["branch"]) if given.get("branch") else None,
        can_update=given.get("can_update") == "1",
        masked=_of_object(given, masked),
    )


def create_forbid(tx: Tx, given: Mapping[str, str], actions: list[str], fields: list[str]) -> None:
    """From the posted form; fields: ``object.field``. Raises: UserError, Forbidden."""
    user = given.get("user", "")
    organisation.create_forbid(
        tx,
        object_key=given["object"],
        name=_named(given),
        actions=[one for one in actions if one in ACTIONS],
        where=given.get("where", "").strip() or None,
        fields=_of_object(given, fields),
        role=None if user else given.get("role") or None,
        user_id=id_of(user) if user else None,
    )


def explained(tx: Tx, user_id: UUID, asked: Mapping[str, str]) -> Explained:
    """Why a user may do something, or not. Needs ``explain_others``. Raises: NotFound."""
    require_right(tx, "explain_others")
    actor = directory.user_actor(tx, user_id)
    if actor is None:
        raise NotFound
    objects = navigation.by_importance(catalog.load(tx).objects())
    definition = catalog.load(tx).object(asked.get("object") or objects[0].key)
    action = asked.get("action") if asked.get("action") in ACTIONS else "read"
    record, field = asked.get("record", "").strip(), asked.get("field", "")
    answer = explain(tx, actor, definition.key, _record_id(record), field or None, action or "read")
    return Explained(get_user(tx, user_id), objects, definition, action or "read", field, record, answer)


def tested(tx: Tx, user_id: UUID) -> tuple[User, leaktest.LeakReport]:
    """Tries every reader as the user. Needs ``explain_others``."""
    report = leaktest.run(tx, user_id)
    return get_user(tx, user_id), report


def _carriers(
    tx: Tx, table: sa.Table, members: sa.Table, column: str, superiors: Mapping[UUID | None, str]
) -> Carriers:
    require_right(tx, "manage_users")
    config, branches = snapshot.load(tx), managed_branches(tx, "manage_users")
    ids = {one.id for one in branches}
    rows = tx.execute(sa.select(table).where(table.c.branch_id.in_(ids)).order_by(table.c.key).limit(_SHOWN)).all()
    people = _people(tx, members, column)
    held = _held(tx, column)
    items = tuple(
        Carrier(
            id=row.id,
            key=row.key,
            name=row.name,
            branch=config.branches[row.branch_id],
            people=tuple(people.get(row.id, ())),
            roles=tuple((config.roles[role], config.branches[branch]) for role, branch in held.get(row.id, ())),
            superior=superiors.get(getattr(row, "superior_id", None), ""),
            superior_id=getattr(row, "superior_id", None),
            is_branch_head=getattr(row, "is_branch_head", False),
        )
        for row in rows
    )
    return Carriers(items, branches, tuple(config.roles.values()))


def _people(tx: Tx, members: sa.Table, column: str) -> dict[UUID, list[tuple[UUID, str]]]:
    user = t.app_user.c
    query = sa.select(members.c[column], user.id, user.name).join(members, members.c.user_id == user.id)
    found: dict[UUID, list[tuple[UUID, str]]] = {}
    rows: list[Any] = list(tx.execute(query.order_by(user.name)))
    for carrier, user_id, name in rows:
        found.setdefault(carrier, []).append((user_id, name))
    return found


def _held(tx: Tx, column: str) -> dict[UUID, list[tuple[str, UUID]]]:
    c = t.role_assignment.c
    found: dict[UUID, list[tuple[str, UUID]]] = {}
    for row in tx.execute(sa.select(c[column], c.role, c.branch_id).where(c[column].is_not(None))):
        found.setdefault(row[0], []).append((row.role, row.branch_id))
    return found


def _role(roles: Mapping[str, Role], key: str | None) -> str:
    return roles[key].label.zh if key else ""


def _named(given: Mapping[str, Any]) -> str:
    name = str(given.get("name", "")).strip()
    if not name:
        message = Text("请填写名称", "Give it a name")
        raise UserError("name_missing", message, fields={"name": message})
    return name


def _record_id(text: str) -> UUID | None:
    """The id typed, or the one at the end of a record's address."""
    last = text.rstrip("/").rpartition("/")[2]
    try:
        return UUID(last) if last else None
    except ValueError:
        raise NotFound from None
