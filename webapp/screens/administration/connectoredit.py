"""Making and changing connectors on their pages. Needs ``manage_connectors`` at the connector's branch."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID
from zoneinfo import available_timezones

from connectors.registry import Kind
from connectors.routing import KIND as TERMINALS
from connectors.settings import check_config
from engine.kernel import connector_store
from engine.kernel.connector_store import ConnectorDraft, ConnectorRow
from engine.kernel.errors import UserError
from engine.kernel.secrets import Vault
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import snapshot
from engine.metadata.rights import has_right, require_right
from forms.render import FormModel
from webapp.given import id_of
from webapp.screens.administration.connectorform import config_of, errors_of, form_of, kind_of, values_of, with_secrets
from webapp.screens.work.formpage import OpenForm, open_form

MANAGE = "manage_connectors"


def may_manage(tx: Tx, branch_id: UUID | None) -> bool:
    """One of no branch serves all of them: headquarters keeps it."""
    return has_right(tx, MANAGE, branch_id or snapshot.load(tx).root.id)


def require_manage(tx: Tx, branch_id: UUID | None) -> None:
    """Raises: Forbidden."""
    require_right(tx, MANAGE, branch_id or snapshot.load(tx).root.id)


def new_form(tx: Tx, kind: str, given: Mapping[str, Any], errors: Mapping[str, Text]) -> FormModel:
    """The form of a new connector, empty or as it was refused. Raises: NotFound; Forbidden."""
    require_right(tx, MANAGE)
    found = kind_of(kind)
    model = _open(tx, found, with_branch=True).model(tx, {"name": found.manifest.label.zh, **given}, errors)
    return with_secrets(model, found.connector.config_schema, frozenset())


def edit_form(
    tx: Tx, vault: Vault, row: ConnectorRow, given: Mapping[str, Any], errors: Mapping[str, Text]
) -> FormModel:
    """The form of a connector as it is, or as its change was refused."""
    require_manage(tx, row.branch_id)
    found = kind_of(row.kind)
    schema = found.connector.config_schema
    values = {"name": row.name, "zone": row.zone, **values_of(schema, row.config), **given}
    model = _open(tx, found, with_branch=False).model(tx, values, errors)
    return with_secrets(model, schema, frozenset(vault.open(row.sealed)))


def posted(tx: Tx, kind: str, *, with_branch: bool) -> dict[str, Any]:
    """What the browser sent of the form."""
    return _open(tx, kind_of(kind), with_branch=with_branch).submitted(tx)


def create(tx: Tx, vault: Vault, kind: str, given: Mapping[str, Any]) -> UUID:
    """Stores a new connector; its id. Raises: UserError with ``fields`` by the form's paths."""
    branch_id = id_of(given["branch_id"]) if given.get("branch_id") else None
    require_manage(tx, branch_id)
    found = kind_of(kind)
    config, secrets = _checked(found, given, frozenset())
    draft = ConnectorDraft(
        kind=kind,
        channel=found.manifest.channel,
        name=given["name"].strip(),
        config=config,
        secrets=secrets,
        branch_id=branch_id,
        zone=given["zone"].strip(),
    )
    return connector_store.create(tx, vault, draft).id


def change(tx: Tx, vault: Vault, connector_id: UUID, version: int, given: Mapping[str, Any]) -> None:
    """Stores the whole configuration anew; secrets left empty stay. Raises: UserError; Stale."""
    row = connector_store.get(tx, connector_id, lock=True)
    require_manage(tx, row.branch_id)
    config, secrets = _checked(kind_of(row.kind), given, frozenset(vault.open(row.sealed)))
    name, zone = given["name"].strip(), given["zone"].strip()
    connector_store.change(tx, vault, connector_id, version, name=name, config=config, secrets=secrets, zone=zone)


def callback(row: ConnectorRow, kind: Kind | None, base_url: str) -> str:
    """The secret address that the other side calls; nothing for kinds that are not called."""
    if kind is None or not kind.manifest.receives:
        return ""
    return f"{base_url}/d/{row.hook_token}" if row.kind == TERMINALS else f"{base_url}/hooks/{row.hook_token}/"


def _open(tx: Tx, kind: Kind, *, with_branch: bool) -> OpenForm:
    return open_form(tx, form_of(kind, with_branch=with_branch))


def _checked(kind: Kind, given: Mapping[str, Any], known: frozenset[str]) -> tuple[dict[str, Any], dict[str, str]]:
    schema = kind.connector.config_schema
    faults: dict[str, Text] = {}
    if not str(given.get("name") or "").strip():
        faults["name"] = Text("必填", "Required")
    zone = str(given.get("zone") or "").strip()
    if zone not in available_timezones():
        faults["zone"] = Text(f"没有时区 {zone}", f"There is no time zone {zone}")
    try:
        found = check_config(kind.manifest.kind, config_of(schema, given), known_secrets=known)
    except UserError as error:
        faults |= errors_of(schema, error.fields)
    if faults:
        message = Text("连接器配置有误", "The connector's configuration is not valid")
        raise UserError("connector_config", message, fields=faults)
    return found
