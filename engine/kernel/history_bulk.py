"""Many rows of the trail at once, with the database's bulk load: an import writes one for each of its records."""

from collections.abc import Iterable

from engine.kernel import canonical
from engine.kernel.history import Event, row_of
from engine.kernel.uow import Tx


def record_many(tx: Tx, events: Iterable[Event]) -> None:
    """Like ``tx.record`` for each event, but written now; a savepoint around it undoes it."""
    made = [row_of(tx.actor, event, tx.now) for event in events]
    if not made:
        return
    names = list(made[0][0])
    values = [
        (value["history_id"], value["field"], value["salt"], canonical.dumps(value["value"]))
        for _, personal in made
        for value in personal
    ]
    driver = tx.connection.connection.cursor()
    with driver.copy(f"COPY history ({', '.join(names)}) FROM STDIN") as load:
        for row, _ in made:
            load.write_row([row[name] for name in names])
    if values:
        with driver.copy("COPY history_value (history_id, field, salt, value) FROM STDIN") as load:
            for one in values:
                load.write_row(one)
