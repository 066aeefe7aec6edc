"""What the hash of a history row is taken over."""

import hashlib
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

from engine.kernel.actor import Actor, ActorKind
from engine.kernel.history import Event, row_of

TOLD = {"b": 1.5, "a": '校区"\x00'}
AT = datetime(2026, 9, 1, 9, tzinfo=timezone(timedelta(hours=8)))


def test_hash_is_of_the_row_as_canonical_json() -> None:
    ann = Actor(ActorKind.PROCESS, "p", 'An"n\x00', on_behalf_of=None)
    event = Event("task:completed", ("task", UUID(int=1)), None, TOLD, instance_id=UUID(int=2))
    row, personal = row_of(ann, event, AT)
    text = (
        '{"action":"task:completed","actor_id":"p","actor_kind":"process","actor_name":"An\\"n",'
        '"at":"2026-09-01T01:00:00+00:00","branch_id":null,"data":{"a":"校区\\"","b":"1.5"},'
        f'"id":"{row["id"]}","instance_id":"00000000-0000-0000-0000-000000000002","on_behalf_of":null,'
        '"subject_id":"00000000-0000-0000-0000-000000000001","subject_kind":"task"}'
    )
    assert row["hash"] == hashlib.sha256(text.encode()).digest()
    assert row["at"] == AT.astimezone(UTC)
    assert personal == []
