"""What the pages of a role's administration rights and of erasing personal values show."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from engine.kernel.errors import NotFound, UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import catalog, erasing, records, snapshot
from engine.metadata.definition import ObjectDefinition
from engine.metadata.known_rights import RIGHTS, Right
from engine.metadata.rights import EVERY_RIGHT, has_right, require_right
from engine.metadata.snapshot import Role


@dataclass(frozen=True)
class RightLine:
    """One right of the list. ``names``: for which, when it is given by name; ``may_change``: the actor has it too."""

    right: Right
    is_held: bool
    names: str
    may_change: bool


@dataclass(frozen=True)
class RightsModel:
    """A role's page. ``holds_all``: it has every right, which can't be changed."""

    role: Role
    holds_all: bool
    lines: tuple[RightLine, ...]


@dataclass(frozen=True)
class Erasable:
    """What the trail holds of one record; ``values`` is None until a record was named."""

    objects: tuple[ObjectDefinition, ...]
    object: str
    id: str
    title: str
    values: int | None
    error: Text | None


def rights(tx: Tx, role_key: str) -> RightsModel:
    """A role with every right there is. Needs ``manage_roles``. Raises: NotFound."""
    require_right(tx, "manage_roles")
    config = snapshot.load(tx)
    role = config.roles.get(role_key)
    if role is None:
        raise NotFound
    lines = tuple(
        RightLine(one, one.key in role.rights, _names(role, one), has_right(tx, one.key, config.root.id))
        for one in RIGHTS
    )
    return RightsModel(role, EVERY_RIGHT in role.rights, lines)


def parse_rights(posted: Mapping[str, str]) -> frozenset[str]:
    """The rights ticked, and those given by name: names separated by spaces or commas."""
    found: set[str] = set()
    for one in RIGHTS:
        given = posted.get(f"right-{one.key}", "")
        if one.is_open:
            found |= {f"{one.key}:{name}" for name in given.replace("，", " ").replace(",", " ").split()}
        elif given:
            found.add(one.key)
    return frozenset(found)


def erasable(tx: Tx, object_key: str, record_id: str) -> Erasable:
    """How much the trail of a record holds. Needs ``erase_personal``."""
    require_right(tx, erasing.RIGHT)
    objects = tuple(sorted(catalog.load(tx).objects(), key=lambda one: (one.module, one.key)))
    values, title, error = None, "", None
    if record_id:
        try:
            values = erasing.kept(tx, object_key, UUID(record_id))
            title = _title(tx, object_key, UUID(record_id))
        except ValueError:
            error = Text("编号应为记录地址中的一长串", "The id is the long one in the record's address")
        except NotFound as not_found:
            error = not_found.message
    return Erasable(objects, object_key, record_id, title, values, error)


def _title(tx: Tx, object_key: str, record_id: UUID) -> str:
    try:
        return records.get(tx, object_key, record_id).title
    except UserError:
        return ""


def _names(role: Role, right: Right) -> str:
    prefix = f"{right.key}:"
    return " ".join(sorted(one.removeprefix(prefix) for one in role.rights if one.startswith(prefix)))
