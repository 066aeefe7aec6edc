"""The administrator's chores on the demo school, each as one command."""

import csv
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from engine.kernel.servers.postgres import start_postgres
from tests.integration.cli.console import ROOT, Console

pytestmark = pytest.mark.timeout(400)

DRAWN = """<?xml version="1.0" encoding="GBK"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" id="d" targetNamespace="t"><process id="drawn"
 isExecutable="true"><startEvent id="s"/><serviceTask id="ask" name="问一问"/><endEvent id="e"/>
<sequenceFlow id="f" sourceRef="s" targetRef="ask"/><sequenceFlow id="g" sourceRef="ask" targetRef="see"/>
<userTask id="see"><extensionElements><c:formData xmlns:c="http://camunda.org/schema/1.0/bpmn"><c:formField id="notes"
 type="string"/></c:formData></extensionElements></userTask><sequenceFlow id="h" sourceRef="see" targetRef="e"/>
</process></definitions>
"""
SIGNED = """targetRef="sign"/><userTask id="sign" c:formRef="why" xmlns:c="http://camunda.org/schema/1.0/bpmn"/>
<sequenceFlow id="i" sourceRef="sign" targetRef="e"/>"""
LEADS = "姓名,手机号,意向课程\n钟一,13911110001,\n钟二,13911110002,\n钟三,12,\n"


@pytest.fixture
def away() -> Iterator[Console]:
    """Another machine: an empty data folder."""
    folder = Path(tempfile.mkdtemp(prefix="sf-away-"))
    folder.chmod(0o711)
    yield Console(folder / "home")
    shutil.rmtree(folder, ignore_errors=True)


def ok(console: Console, *words: str, typed: str = "") -> str:
    done = console.run(*words, typed=typed)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def rewrite(console: Console, old: str, new: str) -> None:
    """What somebody with the owner's password could do behind the program's back."""
    server = start_postgres(console.home)
    try:
        with psycopg.connect(make_url(server.owner_url).set(drivername="postgresql").render_as_string(False)) as owner:
            owner.execute("ALTER TABLE history DISABLE TRIGGER history_append_only")
            changed = owner.execute(
                "UPDATE history SET subject_kind = %s WHERE subject_kind = %s AND data->>'key' = 'east'", [new, old]
            )
            assert changed.rowcount == 1
            owner.execute("ALTER TABLE history ENABLE TRIGGER history_append_only")
    finally:
        server.stop()


def test_history_is_verified_and_one_changed_row_is_found(demo: Console) -> None:
    ok(demo, "history", "seal")
    assert ok(demo, "history", "verify").startswith("Intact: ")
    rewrite(demo, "branch", "nothing")
    done = demo.run("history", "verify")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, "1 faults found")
    rewrite(demo, "nothing", "branch")
    assert ok(demo, "history", "verify").startswith("Intact: ")


