"""What must be so after every random step, and at the end of every random case."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from engine.workflow.interpreter import codec

_DOUBLED = """select host, item from user_task where host is not null and status = 'done' and kind = 'task'
 and outcome <> 'skipped' and annulled_at is null group by instance_id, host, item having count(*) > 1"""
_CAST = """select count(*) from user_task where instance_id = %(id)s and host = %(host)s and status = 'done'
 and kind = 'task' and outcome <> 'skipped' and annulled_at is null"""
_RUNNING = "select id, state from instance where ended_at is null and root_id = %(id)s"


def miscounted(world: Any, case: UUID) -> list[Any]:
    """Countersigns whose tally differs from the votes on record, and votes that count twice."""
    found: list[Any] = list(world.sql(_DOUBLED))
    for instance_id, blob in world.sql(_RUNNING, id=case):
        for host in codec.decode(bytes(blob)).tokens.values():
            if "cast" in (host.data or {}):
                on_record = world.sql(_CAST, id=instance_id, host=host.id)[0][0]
                found += [] if on_record == host.data["cast"] else [(host.id, host.data["cast"], on_record)]
    return found


_TRAILS = """select h.instance_id, t.value from history h, jsonb_array_elements(h.data->'trail') with ordinality t
 where h.instance_id in (select id from instance where root_id = %(id)s) and h.data ? 'trail'"""
_BOOKED = "select node_id, turn from task_turn where process_key = 'book' and node_id like %(prefix)s"


def half_told(world: Any, case: UUID) -> list[Any]:
    """Activations of a finished case that were entered and never left, or left and never entered.

    A task `t1` is called `z1` in a newer version.
    """
    balance: Counter[tuple[UUID, str, int]] = Counter()
    for instance_id, (kind, element, activation, *_) in world.sql(_TRAILS, id=case):
        balance[instance_id, element.replace("z", "t"), activation] += {
            "entered": 1,
            "completed": -1,
            "cancelled": -1,
        }.get(kind, 0)
    return [key for key, count in balance.items() if count and key[2]]


def misbooked(world: Any, cases: Sequence[UUID], key: str) -> list[Any]:
    """Nodes whose handler has worked more or less often than the trails of all cases of the process say.

    What was skipped has not worked.
    """
    trail = [(instance_id, *entry) for case in cases for instance_id, entry in world.sql(_TRAILS, id=case)]
    skipped = {(instance_id, activation) for instance_id, kind, _, activation, *_ in trail if kind == "skipped"}
    told = Counter(
        f"{key}.{element}"
        for instance_id, kind, element, activation, *more in trail
        if kind == "completed" and element.startswith("v") and (instance_id, activation) not in skipped
        if not (more and "host" in more[0])
    )
    done = dict(world.sql(_BOOKED, prefix=f"{key}.%"))
    return [(node, told[node], done.get(node, 0)) for node in told | done if told[node] != done.get(node, 0)]
