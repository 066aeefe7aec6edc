"""The actions that occur in the trail, in words, for who searches it."""

from engine.kernel.uow import Tx
from engine.metadata import rights
from webapp.i18n import translated
from webapp.screens.audit import trail_words
from webapp.screens.audit.trail import action_words

# One jump of the index per action: the time does not grow with the trail.
_OCCURRING = """with recursive known(action) as (
 select min(action) from history
 union all select (select min(h.action) from history h where h.action > known.action) from known
 where known.action is not null)
select action from known where action is not null limit 1000"""


def choices(tx: Tx) -> list[tuple[str, list[tuple[str, str]]]]:
    """Groups by kind of subject: (words of the kind, ((action, words), ...)). Needs ``view_history``."""
    rights.require_right(tx, "view_history")
    groups: dict[str, list[tuple[str, str]]] = {}
    for (action,) in tx.query(_OCCURRING, {}):
        kind = str(action).partition(":")[0]
        groups.setdefault(kind, []).append((str(action), action_words(str(action))[0]))
    order = {kind: place for place, kind in enumerate(trail_words.KINDS)}
    known = sorted(groups, key=lambda kind: (order.get(kind, len(order)), kind))
    return [(_kind(kind), sorted(groups[kind], key=lambda one: one[1])) for kind in known]


def _kind(kind: str) -> str:
    return translated(trail_words.KINDS[kind][0]) if kind in trail_words.KINDS else kind
