"""The demo's spreadsheet of leads."""

from pathlib import Path

from openpyxl import load_workbook

from webapp.demo.leads_sheet import HEADERS, SheetFacts, write_leads_sheet


def test_sheet_has_chinese_headers_bad_rows_and_duplicates(tmp_path: Path) -> None:
    path = tmp_path / "leads.xlsx"
    facts = write_leads_sheet(path, known_phones=("13900000001", "13900000002"))
    assert facts == SheetFacts(rows=500, bad=10, repeated=7, known=2)
    rows = list(load_workbook(path, read_only=True)["线索"].iter_rows(values_only=True))
    assert rows[0] == HEADERS
    assert len(rows) == 501
    phones = [row[1] for row in rows[1:]]
    assert phones[49] is None
    assert phones[99] == "12345"
    assert rows[150][3] == "十八年级"
    assert len(phones) - len(set(phones)) == 7 + 3 + 2  # repeated, without a phone, with a phone that is none


def test_sheet_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    one, two = tmp_path / "one.xlsx", tmp_path / "two.xlsx"
    write_leads_sheet(one, rows=20)
    write_leads_sheet(two, rows=20)
    read = [list(load_workbook(path)["线索"].iter_rows(values_only=True)) for path in (one, two)]
    assert read[0] == read[1]
