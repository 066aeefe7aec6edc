"""Create metadata."""

from alembic import op

from engine.metadata.migrations.first import access, organisation, records

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
    organisation.branch()
    records.metadata_epoch()
    records.number_counter()
    access.principal_grant()
    organisation.role()
    organisation.sign_in_attempt()
    organisation.app_user()
    access.field_grant()
    records.field_registry()
    access.object_grant()
    records.overlay()
    organisation.position()
    organisation.user_group()
    organisation.access_token()
    records.custom_record()
    access.forbid_rule()
    organisation.group_member()
    organisation.password()
    organisation.position_holder()
    access.record_share()
    organisation.role_assignment()
    access.sharing_rule()
    access.task_grant()
    op.execute("CREATE SEQUENCE metadata_epoch_sequence")
    op.execute("INSERT INTO metadata_epoch (id, value) VALUES (1, nextval('metadata_epoch_sequence'))")
    op.execute(_BUMP)
    for table in _CONFIGURATION:
        op.execute(
            f"CREATE TRIGGER {table}_moves_epoch AFTER INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION move_metadata_epoch()"
        )
