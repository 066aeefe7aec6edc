"""Create metadata."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "metadata_0001"
down_revision = None
branch_labels = ("metadata",)
depends_on: tuple[str, ...] | None = None


_CONFIGURATION = (
    "branch",
    "app_user",
    "role",
    "role_assignment",
    "position",
    "position_holder",
    "user_group",
    "group_member",
    "object_grant",
    "field_grant",
    "sharing_rule",
    "forbid_rule",
    "principal_grant",
    "overlay",
)

# Bigrams of a search text, and its single Chinese characters: what the GIN indexes hold. Each line of the text is
# `field=forms`; the field's name is left out.
_SEARCH_GRAMS = r"""
CREATE FUNCTION search_grams(source text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT coalesce(array_agg(DISTINCT gram), '{}') FROM (
    SELECT substr(clean, place, 2) AS gram
    FROM (SELECT regexp_replace(source, '(^|\n)[a-z0-9_]+=', E'\n', 'g') AS clean) AS cleaned,
      generate_series(1, length(clean) - 1) AS place
    UNION ALL
    SELECT letter FROM regexp_split_to_table(source, '') AS letter WHERE letter > '~'
  ) AS grams WHERE gram !~ '\s'
$$
"""

_BUMP = """
CREATE FUNCTION move_metadata_epoch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE metadata_epoch SET value = nextval('metadata_epoch_sequence') WHERE id = 1;
  RETURN NULL;
END $$
"""


def upgrade() -> None:
    """Applies it."""
    op.execute(_SEARCH_GRAMS)
    op.create_table(
        "branch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_en", sa.Text(), server_default="", nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.Text(), server_default="branch", nullable=False),
        sa.Column("zone", sa.Text(), server_default="Asia/Shanghai", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column(
            "settings", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.CheckConstraint("kind IN ('headquarters', 'region', 'branch')", name=op.f("ck_branch_kind")),
        sa.ForeignKeyConstraint(["parent_id"], ["branch.id"], name=op.f("fk_branch_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_branch")),
        sa.UniqueConstraint("key", name=op.f("uq_branch_key")),
        info={"room": "metadata"},
    )
    op.create_index(
        "ux_branch_root",
        "branch",
        [sa.literal_column("(parent_id IS NULL)")],
        unique=True,
        postgresql_where=sa.text("parent_id IS NULL"),
    )
    op.create_table(
        "metadata_epoch",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_metadata_epoch_single_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_metadata_epoch")),
        info={"room": "metadata"},
    )
    op.create_table(
        "number_counter",
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("object", "field", "prefix", name=op.f("pk_number_counter")),
        info={"room": "metadata"},
    )
    op.create_table(
        "principal_grant",
        sa.Column("principal", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("principal", "object", name=op.f("pk_principal_grant")),
        info={"room": "metadata"},
    )
    op.create_table(
        "role",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("label", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("is_shipped", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("rights", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_role")),
        info={"room": "metadata"},
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
        info={"room": "metadata"},
    )
    op.create_index("ix_sign_in_attempt_address", "sign_in_attempt", ["address", "at"], unique=False)
    op.create_index("ix_sign_in_attempt_username", "sign_in_attempt", ["username", "at"], unique=False)
    op.create_table(
        "app_user",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("pinyin", sa.Text(), server_default="", nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("locale", sa.Text(), server_default="zh", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("is_demo", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_app_user_branch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_app_user")),
        sa.UniqueConstraint("username", name=op.f("uq_app_user_username")),
        info={"room": "metadata"},
    )
    op.create_index("ix_app_user_branch", "app_user", ["branch_id", "id"], unique=False)
    op.create_table(
        "field_grant",
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("level", sa.Text(), nullable=False),
        sa.CheckConstraint("level IN ('none', 'masked', 'read', 'write')", name=op.f("ck_field_grant_level")),
        sa.ForeignKeyConstraint(["role"], ["role.key"], name=op.f("fk_field_grant_role")),
        sa.PrimaryKeyConstraint("role", "object", "field", name=op.f("pk_field_grant")),
        info={"room": "metadata"},
    )
    op.create_table(
        "field_registry",
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("owner_branch_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["owner_branch_id"], ["branch.id"], name=op.f("fk_field_registry_owner_branch_id")),
        sa.PrimaryKeyConstraint("object", "field", name=op.f("pk_field_registry")),
        info={"room": "metadata"},
    )
    op.create_table(
        "object_grant",
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("scopes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("where", sa.Text(), nullable=True),
        sa.Column("is_shipped", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["role"], ["role.key"], name=op.f("fk_object_grant_role")),
        sa.PrimaryKeyConstraint("role", "object", name=op.f("pk_object_grant")),
        info={"room": "metadata"},
    )
    op.create_table(
        "overlay",
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("patch", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("is_current", sa.Boolean(), server_default=sa.text("true"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_overlay_branch_id")),
        sa.PrimaryKeyConstraint("branch_id", "object", "revision", name=op.f("pk_overlay")),
        info={"room": "metadata"},
    )
    op.create_index(
        "ux_overlay_current", "overlay", ["branch_id", "object"], unique=True, postgresql_where=sa.text("is_current")
    )
    op.create_table(
        "position",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("superior_id", sa.Uuid(), nullable=True),
        sa.Column("is_branch_head", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_position_branch_id")),
        sa.ForeignKeyConstraint(["superior_id"], ["position.id"], name=op.f("fk_position_superior_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_position")),
        sa.UniqueConstraint("branch_id", "key", name=op.f("uq_position_branch_id_key")),
        info={"room": "metadata"},
    )
    op.create_table(
        "user_group",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_user_group_branch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_group")),
        sa.UniqueConstraint("key", name=op.f("uq_user_group_key")),
        info={"room": "metadata"},
    )
    op.create_table(
        "access_token",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("label", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_access_token_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_token")),
        sa.UniqueConstraint("digest", name=op.f("uq_access_token_digest")),
        info={"room": "metadata"},
    )
    op.create_index("ix_access_token_user", "access_token", ["user_id"], unique=False)
    op.create_table(
        "custom_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_by", sa.Text(), server_default="system", nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("updated_by", sa.Text(), server_default="system", nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "custom", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("search", sa.Text(), server_default="", nullable=False),
        sa.Column("sort_name", sa.Text(), server_default="", nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_custom_record_branch_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["app_user.id"], name=op.f("fk_custom_record_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custom_record")),
        info={"room": "metadata"},
    )
    op.create_index(
        "ix_custom_record_object",
        "custom_record",
        ["object", "branch_id", "id"],
        unique=False,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_index(
        "ix_custom_record_search",
        "custom_record",
        [sa.literal_column("search_grams(search)")],
        unique=False,
        postgresql_using="gin",
    )
    op.create_table(
        "forbid_rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("actions", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("where", sa.Text(), nullable=True),
        sa.Column("fields", sa.ARRAY(sa.Text()), server_default="{}", nullable=False),
        sa.CheckConstraint("num_nonnulls(role, user_id) = 1", name=op.f("ck_forbid_rule_one_target")),
        sa.ForeignKeyConstraint(["role"], ["role.key"], name=op.f("fk_forbid_rule_role")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_forbid_rule_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forbid_rule")),
        info={"room": "metadata"},
    )
    op.create_table(
        "group_member",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["user_group.id"], name=op.f("fk_group_member_group_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_group_member_user_id")),
        sa.PrimaryKeyConstraint("group_id", "user_id", name=op.f("pk_group_member")),
        info={"room": "metadata"},
    )
    op.create_index("ix_group_member_user", "group_member", ["user_id"], unique=False)
    op.create_table(
        "password",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("must_change", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_password_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_password")),
        info={"room": "metadata"},
    )
    op.create_table(
        "position_holder",
        sa.Column("position_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["position_id"], ["position.id"], name=op.f("fk_position_holder_position_id")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_position_holder_user_id")),
        sa.PrimaryKeyConstraint("position_id", "user_id", name=op.f("pk_position_holder")),
        info={"room": "metadata"},
    )
    op.create_index("ix_position_holder_user", "position_holder", ["user_id"], unique=False)
    op.create_table(
        "record_share",
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("can_update", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_record_share_user_id")),
        sa.PrimaryKeyConstraint("object", "record_id", "user_id", name=op.f("pk_record_share")),
        info={"room": "metadata"},
    )
    op.create_index("ix_record_share_user", "record_share", ["user_id", "object"], unique=False)
    op.create_table(
        "role_assignment",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("branch_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("position_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "num_nonnulls(user_id, group_id, position_id) = 1", name=op.f("ck_role_assignment_one_holder")
        ),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_role_assignment_branch_id")),
        sa.ForeignKeyConstraint(["group_id"], ["user_group.id"], name=op.f("fk_role_assignment_group_id")),
        sa.ForeignKeyConstraint(["position_id"], ["position.id"], name=op.f("fk_role_assignment_position_id")),
        sa.ForeignKeyConstraint(["role"], ["role.key"], name=op.f("fk_role_assignment_role")),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_role_assignment_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_assignment")),
        sa.UniqueConstraint(
            "role",
            "branch_id",
            "user_id",
            "group_id",
            "position_id",
            name=op.f("uq_role_assignment_role_branch_id_user_id_group_id_position_id"),
            postgresql_nulls_not_distinct=True,
        ),
        info={"room": "metadata"},
    )
    op.create_index("ix_role_assignment_branch", "role_assignment", ["branch_id", "role"], unique=False)
    op.create_index("ix_role_assignment_user", "role_assignment", ["user_id"], unique=False)
    op.create_table(
        "sharing_rule",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("where", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=True),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("branch_id", sa.Uuid(), nullable=True),
        sa.Column("can_update", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.CheckConstraint("num_nonnulls(role, group_id) = 1", name=op.f("ck_sharing_rule_one_receiver")),
        sa.ForeignKeyConstraint(["branch_id"], ["branch.id"], name=op.f("fk_sharing_rule_branch_id")),
        sa.ForeignKeyConstraint(["group_id"], ["user_group.id"], name=op.f("fk_sharing_rule_group_id")),
        sa.ForeignKeyConstraint(["role"], ["role.key"], name=op.f("fk_sharing_rule_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sharing_rule")),
        info={"room": "metadata"},
    )
    op.create_table(
        "task_grant",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["app_user.id"], name=op.f("fk_task_grant_user_id")),
        sa.PrimaryKeyConstraint("task_id", "user_id", name=op.f("pk_task_grant")),
        info={"room": "metadata"},
    )
    op.create_index("ix_task_grant_user", "task_grant", ["user_id", "object"], unique=False)
    op.execute("CREATE SEQUENCE metadata_epoch_sequence")
    op.execute("INSERT INTO metadata_epoch (id, value) VALUES (1, nextval('metadata_epoch_sequence'))")
    op.execute(_BUMP)
    for table in _CONFIGURATION:
        op.execute(
            f"CREATE TRIGGER {table}_moves_epoch AFTER INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION move_metadata_epoch()"
        )
