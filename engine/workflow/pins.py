"""Which fields running work still needs: versions with open instances whose files name them."""

from __future__ import annotations

import re

from engine.kernel.uow import Tx

_USES = """select v.process_key || ' v' || v.number from process_version v
 join deployment_resource r on r.deployment_id = v.deployment_id
 left join lateral (select string_agg(o.tasks::text || o.files::text, ' ') as content from process_overlay o
 where o.process_key = v.process_key) o on true
 where r.content ~ %(qualified)s or o.content ~ %(qualified)s
 or (v.record_object = %(object)s and (r.content ~ %(bound)s or o.content ~ %(bound)s))
 group by v.id having exists (select 1 from instance i where i.version_id = v.id and i.ended_at is null)
 order by 1 limit 50"""


def field_pins(tx: Tx, object_key: str, field: str) -> list[str]:
    """Names of versions (`refund v3`) with running instances that read or show the field; for `register_pins`."""
    parameters = {"object": object_key, "qualified": _pattern(object_key, field), "bound": _pattern("record", field)}
    return [str(row[0]) for row in tx.query(_USES, parameters)]


def _pattern(owner: str, field: str) -> str:
    """The path `owner.field` in a model, form or decision, as PostgreSQL reads regular expressions."""
    return rf"\m{re.escape(owner)}\s*[.]\s*{re.escape(field)}\M"
