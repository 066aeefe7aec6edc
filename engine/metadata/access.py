"""What the acting one may do: objects, rows, fields. Deny by default."""

# ruff: noqa: S608 - SQL is put together from checked definitions; every value is bound
from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from engine.kernel.actor import Actor, ActorKind
from engine.kernel.errors import Forbidden, NotFound
from engine.kernel.history import Event
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import catalog, snapshot
from engine.metadata.definition import FieldDefinition, ObjectDefinition
from engine.metadata.explanation import Explanation, explain
from engine.metadata.feel_sql import references_of
from engine.metadata.grants import ObjectAccess, object_access
from engine.metadata.levels import highest_level, is_readable
from engine.metadata.predicates import NOBODY, foresee_shares, has_shares, row_predicate
from engine.metadata.profile import Profile, load_profile
from engine.metadata.rights import has_right, require_right
from engine.metadata.statement import Statement, from_clause, own_rows, rows_of
from engine.metadata.task_grants import end_task, foresee_grants, grant_task, task_levels

__all__ = [
    "Explanation",
    "ObjectRights",
    "can",
    "end_task",
    "explain",
    "foresee",
    "grant_task",
    "has_right",
    "levels",
    "require",
    "require_right",
    "rights_on",
    "task_levels",
    "view_as",
]


@dataclass(frozen=True, slots=True)
class ObjectRights:
    """One actor, one object: its definition as the actor sees it, what is granted, the level of each field.

    `limited`: fields that are masked in the rows which only a sharing rule opens, whatever their level says.
    """

    profile: Profile
    definition: ObjectDefinition
    access: ObjectAccess
    levels: dict[str, str]
    limited: frozenset[str] = frozenset()

    def readable(self, field: str) -> bool:
        return is_readable(self.levels.get(field, "none"))


def rights_on(tx: Tx, object_key: str) -> ObjectRights:
    """What the acting one holds on the object. Raises NotFound when there is no such object for it."""
    config, profile = snapshot.load(tx), load_profile(tx)
    definition = catalog.load(tx).object(object_key)
    key = ("rights", profile.actor.kind, profile.actor.id, object_key, id(definition))
    found = config.people.get(key)
    if not isinstance(found, ObjectRights):
        access = object_access(config, profile, definition)
        levels = _levels(definition, access)
        limited = _limited(definition, access, levels)
        found = config.people.put(key, ObjectRights(profile, definition, access, levels, limited))
    return found


def foresee(tx: Tx, object_key: str, record_id: UUID) -> None:
    """Ask along with the next query what reading this record as a user will ask: fewer trips to the database."""
    if tx.actor.kind is ActorKind.USER:
        user_id = UUID(tx.actor.id)
        foresee_shares(tx, user_id, object_key)
        foresee_grants(tx, user_id, object_key, record_id)


def levels(tx: Tx, object_key: str) -> dict[str, str]:
    """Field -> none, masked, read or write, system fields included."""
    return dict(rights_on(tx, object_key).levels)


def require(tx: Tx, action: str, object_key: str, record_id: UUID | None = None) -> None:
    """Raises Forbidden when the action is out of reach, NotFound when the record may not even be seen."""
    if can(tx, action, object_key, record_id):
        return
    if record_id is not None and action != "read" and can(tx, "read", object_key, record_id):
        raise Forbidden
    raise NotFound if record_id is not None else Forbidden


def can(tx: Tx, action: str, object_key: str, record_id: UUID | None = None) -> bool:
    """True when the acting one may do `action` on this record; without a record: on some."""
    rights = rights_on(tx, object_key)
    if record_id is None:
        return rights.access.allows(action) or (action == "read" and _has_any_share(tx, rights))
    return record_id in reachable(tx, rights, action, [record_id])


def reachable(tx: Tx, rights: ObjectRights, action: str, ids: Iterable[UUID], *, whole: bool = False) -> set[UUID]:
    """Those of the ids that exist (in the bin or not) and are within reach of the action.

    `whole`: only those whose limited fields may be seen as well.
    """
    statement = Statement()
    alias = statement.alias()
    predicate = predicate_of(tx, statement, rights, action, alias, whole=whole)
    wanted = list(ids)
    if predicate == NOBODY or not wanted:
        return set()
    text = (
        f"SELECT {alias}.id FROM {from_clause(rights.definition, alias)}"
        f" WHERE {alias}.id = ANY({statement.bind(wanted, 'uuid[]')})"
        f" AND {own_rows(statement, rights.definition, alias)} AND {predicate}"
    )
    return {row["id"] for row in rows_of(tx, text, statement.parameters)}


