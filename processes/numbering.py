"""Numbers of papers without gaps: taken in the paper's own transaction, so a rollback gives the number back."""

from sqlalchemy.dialects.postgresql import insert

from engine.kernel.uow import Tx
from engine.metadata.organisation_tables import number_counter


def next_number(tx: Tx, object_key: str, prefix: str) -> int:
    """The next number of a series, from 1. Others who number in the series wait for this transaction."""
    row = {"object": object_key, "field": "number", "prefix": prefix, "last": 1}
    statement = insert(number_counter).values(row)
    statement = statement.on_conflict_do_update(
        index_elements=["object", "field", "prefix"], set_={"last": number_counter.c.last + 1}
    )
    return int(tx.execute(statement.returning(number_counter.c.last)).scalar_one())
