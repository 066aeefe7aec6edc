"""The clock on a composed platform: everything due is done once, and what is wrong is shown to those in charge."""

from dataclasses import replace

from sqlalchemy import text

from engine.kernel import duty_runs, history_anchor
from engine.kernel.actor import SYSTEM
from tests.e2e.school import School
from tests.integration.webapp.conftest import sign_in
from webapp.composition import Platform
from webapp.duties import duties_of, run_due, run_now
from webapp.worker import sweep_once


def test_everything_due_is_done_once(platform: Platform, school: School) -> None:
    platform.boundary.run(SYSTEM, lambda tx: None)
    first = run_due(platform.boundary, platform.duties)
    assert first >= len(platform.duties)
    latest = platform.boundary.run(SYSTEM, duty_runs.latest)
    assert {name for name, _ in latest} == {duty.name for duty in platform.duties}
    assert [run for run in latest.values() if not run.is_done or run.violations] == []
    places = {place for name, place in latest if name == "finance.remind_arrears"}
    assert places == {str(branch) for branch in school.branches.values()}
    daily = {duty.name for duty in platform.duties if "T" not in latest[_key(latest, duty.name)].period}
    again = run_due(platform.boundary, platform.duties)
    assert again <= len(platform.duties) - len(daily)
    done = run_now(platform.boundary, platform.duties, "class_hours.nightly_proof")
    assert [result for _, result in done] == [None]


def test_history_is_anchored_outside_the_database(platform: Platform, school: School) -> None:
    path = history_anchor.file_in(platform.settings.home)
    run_now(platform.boundary, platform.duties, "history.anchor")
    assert history_anchor.read(path) == ()
    sweep_once(platform)
    platform.boundary.run(SYSTEM, lambda tx: tx.execute(text("DELETE FROM duty_run")))
    run_now(platform.boundary, platform.duties, "history.anchor")
    (anchor,) = history_anchor.read(path)
    with platform.engine.connect() as connection:
        assert history_anchor.contradicted(connection, (anchor,)) == ()


def test_history_head_goes_out_by_mail_once_a_day_when_an_address_is_set(platform: Platform, school: School) -> None:
    sweep_once(platform)
    settings = replace(platform.settings, anchor_email="auditor@example.com")
    duties = duties_of(platform.boundary, settings)
    forget = text("DELETE FROM duty_run")
    for _ in range(2):
        run_now(platform.boundary, duties, "history.anchor")
        platform.boundary.run(SYSTEM, lambda tx: tx.execute(forget))
    (anchor,) = history_anchor.read(history_anchor.file_in(settings.home))
    mails = text("SELECT recipient, payload->>'text' AS text FROM outbox WHERE channel = 'email'")
    (mail,) = platform.boundary.run(SYSTEM, lambda tx: tx.execute(mails).all())
    assert mail.recipient == "auditor@example.com" and anchor.head.hex() in mail.text


def test_violations_show_on_the_home_page_of_those_in_charge_only(platform, school, client) -> None:
    insert = text(
        "INSERT INTO duty_run (name, place, period, state, ran_at, result) VALUES ('finance.nightly_proof', 'all',"
        " '2026-09-01', 'done', now(), '{\"violations\": 3, \"shown\": [\"wallet_balance 7: off\"]}')"
    )
    platform.boundary.run(SYSTEM, lambda tx: tx.execute(insert))
    sign_in(client, "admin")
    assert "账目核对异常" in client.get("/").text
    page = client.get("/duties").text
    assert "wallet_balance 7: off" in page and "3 处异常" in page
    sign_in(client, "east_sales1")
    assert "账目核对异常" not in client.get("/").text
    assert client.get("/duties").status_code == 403


def _key(latest, name: str) -> tuple[str, str]:
    return next(key for key in latest if key[0] == name)
