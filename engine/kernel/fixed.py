"""Statements of SQLAlchemy that have the same text every time: compiled once, sent down the line ever after.

What SQLAlchemy does for each execution costs several times the statement itself. A statement whose values are all named
parameters needs that only once; `Tx.mappings`, `Tx.query` and `Tx.post` take its text.
"""

from sqlalchemy import Delete, Float, Insert, Select, Update
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.types import TypeEngine

_DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call]
_FLOAT8, _NUMERIC = 701, 1700  # the server's numbers of its types; what is no number does not look at them
Statement = Select[tuple[object, ...]] | Insert | Update | Delete


def fixed(statement: Statement) -> str:
    """The text, with `%(name)s` for each `bindparam("name")` of the statement.

    Raises: ValueError when a value stands in the statement itself, or SQLAlchemy would convert one on its way.
    """
    compiled = statement.compile(dialect=_DIALECT)
    given = [name for name, value in compiled.binds.items() if not value.required]
    if given:
        raise ValueError(f"Expected named parameters only, but found values given as {', '.join(sorted(given))}")
    columns = statement.selected_columns if isinstance(statement, Select) else ()
    converted = [
        *(column.name for column in columns if _is_converted(column.type)),
        *(name for name, value in compiled.binds.items() if _impl(value.type).bind_processor(_DIALECT)),
    ]
    if converted:
        raise ValueError(f"Expected values as the driver knows them, but found others in {', '.join(converted)}")
    return str(compiled)


def _is_converted(kind: TypeEngine[object]) -> bool:
    code = _FLOAT8 if isinstance(kind, Float) else _NUMERIC
    return _impl(kind).result_processor(_DIALECT, code) is not None


def _impl(kind: TypeEngine[object]) -> TypeEngine[object]:
    return kind.dialect_impl(_DIALECT)
