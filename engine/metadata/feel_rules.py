"""Checks an administrator's FEEL before it is stored: a rule that cannot be translated would lock people out."""

from __future__ import annotations

from engine.kernel.uow import Tx
from engine.metadata import catalog
from engine.metadata.feel_sql import condition_sql
from engine.metadata.statement import Statement


def check_row_rule(tx: Tx, object_key: str, where: str) -> None:
    """Raises FeelError or UserError naming what cannot be used."""
    definition = catalog.load(tx).object(object_key)
    condition_sql(tx, Statement(), definition, where, "t0")
