"""Sheets as people really send them: titles above the headers, merged cells, wrong sizes, formulas, other formats."""

import io
import re
import zipfile
from collections.abc import Callable

import openpyxl
import pytest

from engine.kernel.errors import PayloadTooLarge, UserError
from engine.metadata.importing import open_sheet
from engine.metadata.sheets import estimated_rows, read_rows


def saved(book: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sheet(*rows: list[object], merged: str = "") -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)  # type: ignore[union-attr]
    if merged:
        book.active.merge_cells(merged)  # type: ignore[union-attr]
    return saved(book)


def rewritten(content: bytes, change: Callable[[str], str]) -> bytes:
    """The workbook with the XML of its sheet changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data.decode()) if "sheet1" in name else data)
    return out.getvalue()


def read(content: bytes, name: str = "a.xlsx") -> tuple[list[str], list[list[object]]]:
    headers, rows = open_sheet(name, content)
    return headers, [cells for _, cells in rows]


def test_a_title_above_the_headers_is_left_out() -> None:
    content = sheet(["2026 年秋季线索登记表"], ["填表人：刘芳"], ["姓名", "电话"], ["张三", "138"], merged="A1:B1")
    assert read(content) == (["姓名", "电话"], [["张三", "138"]])


def test_a_sheet_of_one_column_keeps_its_rows() -> None:
    assert read(sheet(["姓名"], ["张三"], ["李四"])) == (["姓名"], [["张三"], ["李四"]])


def test_cells_merged_downwards_hold_for_each_of_their_rows() -> None:
    content = sheet(
        ["校区", "姓名"], ["东城", "张三"], [None, "李四"], [None, "王五"], ["西城", "赵六"], merged="A2:A4"
    )
    assert read(content)[1] == [["东城", "张三"], ["东城", "李四"], ["东城", "王五"], ["西城", "赵六"]]


def test_equal_headers_stay_apart() -> None:
    assert read(sheet(["电话", "电话", None, "电话"], ["1", "2", "3", "4"]))[0] == [
        "电话",
        "电话 (2)",
        "第3列",
        "电话 (4)",
    ]


def test_a_wrong_size_in_the_file_cuts_nothing_off() -> None:
    content = rewritten(
        sheet(["姓名", "电话", "备注"], ["张三", "138", "x"]),
        lambda xml: re.sub(r'<dimension ref="[^"]*"', '<dimension ref="A1"', xml),
    )
    assert read(content) == (["姓名", "电话", "备注"], [["张三", "138", "x"]])


def test_formulas_without_a_result_are_named() -> None:
    with pytest.raises(UserError) as caught:
        read(sheet(["姓名", "金额"], ["张三", "=1+1"]))
    assert "B2" in caught.value.message.zh


def test_formulas_with_a_result_give_it() -> None:
    content = rewritten(
        sheet(["姓名", "金额"], ["张三", "=1+1"]), lambda xml: re.sub("<v ?/>|<v></v>", "<v>2</v>", xml)
    )
    assert read(content)[1] == [["张三", 2]]


def test_data_far_below_is_found_and_a_row_that_cannot_be_is_refused() -> None:
    far = rewritten(sheet(["姓名"], ["张三"]), lambda xml: xml.replace('r="2"', 'r="300000"').replace("A2", "A300000"))
    assert [row for row, _ in read_rows("a.xlsx", far)] == [1, 300_000]
    beyond = rewritten(
        sheet(["姓名"], ["张三"]), lambda xml: xml.replace('r="2"', 'r="1900000"').replace("A2", "A1900000")
    )
    with pytest.raises(UserError):
        list(read_rows("a.xlsx", beyond))


def test_more_rows_than_an_import_takes_are_refused() -> None:
    with pytest.raises(PayloadTooLarge):
        list(read_rows("a.csv", b"name\n" + b"x\n" * 50_001))


def test_a_web_page_with_a_sheets_ending_is_told_apart() -> None:
    for content in (b"<html><table><tr><td>x</td></tr></table>", b"\n  <?xml version='1.0'?><Workbook/>"):
        with pytest.raises(UserError) as caught:
            read(content, "导出.xls")
        assert "另存为 .xlsx" in caught.value.message.zh


def test_a_workbook_named_csv_and_sheets_in_gbk_are_read() -> None:
    assert read(sheet(["姓名"], ["张三"]), "a.csv") == (["姓名"], [["张三"]])
    assert read("姓名;电话\n张三;138\n".encode("gbk"), "a.csv") == (["姓名", "电话"], [["张三", "138"]])
    assert read("姓名\t电话\n“引号”\t138\n".encode("gb18030"), "a.txt")[1] == [["“引号”", "138"]]


def test_rows_are_estimated_without_reading_them() -> None:
    assert estimated_rows(sheet(["姓名"], *(["张三"] for _ in range(40)))) == 40
    assert estimated_rows(b"name\nx\ny\n") == 2
    assert estimated_rows(b"PK broken") == 0