def test_backup_and_restore_carry_the_school_over(demo: Console, away: Console, tmp_path: Path) -> None:
    file = tmp_path / "school.tar"
    assert "Backed up" in ok(demo, "backup", str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    assert "Messages are held" in ok(away, "restore", str(file))
    assert ok(away, "history", "verify").startswith("Intact: ")
    assert ok(away, "user", "list") == ok(demo, "user", "list")
    zh, en = away.refused("restore", str(file))
    assert (zh, en) == (
        "数据库不为空；确认要覆盖请加 --replace",
        "The database is not empty; --replace overwrites it",
    )
    broken = tmp_path / "broken.tar"
    broken.write_bytes(b"not a backup")
    _, en = away.refused("restore", str(broken), "--replace")
    assert en == f"{broken} is no backup of Schoolflow"


def test_import_reports_rows_and_export_gives_them_back(demo: Console, tmp_path: Path) -> None:
    sheet, out = tmp_path / "leads.csv", tmp_path / "out.csv"
    sheet.write_text(LEADS, encoding="utf-8")
    done = demo.run("import", "lead", str(sheet), "--as", "east_sales1", "--dry-run")
    assert done.returncode == 1
    assert "created 2, updated 0, skipped 0, wrong 1" in done.stdout
    assert demo.run("import", "lead", str(sheet), "--as", "east_sales1").returncode == 1
    ok(demo, "export", "lead", str(out), "--as", "admin", "--filter", 'name in ("钟一", "钟二")')
    assert len(list(csv.reader(out.open(encoding="utf-8-sig")))) == 3
    _, en = demo.refused("export", "lead", str(tmp_path / "out.pdf"), "--as", "admin")
    assert en == "The file must end in .xlsx or .csv"
    _, en = demo.refused("export", "lead", str(out), "--as", "nobody_here")
    assert en == "There is no account nobody_here"


def test_duties_are_listed_and_run(demo: Console) -> None:
    assert "class_hours.nightly_proof" in ok(demo, "duties")
    for name in ("class_hours.nightly_proof", "finance.nightly_proof"):
        assert "violations=0" in ok(demo, "duties", "run", name) or "done already" in ok(demo, "duties", "run", name)
    _, en = demo.refused("duties", "run", "no.such")
    assert en == "There is no duty no.such"


DMN = "https://www.omg.org/spec/DMN/20191111/MODEL/"
RATES = f"""<definitions xmlns="{DMN}" id="r" name="rates" namespace="urn:rates"><decision id="rate" name="rate">
<literalExpression><text>0.06</text></literalExpression></decision></definitions>"""
LIMITS = f"""<definitions xmlns="{DMN}" id="l" name="limits" namespace="urn:limits">
<import name="rates" namespace="urn:rates" importType="{DMN}" locationURI="rates/d.dmn"/>
<decision id="limit" name="limit"><informationRequirement><requiredDecision href="urn:rates#rate"/>
</informationRequirement><literalExpression><text>1000 * rates.rate</text></literalExpression></decision>
</definitions>"""


def test_model_is_checked_and_refused(demo: Console, tmp_path: Path) -> None:
    folder = ROOT / "processes" / "lead_assignment"
    files = [str(path) for path in sorted(folder.glob("*.bpmn")) + sorted(folder.glob("*.dmn"))]
    assert demo.run("check-process", *files).returncode == 0
    rates, limits = tmp_path / "rates" / "d.dmn", tmp_path / "d.dmn"
    rates.parent.mkdir()
    rates.write_text(RATES)
    limits.write_text(LIMITS)
    assert demo.run("check-process", str(limits), str(rates)).returncode == 0
    drawn, fixed = tmp_path / "drawn.bpmn", tmp_path / "fixed.bpmn"
    drawn.write_text(DRAWN, encoding="gbk")
    done = demo.run("check-process", str(drawn), language="zh_CN.UTF-8")
    assert done.returncode == 1
    assert done.stdout.splitlines()[:4] == [
        "drawn.bpmn", "  错误  第 3 行  ask", "      “问一问”：没有说明由谁执行", "      → 在属性面板中选择",
    ]  # fmt: skip
    assert "不能部署：1 个错误" in done.stdout
    packed = tmp_path / "drawn.bar"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("drawn.bpmn", DRAWN.replace('targetRef="e"/>', SIGNED).encode("gbk"))
        archive.writestr("forms/why.form", '{"id": "why", "components": [{"type": "textfield", "key": "reason"}]}')
    done = demo.run("check-process", str(packed), "--accept", "all", "--output", str(fixed))
    assert done.returncode == 0
    assert done.stdout.splitlines()[:3] == [
        "1 fixes accepted: work.person:ask", "The form is in why.json", "The form is in see.json",
    ]  # fmt: skip
    assert '"key": "drawn.see"' in (tmp_path / "see.json").read_text("utf-8")
    assert '"key": "drawn.why"' in (tmp_path / "why.json").read_text("utf-8")
    hostile = tmp_path / "hostile.bpmn"
    hostile.write_text('<!DOCTYPE a [<!ENTITY b "c">]><definitions>&b;</definitions>')
    done = demo.run("check-process", str(hostile))
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    _, en = demo.refused("deploy", *files, "--as", "nobody_here")
    assert en == "There is no account nobody_here"


def test_new_school_and_its_accounts(away: Console) -> None:
    secret = "a-good-password-1\n"
    assert "ready" in ok(away, "init", "--name", "新学堂", typed=secret * 2)
    assert "ready" in ok(away, "init", "--name", "新学堂")
    ok(away, "user", "add", "li", "李老师", "--role", "teacher", typed=secret * 2)
    assert "李老师" in ok(away, "user", "list")
    _, en = away.refused("user", "add", "wang", "王", "--branch", "moon", typed=secret * 2)
    assert en == "There is no branch moon"
