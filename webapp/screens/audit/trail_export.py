"""The trail as a sheet: the rows found, for auditors; that it was taken goes into the history itself."""

import csv
import io
from dataclasses import replace
from uuid import UUID

from engine.kernel import history_search
from engine.kernel.history import Event
from engine.kernel.history_search import HistoryPage, HistoryQuery
from engine.kernel.uow import Tx
from engine.metadata import rights, trail
from webapp.screens.audit import trailpage

MOST_ROWS = 20_000
_HEADERS = ("at", "actor", "on behalf of", "action", "subject", "id", "branch", "changes", "note")


def found(tx: Tx, query: HistoryQuery) -> HistoryPage:
    """A page of what the reader may see. Needs ``view_history``."""
    rights.require_right(tx, "view_history")
    page = history_search.search(tx.connection, replace(query, branches=rights.branches_with(tx, "view_history")))
    return replace(page, items=trail.visible(tx, page.items))


def sheet(tx: Tx, query: HistoryQuery, asked: str) -> bytes:
    """All pages as CSV, at most 20,000 rows; ``asked``: the question as it was put. Needs ``export_history``."""
    rights.require_right(tx, "export_history")
    sink = io.StringIO()
    writer = csv.writer(sink)
    writer.writerow(_HEADERS)
    count, query = 0, replace(query, limit=history_search.MAX_LIMIT)
    while count < MOST_ROWS:
        page = found(tx, query)
        writer.writerows(trailpage.cells(line) for line in trailpage.lines(tx, page.items))
        count += len(page.items)
        if page.next is None:
            break
        query = replace(query, after=UUID(page.next))
    tx.record(Event("history:exported", ("history", "all"), data={"rows": count, "query": asked}))
    return ("\ufeff" + sink.getvalue()).encode("utf-8")
