"""FEEL in metadata: filters and row rules as SQL, and the names an expression about a record may use.

Names: the object's fields (system fields too), paths through links (`student.name`), and `actor` (`id`, `branch_id`,
`roles`, `name`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.feel import Expression, FeelEnv, compile_expression, name_advice, with_advice
from engine.feel.sql import SqlColumn, SqlCondition, SqlValue, to_sql
from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import catalog, snapshot
from engine.metadata.definition import ObjectDefinition
from engine.metadata.profile import load_profile
from engine.metadata.statement import Statement

if TYPE_CHECKING:
    from engine.metadata.columns import Columns

ACTOR = "actor"
_TYPES = {
    "text": "string",
    "numeric": "number",
    "bigint": "number",
    "smallint": "number",
    "boolean": "boolean",
    "date": "date",
    "timestamptz": "date and time",
}


@lru_cache(maxsize=4_000)
def compiled(text: str, names: tuple[str, ...]) -> Expression:
    """Raises FeelError."""
    return compile_expression(text, names=names)


def names_of(definition: ObjectDefinition) -> tuple[str, ...]:
    return (*(field.key for field in catalog.all_fields(definition)), ACTOR)


def compile_for(definition: ObjectDefinition, text: str) -> Expression:
    """The expression over the object's fields. Raises FeelError, UserError for an unknown name.

    The message offers functions only: who filters may not know all fields.
    """
    known: Expression | None = definition.rules.get(f"feel:{text}")
    if known is not None:
        return known
    expression = compiled(text, names_of(definition))
    if expression.unknown:
        name = expression.unknown[0].name
        message = Text(f"表达式中没有名称“{name}”", f'There is no name "{name}" in "{text[:80]}"')
        raise UserError("unknown_name", with_advice(message, name_advice(name, (ACTOR,))))
    return expression


def references_of(definition: ObjectDefinition, text: str) -> frozenset[tuple[str, ...]]:
    """Paths the expression reads."""
    return compile_for(definition, text).references


def environment(tx: Tx) -> FeelEnv:
    """Now, in the zone of the acting one's branch."""
    config = snapshot.load(tx)
    branch_id = load_profile(tx).branch_id or config.root.id
    return FeelEnv(now=tx.now, zone=ZoneInfo(config.branches[branch_id].zone))


def actor_context(tx: Tx) -> dict[str, object]:
    """What `actor` is in an expression."""
    profile = load_profile(tx)
    return {
        "id": tx.actor.id,
        "name": tx.actor.name,
        "branch_id": str(profile.branch_id) if profile.branch_id else None,
        "roles": sorted(profile.role_keys()),
    }


def filter_sql(columns: Columns, text: str) -> str:
    """A reader's FEEL filter as SQL, its fields checked. Raises FeelError, Forbidden, UserError."""
    condition = _translated(columns, text)
    columns.statement.parameters.update(condition.parameters)
    return condition.sql


def condition_sql(tx: Tx, statement: Statement, definition: ObjectDefinition, text: str, alias: str) -> str:
    """An administrator's row rule as SQL: it holds for everybody and may use any field.

    What hangs on nothing but the definition and the acting one's own values is translated once.
    """
    from engine.metadata.columns import Columns

    definition.rules.put(f"feel:{text}", compile_for(definition, text))
    fixed_by = _fixed_by(tx, definition, text)
    key = f"condition:{len(statement.parameters)}:{alias}:{fixed_by}:{text}"
    condition: SqlCondition | None = definition.rules.get(key)
    if condition is None:
        condition = _translated(Columns(tx, statement, definition, alias, checked=False), text)
        if fixed_by is not None:
            definition.rules.put(key, condition)
    statement.parameters.update(condition.parameters)
    return condition.sql


def _translated(columns: Columns, text: str) -> SqlCondition:
    expression = compile_for(columns.definition, text)

    def resolve(path: tuple[str, ...]) -> SqlColumn | SqlValue | None:
        if path[0] == ACTOR:
            value = actor_context(columns.tx)
            return SqlValue(value[path[1]] if len(path) == 2 and path[1] in value else None)
        found = columns.value(path)
        if found.type in ("uuid", "interval"):
            return SqlColumn(f"CAST({found.sql} AS text)", "string")
        return SqlColumn(found.sql, _TYPES[found.type]) if found.type in _TYPES else None

    number = len(columns.statement.parameters)
    return to_sql(expression, resolve, environment(columns.tx), prefix=f"f{number}")


def _fixed_by(tx: Tx, definition: ObjectDefinition, text: str) -> str | None:
    """What of the acting one the rule names: beside the definition, its SQL hangs on nothing else.

    None when it does: on a function, a literal of a time, another record.
    """
    if "(" in text or "@" in text:
        return None
    paths = references_of(definition, text)
    if any(len(path) != 1 or _is_rollup(definition, path[0]) for path in paths if path[0] != ACTOR):
        return None
    named = sorted(path for path in paths if path[0] == ACTOR)
    context = actor_context(tx) if named else {}
    return repr([context.get(path[1]) if len(path) == 2 else None for path in named])


def _is_rollup(definition: ObjectDefinition, key: str) -> bool:
    field = catalog.field_of(definition, key)
    return field is not None and field.type == "rollup"
