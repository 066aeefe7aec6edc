"""Brings shipped roles, grants and processes into the database, and never over what was changed here."""

from uuid import UUID

from sqlalchemy import text

from engine.kernel.history import Event
from engine.kernel.uow import Tx
from engine.metadata import organisation
from engine.metadata.snapshot import Grant
from engine.workflow import deployments
from processes.registry import ProcessFolder, Registry

RELEASE = "shipped"


def install(tx: Tx, registry: Registry, organisation_name: str) -> UUID:
    """Headquarters, roles, process principals, and every shipped process; the id of headquarters. Safe to repeat."""
    root = organisation.install(tx, organisation_name)
    refresh(tx, registry)
    return root


def refresh(tx: Tx, registry: Registry) -> list[str]:
    """Deploys the shipped processes that are new or were shipped before; keys of those that changed."""
    for folder in registry.processes:
        _approve(tx, folder)
    _share_pool(tx)
    changed = [folder for folder in registry.processes if folder.bpmn and _is_due(tx, folder)]
    for folder in changed:
        deployments.deploy(tx, dict(folder.sources), name=RELEASE)
    if changed:
        tx.record(Event("release:installed", ("release", RELEASE), data={"processes": [one.key for one in changed]}))
    return [folder.key for folder in changed]


def _share_pool(tx: Tx) -> None:
    """Consultants see their branch's public pool, which they may claim from; the families' numbers only afterwards.

    Done once: an administrator who changed or removed the rule keeps that.
    """
    known = tx.execute(text("SELECT EXISTS (SELECT 1 FROM history WHERE action = 'release:pool_shared')")).scalar_one()
    if not known:
        organisation.create_sharing_rule(
            tx,
            object_key="lead",
            name="公海",
            where='stage = "pool" and branch_id = actor.branch_id',
            role="sales",
            masked=("phone", "phone2"),
        )
        tx.record(Event("release:pool_shared", ("release", RELEASE)))


def _approve(tx: Tx, folder: ProcessFolder) -> None:
    principal = folder.principal
    if principal is None:
        return
    grants = {key: Grant(grant.scopes, grant.fields, source="manifest") for key, grant in principal.grants.items()}
    known = {
        row.object: (dict(row.scopes), dict(row.fields))
        for row in tx.execute(
            text("SELECT object, scopes, fields FROM principal_grant WHERE principal = :name"), {"name": principal.name}
        )
    }
    if known != {key: (dict(grant.scopes), dict(grant.fields)) for key, grant in grants.items()}:
        organisation.approve_principal(tx, principal.name, grants)


def _is_due(tx: Tx, folder: ProcessFolder) -> bool:
    """True when the folder's files are not what its processes run with, and nobody here has deployed their own."""
    newest = tx.execute(
        text(
            "SELECT d.id, d.name, d.deployed_by FROM process_version v JOIN deployment d ON d.id = v.deployment_id"
            " WHERE v.process_key = ANY(:keys) ORDER BY d.deployed_at DESC, v.number DESC LIMIT 1"
        ),
        {"keys": list(folder.process_keys)},
    ).one_or_none()
    if newest is None:
        return True
    if newest.name != RELEASE or newest.deployed_by != "system":
        return False
    rows = tx.execute(
        text("SELECT name, content FROM deployment_resource WHERE deployment_id = :id AND kind <> 'import'"),
        {"id": newest.id},
    )
    return {row.name: row.content for row in rows} != dict(folder.sources)
