"""The planner's statistics after bulk loads, sooner than the database's own daemon gets to them."""

from sqlalchemy import create_engine, text

_STALE = text(
    "SELECT s.relname FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid"
    " WHERE s.n_mod_since_analyze > 500 + 0.1 * greatest(c.reltuples, 0)"
    " AND pg_has_role(current_user, c.relowner, 'USAGE') ORDER BY s.n_mod_since_analyze DESC LIMIT 200"
)


def refresh(owner_url: str) -> tuple[str, ...]:
    """ANALYZEs the owner's tables that changed by more than a tenth since the last time; their names."""
    engine = create_engine(owner_url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            stale = tuple(connection.execute(_STALE).scalars())
            quote = engine.dialect.identifier_preparer.quote
            for name in stale:
                connection.execute(text(f"ANALYZE {quote(name)}"))
            return stale
    finally:
        engine.dispose()
