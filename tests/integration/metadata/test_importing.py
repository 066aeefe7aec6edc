"""Import and export of sheets with access, duplicates, hostile files."""

import io
import zipfile
from decimal import Decimal

import openpyxl
import pytest
import sqlalchemy as sa
from openpyxl.worksheet._writer import ALL_TEMP_FILES

from engine.kernel import history
from engine.kernel.errors import Forbidden, PayloadTooLarge, UserError
from engine.metadata import duplicates, exporting, importing, query, records
from engine.metadata.query import Query

HEADERS = ["学员姓名", "手机号", "金额", "意向", "备注列", "标签"]


def sheet(rows, headers=HEADERS) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(headers)
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def run(school, username, content, *, mapping=None, filename="leads.xlsx", **options):
    def use_case(tx):
        guessed = mapping or importing.preview(tx, "enquiry", filename, content).mapping
        return importing.run(tx, "enquiry", filename, content, guessed, **options)

    return school.run(username, use_case)


def count(school, username="boss"):
    return school.run(username, lambda tx: query.count(tx, Query("enquiry"))).value


def test_preview_guesses_chinese_headers(school):
    content = sheet([["张三", "13800138000", 100, "强", "x", "a,b"]])
    preview = school.run("east_sales1", lambda tx: importing.preview(tx, "enquiry", "a.xlsx", content))
    assert preview.mapping == {
        "学员姓名": "name", "手机号": "phone", "金额": "fee", "意向": "intent", "备注列": None, "标签": "tags",
    }  # fmt: skip
    assert preview.rows == 1
    assert preview.sample == [["张三", "13800138000", "100", "强", "x", "a,b"]]


def test_import_takes_good_rows_and_reports_the_others(school):
    content = sheet(
        [
            ["张三", 13800138000, 100.5, "强", None, "a、b"],
            ["", "13900139000"],
            ["李四", "12"],
            ["王五", None, -3],
            ["赵六"],
        ]
    )
    dry = run(school, "east_sales1", content, dry_run=True)
    assert (dry.created, dry.failed) == (2, 3)
    assert count(school) == 0
    result = run(school, "east_sales1", content)
    assert (result.created, result.failed, result.skipped) == (2, 3, 0)
    assert [(error.row, error.field) for error in result.errors] == [(3, "name"), (4, "phone"), (5, "fee")]
    page = school.run("east_sales1", lambda tx: query.fetch(tx, Query("enquiry", filter='name = "张三"')))
    (record,) = page.items
    assert record.values["phone"] == "13800138000"
    assert record.values["fee"] == Decimal("100.50")
    assert record.values["intent"] == "a"
    assert record.values["tags"] == ["a", "b"]
    assert record.values["number"] == "QEAST2026-0001"
    trail = school.run("east_sales1", lambda tx: records.history(tx, "enquiry", record.id))
    assert trail[0].action == "record:created"


def test_duplicates_are_found_everywhere_and_reveal_only_existence(school):
    values = {"name": "西区人", "phone": "13800138000", "protected_until": "2026-10-01T00:00:00Z"}
    other = school.run("west_sales", lambda tx: records.create(tx, "enquiry", values))
    found = school.run("east_sales1", lambda tx: duplicates.find(tx, "enquiry", {"phone": "138-0013-8000"}))
    (duplicate,) = found
    assert (duplicate.id, duplicate.title, duplicate.branch_name) == (None, None, "西城校区")
    assert duplicate.protected_until.isoformat() == "2026-10-01T00:00:00+00:00"
    (own,) = school.run("west_sales", lambda tx: duplicates.find(tx, "enquiry", {"phone": "13800138000"}))
    assert (own.id, own.title) == (other.id, "西区人")
    content = sheet([["张三", "13800138000"], ["李四", "13900139000"], ["李四二", "13900139000"]])
    result = run(school, "east_sales1", content)
    assert (result.created, result.skipped) == (1, 2)
    assert [row for row, _ in result.duplicates] == [2]
    assert run(school, "east_sales1", content, duplicates="create").created == 3


def test_duplicates_can_update_what_is_within_reach(school):
    school.run("east_sales1", lambda tx: records.create(tx, "enquiry", {"name": "旧", "phone": "13800138000"}))
    school.run("west_sales", lambda tx: records.create(tx, "enquiry", {"name": "别动", "phone": "13900139000"}))
    content = sheet([["新", "13800138000"], ["偷改", "13900139000"]])
    result = run(school, "east_sales1", content, duplicates="update")
    assert (result.updated, result.skipped, result.created) == (1, 1, 0)
    assert names(school) == {"新", "别动"}


def names(school):
    page = school.run("boss", lambda tx: query.fetch(tx, Query("enquiry")))
    return {record.values["name"] for record in page.items}


def test_unique_values_are_checked_in_file_and_database(school):
    school.run("west_sales", lambda tx: records.create(tx, "enquiry", {"name": "旧", "code": "A"}))
    content = sheet([["一", "A"], ["二", "B"], ["三", "B"]], ["姓名", "编码"])
    result = run(school, "east_sales1", content)
    assert result.created == 1
    assert [(error.row, error.field) for error in result.errors] == [(2, "code"), (4, "code")]


def test_rows_for_another_owner_or_branch_are_refused(school):
    content = sheet([["一", "east_sales2"], ["二", "用户east_sales1"], ["三", "没有此人"]], ["姓名", "负责人"])
    result = run(school, "east_sales1", content)
    assert result.created == 1
    assert [(error.row, error.field) for error in result.errors] == [(4, "owner_id"), (2, "owner_id")]


