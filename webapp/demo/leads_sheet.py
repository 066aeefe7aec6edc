"""A spreadsheet of leads as a school would send it: Chinese headers, some bad rows, some duplicates."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from openpyxl import Workbook

from webapp.demo.names import REGIONS, People

HEADERS = ("学生姓名", "手机号", "家长", "年级", "所在区域", "意向课程", "来源渠道", "意向度", "说明")
_GRADES = ("学前", "一年级", "二年级", "三年级", "四年级", "五年级", "六年级", "初一", "初二")
_COURSES = ("英语", "数学", "语文", "美术", "编程", "音乐")
_SOURCES = ("官网", "电话咨询", "上门", "转介绍", "活动", "广告")
_INTENTS = ("A 强烈", "B 一般", "C 较弱")
_BAD_EVERY, _REPEATED_EVERY, _KNOWN_EVERY = 50, 60, 70


@dataclass(frozen=True, slots=True)
class SheetFacts:
    """What the sheet holds: data rows, rows with an error, rows that repeat another one, rows known to the school."""

    rows: int
    bad: int
    repeated: int
    known: int


def write_leads_sheet(path: Path, *, rows: int = 500, known_phones: Sequence[str] = (), seed: int = 7) -> SheetFacts:
    """Write the .xlsx file; the same seed gives the same file.

    ``known_phones``: numbers the school has already; some rows use them, to be found as duplicates.
    """
    people = People(Random(seed))  # noqa: S311 - invented data, not a secret
    pick = Random(seed + 1).choice  # noqa: S311
    book = Workbook(write_only=True)
    sheet = book.create_sheet("线索")
    sheet.append(HEADERS)
    bad = repeated = known = 0
    phones: list[str] = []
    for number in range(1, rows + 1):
        name = people.name()
        phone, grade = f"15{number % 10}6{number:07d}", pick(_GRADES)
        if number % _BAD_EVERY == 0:
            phone, grade = _spoiled(bad, phone, grade)
            bad += 1
        elif number % _REPEATED_EVERY == 0:
            phone = phones[number // 2]
            repeated += 1
        elif number % _KNOWN_EVERY == 0 and known < len(known_phones):
            phone = known_phones[known]
            known += 1
        phones.append(phone)
        row = (name, phone, people.guardian(name), grade, pick(REGIONS), pick(_COURSES), pick(_SOURCES))
        sheet.append((*row, pick(_INTENTS), "开学季地推收集" if number % 9 == 0 else None))
    book.save(path)
    return SheetFacts(rows, bad, repeated, known)


def _spoiled(number: int, phone: str, grade: str) -> tuple[str, str]:
    """In turn: no phone, a phone that is none, a grade that does not exist."""
    return (("", grade), ("12345", grade), (phone, "十八年级"))[number % 3]
