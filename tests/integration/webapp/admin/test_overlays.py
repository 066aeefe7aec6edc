"""A branch's overlay on its page: order, options, locks, files; objects made by administrators."""

import io
import json

from flask.testing import FlaskClient

from engine.kernel.actor import SYSTEM
from engine.metadata import catalog, overlays
from engine.metadata.definition import ObjectDefinition
from tests.integration.webapp.admin.conftest import Office


def lead_of(office: Office) -> ObjectDefinition:
    east = office.branches["east"]
    return office.platform.boundary.run(SYSTEM, lambda tx: catalog.load_branch(tx, east).object("lead"))


def test_layout_options_and_locks_hold_in_the_branch(office: Office, admin: FlaskClient) -> None:
    place = {"branch": office.branches["east"], "object": "lead"}
    given = {"list": "phone\nname", "form": "# 基本 / Basics\nname\nphone", "lock": "phone"}
    assert office.post(admin, "/admin/overlay", **place, **given).status_code == 303
    assert office.post(
        admin, "/admin/overlay/options", **place, field="source", key="market_fair", label_zh="集市"
    ).status_code == 303  # fmt: skip
    lead = lead_of(office)
    assert lead.layouts.list[:2] == ("phone", "name")
    first = lead.layouts.form[0]
    assert (first.title.zh, first.title.en, first.fields) == ("基本", "Basics", ("name", "phone"))
    source, phone = lead.field("source"), lead.field("phone")
    assert source is not None
    assert phone is not None
    assert source.option("market_fair") is not None
    assert phone.locked
    wrong = office.post(admin, "/admin/overlay", **place, list="no_such_field")
    assert wrong.status_code == 422


def test_overlay_goes_to_another_branch_as_a_file(office: Office, admin: FlaskClient) -> None:
    east, west = office.branches["east"], office.branches["west"]
    office.post(admin, "/admin/overlay", branch=east, object="lead", list="phone\nname")
    content = admin.get(f"/admin/overlay/file?branch={east}&object=lead").data
    assert json.loads(content)["patch"]["layouts"]["list"] == ["phone", "name"]
    compared = office.post(
        admin, "/admin/overlay/compare", branch=west, object="lead", file=(io.BytesIO(content), "lead.json")
    )
    assert "+      &#34;phone&#34;," in compared.text
    assert office.platform.boundary.run(SYSTEM, lambda tx: overlays.current(tx, west, "lead")) == {}
    office.post(admin, "/admin/overlay/take-over", branch=west, object="lead", content=content.decode())
    taken = office.platform.boundary.run(SYSTEM, lambda tx: overlays.current(tx, west, "lead"))
    assert taken == json.loads(content)["patch"]
    refused = office.post(admin, "/admin/overlay/take-over", branch=west, object="student", content=content.decode())
    assert refused.status_code == 422


def test_object_is_made_and_gets_fields(office: Office, admin: FlaskClient) -> None:
    hq = office.branches["hq"]
    answer = office.post(admin, "/admin/overlay/objects", branch=hq, key="vehicle", label_zh="车辆")
    assert answer.status_code == 303
    field = {"branch": hq, "object": "vehicle", "key": "plate", "type": "text", "label_zh": "车牌"}
    assert office.post(admin, "/admin/fields/new", **field).status_code == 303
    assert "车牌" in admin.get(f"/admin/fields?branch={hq}&object=vehicle").text
    assert admin.get("/records/vehicle").status_code == 200


def test_overlays_are_for_those_who_define_fields(office: Office) -> None:
    sales, east = office.open_client("east_sales1"), office.branches["east"]
    assert sales.get(f"/admin/overlay?branch={east}&object=lead").status_code == 403
    assert sales.get(f"/admin/overlay/file?branch={east}&object=lead").status_code == 403
    assert office.post(sales, "/admin/overlay", branch=east, object="lead", list="name").status_code == 403
