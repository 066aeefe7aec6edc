"""What a model may name in this school: what is configured, shipped, and deployed along with it."""

from collections.abc import Callable, Mapping

from sqlalchemy import text

from connectors.registry import kinds
from engine.kernel.uow import Tx
from engine.metadata import catalog, snapshot
from engine.workflow.decisions import decision_names
from engine.workflow.dmn import DmnError
from engine.workflow.gate import Surroundings
from engine.workflow.gate.thrown import caught_by
from forms.definition import Form, FormDefinitionError
from forms.loader import load_form
from processes.registry import Registry

_HOLDERS = """
SELECT 'role:' || a.role FROM role_assignment a
  LEFT JOIN group_member m ON m.group_id = a.group_id LEFT JOIN position_holder h ON h.position_id = a.position_id
  JOIN app_user u ON u.id IN (a.user_id, m.user_id, h.user_id) WHERE u.is_active
UNION SELECT 'position:' || p.key FROM position p JOIN position_holder h ON h.position_id = p.id
  JOIN app_user u ON u.id = h.user_id WHERE u.is_active
UNION SELECT 'group:' || g.key FROM user_group g JOIN group_member m ON m.group_id = g.id
  JOIN app_user u ON u.id = m.user_id WHERE u.is_active"""
_LIVE = """
SELECT r.content FROM process p JOIN process_version v ON v.id = p.latest_version_id
  JOIN deployment_resource r ON r.deployment_id = v.deployment_id AND r.name = v.resource LIMIT 1000"""


def surroundings_of(registry: Registry) -> Callable[[Tx, Mapping[str, str]], Surroundings]:
    """The gate's knowledge of this installation, read anew for each check."""
    handlers = {one.name: one for one in registry.handlers().all()}
    channels = frozenset({"sms", "email"} | {kind.manifest.channel for kind in kinds().values()})

    def read(tx: Tx, sources: Mapping[str, str]) -> Surroundings:
        config = snapshot.load(tx)
        forms = {**registry.forms, **_forms(sources)}
        return Surroundings(
            handlers=handlers,
            forms={key: frozenset(form.fields) for key, form in forms.items()},
            decisions=_decisions(tx, sources),
            objects={one.key: frozenset(f.key for f in one.fields) for one in catalog.load(tx).objects()},
            roles=frozenset(config.roles),
            positions=_keys(tx, "SELECT DISTINCT key FROM position"),
            groups=_keys(tx, "SELECT key FROM user_group"),
            users=_keys(tx, "SELECT username FROM app_user WHERE is_active"),
            channels=channels,
            templates=frozenset(registry.templates),
            processes=_keys(tx, "SELECT key FROM process"),
            holders=_keys(tx, _HOLDERS),
            caught=_caught(tx),
        )

    return read


def _forms(sources: Mapping[str, str]) -> dict[str, Form]:
    found: dict[str, Form] = {}
    for name, content in sources.items():
        if name.endswith(".json"):
            try:
                form = load_form(content, name)
            except FormDefinitionError:
                continue
            found[form.key] = form
    return found


def _decisions(tx: Tx, sources: Mapping[str, str]) -> frozenset[str]:
    along = {name for file, content in sources.items() if file.endswith(".dmn") for name in _decisions_in(content)}
    return _keys(tx, "SELECT DISTINCT decision_id FROM decision_version") | along


def _decisions_in(content: str) -> tuple[str, ...]:
    """Ids of the decisions in a file; none for one that cannot be read, which is a finding of its own."""
    try:
        return tuple(key for key, _ in decision_names(content))
    except DmnError:
        return ()


def _caught(tx: Tx) -> frozenset[tuple[str, str]]:
    """The messages and signals that the live versions of all processes wait for."""
    return frozenset(pair for content in tx.execute(text(_LIVE)).scalars() for pair in caught_by(str(content)))


def _keys(tx: Tx, sql: str) -> frozenset[str]:
    return frozenset(tx.execute(text(sql)).scalars())
