"""Years beyond Python's and nanoseconds: each case is an expression and its value as FEEL text."""

import pytest

from engine.feel import FeelError, SqlColumn, compile_expression, from_wire, to_sql, to_wire
from engine.feel.exact import Exact, civil, days
from engine.workflow.interpreter.codec import pack, unpack
from tests.unit.feel.cases import ENV, feel, shown

CASES = [
    ('date("-2017-12-31")', "-2017-12-31"),
    ('date("999999999-12-31")', "999999999-12-31"),
    ("date(-999999999, 12, 31)", "-999999999-12-31"),
    ('date("9999999999-01-01")', "null"),
    ('date("01211-12-31")', "null"),
    ('date("12017-02-29")', "null"),
    ('date("12016-02-29")', "12016-02-29"),
    ("date(2017, 8, 30)", "2017-08-30"),
    ('time("11:22:33.123456789")', "11:22:33.123456789"),
    ('time("11:22:33.123456000")', "11:22:33.123456"),
    ('time("11:22:33.123456789@Europe/Paris")', "11:22:33.123456789@Europe/Paris"),
    ('time("11:22:33.123456789+19:00")', "null"),
    ("time(11, 59, 45.123456789, null)", "11:59:45.123456789"),
    ('date and time("2017-12-31T11:22:33.987654321+01:35")', "2017-12-31T11:22:33.987654321+01:35"),
    ('date and time("-2017-12-31T11:22:33.456+01:35")', "-2017-12-31T11:22:33.456+01:35"),
    (
        'date and time("999999999-12-31T23:59:59.999999999@Europe/Paris")',
        "999999999-12-31T23:59:59.999999999@Europe/Paris",
    ),
    ('date and time("99999-01-01")', "99999-01-01T00:00:00"),
    ('date and time(date("2017-01-01"), time("23:59:01.123456789"))', "2017-01-01T23:59:01.123456789"),
    ('date and time(date("12017-01-01"), time("23:59:01Z"))', "12017-01-01T23:59:01Z"),
    ('date(date and time("2017-08-14T14:25:00.123456789"))', "2017-08-14"),
    ('time(date and time("12017-08-14T14:25:00"))', "14:25:00"),
    ('day of week(@"12026-03-01")', '"Sunday"'),
    ('day of week(@"2026-03-02T10:00:00.123456789")', '"Monday"'),
    ('day of year(@"-0004-12-31")', "366"),
    ('month of year(@"-99999-02-01T00:00:00Z")', '"February"'),
    ('week of year(@"10005-01-01")', "53"),
    ('day of week(@"10:00:00.123456789")', "null"),
    (
        'for d in @"9999-12-31"..@"10000-01-02" return d + @"P1D"',
        "[10000-01-01, 10000-01-02, 10000-01-03]",
    ),
    ('for d in @"0001-01-01"..@"0000-12-31" return d.year', "[1, 0]"),
    ('@"12017-08-14" instance of date', "true"),
    ('@"12017-08-14T10:00:00" instance of date and time', "true"),
    ('@"10:00:00.123456789" instance of time', "true"),
    ('@"12017-08-14" > @"2017-08-14"', "true"),
    ('@"-0001-08-14" < @"0001-08-14"', "true"),
    ('@"12017-08-14" = @"12017-08-14"', "true"),
    ('@"12017-08-14" = null', "false"),
    ('@"12017-08-14" = "x"', "null"),
    ('@"10:00:00.123456789" = @"10:00:00.123456788"', "false"),
    ('@"10:00:00.123456789Z" = @"11:00:00.123456789+01:00"', "true"),
    ('@"10:00:00.123456789" = @"10:00:00.123456789Z"', "false"),
    ('@"10:00:00.123456789" < @"10:00:00.123456789Z"', "null"),
    ('@"12017-08-14" in [@"2017-01-01"..@"99999-01-01"]', "true"),
    ('is(@"10:00:00.123456789Z", @"11:00:00.123456789+01:00")', "false"),
    ('date("9999-12-31") + duration("P1D")', "10000-01-01"),
    ('date("9999-12-31") + duration("P1M")', "10000-01-31"),
    ('date("10000-01-01") - duration("P1D")', "9999-12-31"),
    ('date("-0001-03-01") - duration("P1D")', "-0001-02-28"),
    ('date("12016-02-29") + duration("P1Y")', "12017-02-28"),
    ('date("12017-01-02") - date("12017-01-01")', "P1D"),
    ('date and time("12017-01-01T00:00:00Z") - date and time("12017-01-01T00:00:00")', "null"),
    ('time("23:59:59.999999999") + duration("PT1S")', "00:00:00.999999999"),
    ('years and months duration(date("-2016-01-21"), date("-2015-01-21"))', "P1Y"),
    ('date("12017-08-14").year', "12017"),
    ('date("12017-08-14").weekday', "1"),
    ('date("12017-08-14").hour', "null"),
    ('time("11:22:33.123456789+01:00").second', "33"),
    ('time("11:22:33.123456789+01:00").time offset', "PT1H"),
    ('time("11:22:33.123456789@Europe/Paris").timezone', '"Europe/Paris"'),
    ('string(date("-2017-12-31"))', '"-2017-12-31"'),
]


@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_value_beyond_pythons_types(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize("text", ['date("12017-08-14")', 'time("10:00:00.123456789")', '@"12017-01-01T00:00:00Z"'])
def test_exact_values_are_saved_and_read_back(text: str) -> None:
    value = feel(text)
    assert isinstance(value, Exact)
    assert from_wire(to_wire(value)) == value
    assert unpack(pack({"v": value})) == {"v": value}


def test_calendar_turns_days_into_dates_and_back() -> None:
    assert (days(1970, 1, 1), days(2000, 3, 1), days(1, 1, 1), days(0, 12, 31)) == (0, 11017, -719162, -719163)
    for count in (-400_000_000, -719_163, -1, 0, 59, 11_016, 365_241_780_471 // 365):
        assert days(*civil(count)) == count


def test_database_refuses_them() -> None:
    expression = compile_expression('d < date("12017-01-01")', names=("d",))
    with pytest.raises(FeelError):
        to_sql(expression, lambda path: SqlColumn("d", "date"), ENV)