def predicate_of(
    tx: Tx, statement: Statement, rights: ObjectRights, action: str, alias: str, *, whole: bool = False
) -> str:
    """SQL for the rows of `alias` within reach of the action; `whole`: with all fields that the levels allow."""
    profile, definition = rights.profile, rights.definition
    return row_predicate(tx, statement, profile, definition, rights.access, action=action, alias=alias, whole=whole)


def levels_in(rights: ObjectRights, *, is_whole: bool) -> dict[str, str]:
    """Field levels in a row that is seen whole, or that only a sharing rule opens."""
    if is_whole or not rights.limited:
        return dict(rights.levels)
    return rights.levels | dict.fromkeys(rights.limited, "masked")


def view_as(tx: Tx, user_id: UUID) -> Actor:
    """The actor to look through another's eyes with; for reading only. Needs `view_as`; goes to the history."""
    from engine.metadata.directory import user_actor

    require_right(tx, "view_as")
    actor = user_actor(tx, user_id)
    if actor is None:
        raise NotFound
    tx.record(Event("user:viewed_as", ("user", user_id)))
    return actor.behalf(tx.actor)


def unknown_field(key: str) -> Forbidden:
    """The answer for a field that does not exist and for one that may not be seen: the same."""
    shown = key[:60]
    return Forbidden(
        "unknown_field",
        Text(f"没有字段 {shown}，或您无权使用", f"There is no field {shown}, or you may not use it"),
        fields={shown: Text("未知字段", "Unknown field")},
    )


def _levels(definition: ObjectDefinition, access: ObjectAccess) -> dict[str, str]:
    found = {}
    for field in catalog.all_fields(definition):
        found[field.key] = _system_level(field, access) if field.system else access.level(field.key)
    for field in definition.fields:
        if field.type == "formula" and is_readable(found[field.key]):
            found[field.key] = _formula_level(definition, field, found)
        elif field.type == "rollup" and found[field.key] == "write":
            found[field.key] = "read"
    return found


def _limited(definition: ObjectDefinition, access: ObjectAccess, levels: dict[str, str]) -> frozenset[str]:
    """The fields that sharing rules mask, as far as they are readable elsewhere, and the formulas over them."""
    masked = access.masked_when_shared()
    if not masked:
        return masked
    formulas = (field for field in definition.fields if field.type == "formula")
    made = {
        field.key
        for field in formulas
        if masked & {path[0] for path in references_of(definition, str(field.settings["expression"]))}
    }
    return frozenset(key for key in masked | made if is_readable(levels.get(key, "none")))


def _system_level(field: FieldDefinition, access: ObjectAccess) -> str:
    if not access.allows("read") and not access.allows("create"):
        return "none"
    if field.key in ("branch_id", "owner_id") and (access.allows("assign") or access.allows("create")):
        return "write"
    if field.key == "stage" and not field.read_only and access.allows("update"):
        return "write"
    return "read"


def _formula_level(definition: ObjectDefinition, field: FieldDefinition, found: dict[str, str]) -> str:
    """A formula is no way around: whoever may not read an ingredient may not read the dish."""
    ingredients = {path[0] for path in references_of(definition, str(field.settings["expression"]))}
    return "read" if all(is_readable(found.get(key, "none")) for key in ingredients if key != "actor") else "none"


def _has_any_share(tx: Tx, rights: ObjectRights) -> bool:
    user_id = rights.profile.user_id
    return user_id is not None and bool(rights.access.levels) and has_shares(tx, user_id, rights.definition.key)


def levels_with_task(tx: Tx, rights: ObjectRights, record_id: UUID) -> dict[str, str]:
    """Field levels on one record, widened by the tasks the actor holds on it."""
    from_tasks = task_levels(tx, rights.profile, rights.definition.key, record_id)
    is_whole = not rights.limited or bool(reachable(tx, rights, "read", [record_id], whole=True))
    return widened(levels_in(rights, is_whole=is_whole), from_tasks)


def widened(held: dict[str, str], from_tasks: dict[str, str]) -> dict[str, str]:
    """The levels of the actor's roles, where a task gives a higher one that."""
    if not from_tasks:
        return held
    return {key: highest_level((level, from_tasks.get(key, "none"))) for key, level in held.items()}
