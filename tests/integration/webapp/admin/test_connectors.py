"""Connectors on their pages: the form of a schema, secrets, what waits for a person."""

from datetime import timedelta
from uuid import UUID

from flask.testing import FlaskClient

from engine.kernel import connector_store, inbox, outbox
from engine.kernel.actor import SYSTEM
from engine.kernel.connector import Inbound
from engine.kernel.connector_store import ConnectorRow
from engine.kernel.connector_tables import inbox as inbox_table
from engine.kernel.connector_tables import outbox as outbox_table
from engine.kernel.outbox import OutboxMessage
from engine.kernel.uow import Tx
from tests.integration.webapp.admin.conftest import Office

TERMINAL = {
    "name": "前台考勤机", "zone": "Asia/Shanghai", "config_devices-0-sn": "CGXH0001",
    "config_devices-0-addresses": "10.0.0.8，10.0.0.9", "config_comm_key": "a-secret-key",
}  # fmt: skip


def only_row(office: Office) -> ConnectorRow:
    found = office.platform.boundary.run(SYSTEM, connector_store.all_rows)
    assert len(found) == 1
    return found[0]


def test_connector_is_made_from_the_form_of_its_schema(office: Office, admin: FlaskClient) -> None:
    form = admin.get("/connectors/new/zk_push").text
    assert 'name="config_devices-#-sn"' in form
    assert 'type="password"' in form
    answer = office.post(admin, "/connectors/new/zk_push", **TERMINAL)
    row = only_row(office)
    assert answer.headers["Location"] == f"/connectors/{row.id}"
    assert row.config["devices"] == [{"sn": "CGXH0001", "addresses": ["10.0.0.8", "10.0.0.9"]}]
    shown = admin.get(f"/connectors/{row.id}").text
    assert row.hook_token in shown
    assert "a-secret-key" not in shown + admin.get(f"/connectors/{row.id}/edit").text


def test_secret_left_empty_stays_when_a_connector_is_changed(office: Office, admin: FlaskClient) -> None:
    office.post(admin, "/connectors/new/zk_push", **TERMINAL)
    row = only_row(office)
    changed = {**TERMINAL, "name": "大厅考勤机", "config_comm_key": "", "version": "1"}
    assert office.post(admin, f"/connectors/{row.id}/edit", **changed).status_code == 303
    after = only_row(office)
    assert after.name == "大厅考勤机"
    assert office.platform.vault.open(after.sealed) == {"comm_key": "a-secret-key"}
    assert office.post(admin, f"/connectors/{row.id}/edit", **changed).status_code == 412


def test_faults_stand_at_their_fields(office: Office, admin: FlaskClient) -> None:
    answer = office.post(admin, "/connectors/new/email", name="邮箱", zone="Asia/Shanghai", config_smtp_port="99999")
    assert answer.status_code == 422
    for field in ("config_from_address", "config_smtp_host", "config_smtp_port"):
        assert f'id="f-{field}-error"' in answer.text


def test_principal_sees_no_way_to_change_connectors(office: Office, admin: FlaskClient) -> None:
    office.post(admin, "/connectors/new/zk_push", **TERMINAL)
    sales = office.open_client("east_sales1")
    assert sales.get(f"/connectors/{only_row(office).id}").status_code == 403
    assert office.post(sales, "/connectors/new/zk_push", **TERMINAL).status_code == 403
    assert sales.get("/connectors/attention").status_code == 403


def test_unknown_message_is_settled_by_a_person(office: Office, admin: FlaskClient) -> None:
    message_id = office.platform.boundary.run(SYSTEM, _unknown_message)
    assert "13800002200" in admin.get("/connectors/attention").text
    office.post(admin, f"/connectors/messages/{message_id}/settle", decision="sent", note="家长回电确认")
    assert "13800002200" not in admin.get("/connectors/attention").text
    assert office.post(admin, f"/connectors/messages/{message_id}/settle", decision="sent").status_code == 409


def test_quarantined_event_is_released_or_discarded(office: Office, admin: FlaskClient) -> None:
    office.post(admin, "/connectors/new/zk_push", **TERMINAL)
    row = only_row(office)
    first, second = (
        office.platform.boundary.run(SYSTEM, lambda tx, k=key: _quarantined(tx, row.id, k)) for key in "ab"
    )
    assert "来源未验证" in admin.get("/connectors/attention").text
    assert office.post(admin, f"/connectors/events/{first}/release").status_code == 303
    assert office.post(admin, f"/connectors/events/{second}/discard").status_code == 303
    assert "来源未验证" not in admin.get("/connectors/attention").text


def test_held_outbox_is_released_by_headquarters(office: Office, admin: FlaskClient) -> None:
    office.platform.boundary.run(SYSTEM, lambda tx: outbox.hold(tx, "从备份恢复"))
    assert "从备份恢复" in admin.get("/connectors/attention").text
    office.post(admin, "/connectors/outbox/release")
    assert office.platform.boundary.run(SYSTEM, outbox.is_held) is False


def _unknown_message(tx: Tx) -> UUID:
    message = OutboxMessage(
        channel="sms",
        recipient="13800002200",
        payload={"to": "13800002200", "text": "您好"},
        idempotency_key="one",
        category="notice",
        expires_in=timedelta(days=1),
    )
    made = outbox.enqueue(tx, message)
    tx.execute(outbox_table.update().values(state="unknown"))
    return made


def _quarantined(tx: Tx, connector_id: UUID, key: str) -> UUID:
    event = Inbound(
        name="attendance.swipe",
        dedupe_key=key,
        occurred_at=tx.now,
        correlation={},
        payload={"person_no": "7"},
        raw=b"",
        device_time_raw="",
    )
    inbox.receive(tx, connector_id, event)
    c = inbox_table.c
    found: UUID = tx.execute(inbox_table.select().where(c.dedupe_key == key)).one().id
    tx.execute(inbox_table.update().where(c.id == found).values(state="quarantined", reason="来源未验证"))
    return found
