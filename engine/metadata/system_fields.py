"""The common columns of every object, as fields: readable with the record, never defined in YAML."""

from __future__ import annotations

from engine.kernel.text import Text
from engine.metadata.definition import FieldDefinition, Option

ID, BRANCH, OWNER, STAGE = "id", "branch_id", "owner_id", "stage"


def _system(key: str, field_type: str, zh: str, en: str, *, read_only: bool = True) -> FieldDefinition:
    return FieldDefinition(
        key=key, type=field_type, label=Text(zh, en), read_only=read_only, system=True, history=not read_only
    )


_FIELDS = (
    _system(ID, "uuid", "编号", "Id"),
    _system(BRANCH, "branch", "校区", "Branch", read_only=False),
    _system(OWNER, "user", "负责人", "Owner", read_only=False),
    _system("version", "integer", "版本", "Version"),
    _system("created_at", "datetime", "创建时间", "Created at"),
    _system("created_by", "actor", "创建人", "Created by"),
    _system("updated_at", "datetime", "更新时间", "Updated at"),
    _system("updated_by", "actor", "更新人", "Updated by"),
    _system("deleted_at", "datetime", "删除时间", "Deleted at"),
)
SYSTEM_KEYS = frozenset(field.key for field in _FIELDS) | {STAGE}
RESERVED_KEYS = SYSTEM_KEYS | {"custom", "search", "sort_name", "object"}


def system_fields(stages: tuple[Option, ...], *, has_lifecycle: bool) -> tuple[FieldDefinition, ...]:
    """The system fields; `stage` is a choice over the object's stages, writable only without a lifecycle."""
    stage = FieldDefinition(
        key=STAGE, type="choice", label=Text("阶段", "Stage"), options=stages, system=True, read_only=has_lifecycle
    )
    return (*_FIELDS, stage)
