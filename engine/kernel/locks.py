"""Named locks that last until the transaction ends, taken in one order everywhere, so that they cannot deadlock."""

import hashlib

from sqlalchemy import BigInteger, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY

from engine.kernel.uow import Tx

_TAKE = text("SELECT pg_advisory_xact_lock(key) FROM unnest(:keys) AS key").bindparams(
    bindparam("keys", type_=ARRAY(BigInteger))
)


def lock(tx: Tx, *names: str) -> None:
    """Waits for every name (such as ``student:<id>``) and holds them to the end of the transaction.

    Call it once per transaction with all names: two calls in different order can deadlock, and are then rerun.
    """
    keys = sorted({_number(name) for name in names})
    if keys:
        tx.execute(_TAKE, {"keys": keys})


def _number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
