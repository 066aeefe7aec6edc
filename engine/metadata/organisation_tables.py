"""Who there is and what they may do: branches, users, roles, positions, groups, grants, overlays."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB

from engine.kernel.database import metadata
from engine.kernel.ids import new_id

_ROOM = {"room": "metadata"}


def _id() -> Column[object]:
    return Column("id", sa.Uuid(), primary_key=True, default=new_id)


def _moment(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, sa.DateTime(timezone=True), nullable=nullable)


def _to(name: str, target: str, *, nullable: bool = False, primary: bool = False) -> Column[object]:
    return Column(name, sa.Uuid(), ForeignKey(f"{target}.id"), nullable=nullable and not primary, primary_key=primary)


branch = Table(
    "branch",
    metadata,
    _id(),
    Column("key", sa.Text(), nullable=False, unique=True),
    Column("name", sa.Text(), nullable=False),
    Column("name_en", sa.Text(), nullable=False, server_default=""),
    _to("parent_id", "branch", nullable=True),
    Column("kind", sa.Text(), nullable=False, server_default="branch"),
    Column("zone", sa.Text(), nullable=False, server_default="Asia/Shanghai"),
    Column("is_active", sa.Boolean(), nullable=False, server_default=sa.true()),
    Column("settings", JSONB(), nullable=False, server_default=sa.text("'{}'::jsonb")),
    CheckConstraint("kind IN ('headquarters', 'region', 'branch')", name="kind"),
    Index("ux_branch_root", sa.text("(parent_id IS NULL)"), unique=True, postgresql_where=sa.text("parent_id IS NULL")),
    info=_ROOM,
)

app_user = Table(
    "app_user",
    metadata,
    _id(),
    Column("username", sa.Text(), nullable=False, unique=True),
    Column("name", sa.Text(), nullable=False),
    Column("pinyin", sa.Text(), nullable=False, server_default=""),
    _to("branch_id", "branch"),
    Column("phone", sa.Text()),
    Column("email", sa.Text()),
    Column("locale", sa.Text(), nullable=False, server_default="zh"),
    Column("is_active", sa.Boolean(), nullable=False, server_default=sa.true()),
    Column("is_demo", sa.Boolean(), nullable=False, server_default=sa.false()),
    Column("version", sa.Integer(), nullable=False, server_default="1"),
    _moment("created_at"),
    Index("ix_app_user_branch", "branch_id", "id"),
    info=_ROOM,
)

password = Table(
    "password",
    metadata,
    _to("user_id", "app_user", primary=True),
    Column("hash", sa.Text(), nullable=False),
    _moment("changed_at"),
    Column("must_change", sa.Boolean(), nullable=False, server_default=sa.false()),
    info=_ROOM,
)

access_token = Table(
    "access_token",
    metadata,
    _id(),
    _to("user_id", "app_user"),
    Column("digest", sa.LargeBinary(), nullable=False, unique=True),
    Column("label", sa.Text(), nullable=False, server_default=""),
    _moment("created_at"),
    _moment("expires_at"),
    _moment("revoked_at", nullable=True),
    Index("ix_access_token_user", "user_id"),
    info=_ROOM,
)

sign_in_attempt = Table(
    "sign_in_attempt",
    metadata,
    _id(),
    Column("username", sa.Text(), nullable=False),
    Column("address", sa.Text(), nullable=False),
    _moment("at"),
    Column("succeeded", sa.Boolean(), nullable=False),
    Index("ix_sign_in_attempt_username", "username", "at"),
    Index("ix_sign_in_attempt_address", "address", "at"),
    info=_ROOM,
)

role = Table(
    "role",
    metadata,
    Column("key", sa.Text(), primary_key=True),
    Column("label", JSONB(), nullable=False),
    Column("is_shipped", sa.Boolean(), nullable=False, server_default=sa.false()),
    Column("rights", sa.ARRAY(sa.Text()), nullable=False, server_default="{}"),
    info=_ROOM,
)

role_assignment = Table(
    "role_assignment",
    metadata,
    _id(),
    Column("role", sa.Text(), ForeignKey("role.key"), nullable=False),
    _to("branch_id", "branch"),
    _to("user_id", "app_user", nullable=True),
    _to("group_id", "user_group", nullable=True),
    _to("position_id", "position", nullable=True),
    CheckConstraint("num_nonnulls(user_id, group_id, position_id) = 1", name="one_holder"),
    UniqueConstraint("role", "branch_id", "user_id", "group_id", "position_id", postgresql_nulls_not_distinct=True),
    Index("ix_role_assignment_user", "user_id"),
    Index("ix_role_assignment_branch", "branch_id", "role"),
    info=_ROOM,
)

position = Table(
    "position",
    metadata,
    _id(),
    Column("key", sa.Text(), nullable=False),
    Column("name", sa.Text(), nullable=False),
    _to("branch_id", "branch"),
    _to("superior_id", "position", nullable=True),
    Column("is_branch_head", sa.Boolean(), nullable=False, server_default=sa.false()),
    UniqueConstraint("branch_id", "key"),
    info=_ROOM,
)

position_holder = Table(
    "position_holder",
    metadata,
    _to("position_id", "position", primary=True),
    _to("user_id", "app_user", primary=True),
    Index("ix_position_holder_user", "user_id"),
    info=_ROOM,
)

user_group = Table(
    "user_group",
    metadata,
    _id(),
    Column("key", sa.Text(), nullable=False, unique=True),
    Column("name", sa.Text(), nullable=False),
    _to("branch_id", "branch"),
    info=_ROOM,
)

group_member = Table(
    "group_member",
    metadata,
    _to("group_id", "user_group", primary=True),
    _to("user_id", "app_user", primary=True),
    Index("ix_group_member_user", "user_id"),
    info=_ROOM,
)

object_grant = Table(
    "object_grant",
    metadata,
    Column("role", sa.Text(), ForeignKey("role.key"), primary_key=True),
    Column("object", sa.Text(), primary_key=True),
    Column("scopes", JSONB(), nullable=False),
    Column("where", sa.Text()),
    Column("is_shipped", sa.Boolean(), nullable=False, server_default=sa.false()),
    info=_ROOM,
)

field_grant = Table(
    "field_grant",
    metadata,
    Column("role", sa.Text(), ForeignKey("role.key"), primary_key=True),
    Column("object", sa.Text(), primary_key=True),
    Column("field", sa.Text(), primary_key=True),
    Column("level", sa.Text(), nullable=False),
    CheckConstraint("level IN ('none', 'masked', 'read', 'write')", name="level"),
    info=_ROOM,
)

sharing_rule = Table(
    "sharing_rule",
    metadata,
    _id(),
    Column("object", sa.Text(), nullable=False),
    Column("name", sa.Text(), nullable=False),
    Column("where", sa.Text(), nullable=False),
    Column("role", sa.Text(), ForeignKey("role.key")),
    _to("group_id", "user_group", nullable=True),
    _to("branch_id", "branch", nullable=True),
    Column("can_update", sa.Boolean(), nullable=False, server_default=sa.false()),
    Column("masked", sa.ARRAY(sa.Text()), nullable=False, server_default="{}"),
    CheckConstraint("num_nonnulls(role, group_id) = 1", name="one_receiver"),
    info=_ROOM,
)

record_share = Table(
    "record_share",
    metadata,
    Column("object", sa.Text(), primary_key=True),
    Column("record_id", sa.Uuid(), primary_key=True),
    _to("user_id", "app_user", primary=True),
    Column("can_update", sa.Boolean(), nullable=False, server_default=sa.false()),
    Column("reason", sa.Text(), nullable=False, server_default=""),
    _moment("expires_at", nullable=True),
    Index("ix_record_share_user", "user_id", "object"),
    info=_ROOM,
)

forbid_rule = Table(
    "forbid_rule",
    metadata,
    _id(),
    Column("object", sa.Text(), nullable=False),
    Column("name", sa.Text(), nullable=False),
    Column("role", sa.Text(), ForeignKey("role.key")),
    _to("user_id", "app_user", nullable=True),
    Column("actions", sa.ARRAY(sa.Text()), nullable=False),
    Column("where", sa.Text()),
    Column("fields", sa.ARRAY(sa.Text()), nullable=False, server_default="{}"),
    CheckConstraint("num_nonnulls(role, user_id) = 1", name="one_target"),
    info=_ROOM,
)

task_grant = Table(
    "task_grant",
    metadata,
    Column("task_id", sa.Uuid(), primary_key=True),
    _to("user_id", "app_user", primary=True),
    Column("object", sa.Text(), nullable=False),
    Column("record_id", sa.Uuid(), nullable=False),
    Column("fields", JSONB(), nullable=False),
    _moment("expires_at", nullable=True),
    Index("ix_task_grant_user", "user_id", "object"),
    info=_ROOM,
)

principal_grant = Table(
    "principal_grant",
    metadata,
    Column("principal", sa.Text(), primary_key=True),
    Column("object", sa.Text(), primary_key=True),
    Column("scopes", JSONB(), nullable=False),
    Column("fields", JSONB(), nullable=False),
    info=_ROOM,
)

overlay = Table(
    "overlay",
    metadata,
    _to("branch_id", "branch", primary=True),
    Column("object", sa.Text(), primary_key=True),
    Column("revision", sa.Integer(), primary_key=True),
    Column("patch", JSONB(), nullable=False),
    Column("is_current", sa.Boolean(), nullable=False, server_default=sa.true()),
    _moment("created_at"),
    Column("created_by", sa.Text(), nullable=False),
    Index("ux_overlay_current", "branch_id", "object", unique=True, postgresql_where=sa.text("is_current")),
    info=_ROOM,
)

field_registry = Table(
    "field_registry",
    metadata,
    Column("object", sa.Text(), primary_key=True),
    Column("field", sa.Text(), primary_key=True),
    Column("type", sa.Text(), nullable=False),
    _to("owner_branch_id", "branch"),
    info=_ROOM,
)

number_counter = Table(
    "number_counter",
    metadata,
    Column("object", sa.Text(), primary_key=True),
    Column("field", sa.Text(), primary_key=True),
    Column("prefix", sa.Text(), primary_key=True),
    Column("last", sa.BigInteger(), nullable=False),
    info=_ROOM,
)

epoch = Table(
    "metadata_epoch",
    metadata,
    Column("id", sa.Integer(), primary_key=True, autoincrement=False),
    Column("value", sa.BigInteger(), nullable=False),
    CheckConstraint("id = 1", name="single_row"),
    info=_ROOM,
)
