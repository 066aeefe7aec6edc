"""Statements with `:name` places, below SQLAlchemy."""

from engine.kernel.actor import SYSTEM
from engine.kernel.uow import Tx
from engine.metadata import catalog
from engine.metadata.feel_sql import condition_sql
from engine.metadata.statement import Statement, rows_of


def test_rows_of_fills_places_and_leaves_casts_and_per_cents_alone(school) -> None:
    sql = "SELECT :a || '50%' AS said, ('{\"n\": 7}'::jsonb->>'n')::int % 4 AS rest WHERE :b = ANY(CAST(:c AS int[]))"
    values = {"a": "约", "b": 2, "c": [1, 2]}
    assert school.boundary.run(SYSTEM, lambda tx: rows_of(tx, sql, values)) == [{"said": "约50%", "rest": 3}]


def test_translated_row_rules_are_kept_for_those_who_acted_last(school) -> None:
    def translate(tx: Tx) -> list[str]:
        definition = catalog.load(tx).object("enquiry")
        definition.rules.size = 3
        texts = [f'created_by = actor.id and name != "{number}"' for number in range(5)]
        return [condition_sql(tx, Statement(), definition, text, "t") for text in texts] + [str(len(definition.rules))]

    *conditions, kept = school.boundary.run(SYSTEM, translate)
    assert (len(set(conditions)), kept) == (1, "3")
