"""The roles every school starts with, from `shipped/roles.yaml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from engine.kernel.text import Text
from engine.kernel.yaml_files import read_yaml
from engine.metadata.definition import RoleGrant


@dataclass(frozen=True, slots=True)
class ShippedRole:
    """`objects`: what the role may do with every object that has no grant of its own for it."""

    key: str
    label: Text
    rights: tuple[str, ...]
    objects: RoleGrant | None


@cache
def shipped_roles() -> tuple[ShippedRole, ...]:
    source = read_yaml((Path(__file__).parent / "shipped" / "roles.yaml").read_text(encoding="utf-8"))
    return tuple(
        ShippedRole(
            key=item["key"],
            label=Text(item["label"]["zh"], item["label"]["en"]),
            rights=tuple(item.get("rights", ())),
            objects=_objects(item["key"], item.get("objects")),
        )
        for item in source
    )


def _objects(role: str, source: dict[str, object] | None) -> RoleGrant | None:
    if source is None:
        return None
    fields = source["fields"]
    assert isinstance(fields, dict)
    return RoleGrant(role, {key: str(value) for key, value in source.items() if key != "fields"}, fields)
