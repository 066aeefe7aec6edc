"""Statements with `:name` places, below SQLAlchemy."""

from engine.kernel.actor import SYSTEM
from engine.metadata.statement import rows_of


def test_rows_of_fills_places_and_leaves_casts_and_per_cents_alone(school) -> None:
    sql = "SELECT :a || '50%' AS said, ('{\"n\": 7}'::jsonb->>'n')::int % 4 AS rest WHERE :b = ANY(CAST(:c AS int[]))"
    values = {"a": "约", "b": 2, "c": [1, 2]}
    assert school.boundary.run(SYSTEM, lambda tx: rows_of(tx, sql, values)) == [{"said": "约50%", "rest": 3}]