def test_import_needs_the_right_and_writable_fields(school):
    content = sheet([["张三"]], ["姓名"])
    with pytest.raises(Forbidden):
        run(school, "east_head", content)
    with pytest.raises(Forbidden):
        run(school, "east_sales1", content, mapping={"姓名": "secret"})


def test_csv_in_chinese_encodings(school):
    for encoding in ("utf-8-sig", "gb18030"):
        content = f"姓名,电话\n张{encoding},\n".encode(encoding)
        assert run(school, "east_sales1", content, filename="a.csv").created == 1


def bomb(parts) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return out.getvalue()


def spoiled(content: bytes) -> bytes:
    """The packed bytes of the first part turned round: the directory is whole, unpacking fails."""
    start = 30 + int.from_bytes(content[26:28], "little") + int.from_bytes(content[28:30], "little")
    return content[:start] + bytes(byte ^ 0xFF for byte in content[start : start + 40]) + content[start + 40 :]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 broken",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old xls",
        bomb({"xl/workbook.xml": "x"}),
        bomb({"xl/workbook.xml": "\x00" * 50_000_000}),
        bomb({"xl/workbook.xml": '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}),
        bomb({"xl/workbook.xml": '<?xml version="1.0"?><a/>'.encode("utf-16")}),
        sheet([["张三"]], ["姓名"])[:-300],
        spoiled(bomb({"xl/workbook.xml": "<a/>" * 1000})),
        sheet([], [None]),
    ],
)
def test_broken_and_hostile_files_end_in_a_clear_error(school, content):
    with pytest.raises(UserError) as caught:
        run(school, "east_sales1", content)
    assert caught.value.code in ("unreadable_file", "unsafe_file", "empty_file")


def test_too_large_files_are_refused(school):
    with pytest.raises(PayloadTooLarge):
        run(school, "east_sales1", b"PK" + bytes(21 * 1024 * 1024))


def export(school, username, format, **criteria):
    out = io.BytesIO()
    rows = school.run(username, lambda tx: exporting.export(tx, Query("enquiry", **criteria), format, out))
    return rows, out.getvalue()


def test_export_is_safe_from_formulas_and_keeps_scope(school):
    school.run(
        "east_sales1", lambda tx: records.create(tx, "enquiry", {"name": "=cmd()", "phone": "13800138000", "fee": "5"})
    )
    school.run("west_sales", lambda tx: records.create(tx, "enquiry", {"name": "西"}))
    rows, content = export(school, "east_sales1", "xlsx", fields=("name", "phone", "fee"))
    assert rows == 1
    cells = list(openpyxl.load_workbook(io.BytesIO(content)).active.iter_rows())
    assert [cell.value for cell in cells[1]] == ["'=cmd()", "13800138000", 5]
    assert {cell.data_type for cell in cells[1]} == {"s", "n"}
    rows, content = export(school, "east_sales1", "csv")
    assert content.decode("utf-8-sig").splitlines() == ["姓名,电话", "'=cmd(),13800138000"]
    with pytest.raises(Forbidden):
        export(school, "east_head", "csv")
    with pytest.raises(Forbidden):
        export(school, "east_sales1", "csv", fields=("secret",))


def test_import_asks_the_database_in_batches_not_row_by_row(school):
    rows = [",".join((f"学员{n}", f"13{n:09d}", str(n), "强", "", "a")) for n in range(500_000_000, 500_001_000)]
    asked = []

    def note(_connection, _cursor, statement, *_rest):
        asked.append(statement)

    sa.event.listen(school.boundary.engine, "before_cursor_execute", note)
    try:
        result = run(school, "east_sales1", "\n".join([",".join(HEADERS), *rows]).encode(), filename="a.csv")
    finally:
        sa.event.remove(school.boundary.engine, "before_cursor_execute", note)
    assert (result.created, result.errors[:1]) == (1_000, [])
    assert len(asked) < 50


def test_export_that_is_cut_short_leaves_no_file_behind(school, monkeypatch):
    for name in ("甲", "乙", "丙"):
        school.run("east_sales1", lambda tx, name=name: records.create(tx, "enquiry", {"name": name}))
    monkeypatch.setattr(exporting, "MAX_ROWS", 2)
    before = list(ALL_TEMP_FILES)
    with pytest.raises(UserError) as caught:
        export(school, "east_sales1", "xlsx")
    assert caught.value.code == "too_many_rows"
    assert before == ALL_TEMP_FILES


def test_trail_of_an_import_is_whole_and_verifies(school):
    rows = "\n".join(["姓名,电话", *(f"学员{n},1381234{n:04d}" for n in range(50))]).encode()
    assert run(school, "east_sales1", rows, filename="a.csv").created == 50
    with school.boundary.engine.begin() as connection:
        assert history.seal(connection) > 50
        assert history.verify(connection).broken == ()
    page = school.run("boss", lambda tx: query.fetch(tx, Query("enquiry", filter='name = "学员7"')))
    (entry,) = school.run("boss", lambda tx: records.history(tx, "enquiry", page.items[0].id))
    assert {field: new for field, _, new in entry.changes}["phone"] == "13812340007"


@pytest.mark.parametrize(
    ("source", "grams"),
    [
        ("name=张三 zs", {"张", "三", "张三", "zs"}),
        ("phone=138\nnote=ab c", {"13", "38", "ab"}),
        ("name=王", {"王"}),
        ("", set()),
    ],
)
def test_search_grams_are_pairs_and_single_chinese_letters(school, source, grams):
    ask = sa.text("SELECT search_grams(:source)")
    found = school.run("system", lambda tx: tx.execute(ask, {"source": source}).scalar_one())
    assert set(found) == grams
