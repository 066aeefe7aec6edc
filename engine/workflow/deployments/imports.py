"""Models that a deployment's decision files import and do not bring along: those that are live, kept with it.

A deployment holds a copy of each, so that its running cases go on deciding with what it was deployed with.
"""

from __future__ import annotations

from collections.abc import Mapping

from engine.kernel.uow import Tx
from engine.workflow.dmn.linking import links_of

KIND = "import"
_LIVE = """select r.content from deployment_resource r join deployment d on d.id = r.deployment_id
 where r.kind = 'dmn' and d.status = 'active' and strpos(r.content, %(namespace)s) > 0
 and substring(r.content from '<(?:[A-Za-z0-9_.-]+:)?definitions\\s[^>]*?\\snamespace\\s*=\\s*["'']([^"'']*)')
 = %(namespace)s order by d.deployed_at desc, d.id desc, r.name limit 1"""


def live_imports(tx: Tx, sources: Mapping[str, str]) -> dict[str, str]:
    """What the decision files among ``sources`` import from elsewhere, directly or not: contents by namespace."""
    files = decision_files(sources)
    found: dict[str, str] = {}
    pending = list(files)
    while pending:
        links = links_of(files[pending.pop()])
        for namespace in {one.namespace for one in links.imports} - {links.namespace}:
            if any(links_of(content).namespace == namespace for content in files.values()):
                continue
            content = tx.connection.exec_driver_sql(_LIVE, {"namespace": namespace}).scalar()
            if content is not None:
                files[namespace] = found[namespace] = str(content)
                pending.append(namespace)
    return found


def decision_files(sources: Mapping[str, str]) -> dict[str, str]:
    """The files with decisions among the sources."""
    return {name: content for name, content in sources.items() if name.lower().endswith(".dmn")}
