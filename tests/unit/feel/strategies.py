"""Random FEEL values and texts."""

from datetime import UTC, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from engine.feel import DaysAndTimeDuration, Range, YearsAndMonthsDuration

ZONES = st.sampled_from(
    [None, UTC, timezone(timedelta(hours=8)), timezone(timedelta(seconds=-9045)), ZoneInfo("Europe/Paris")]
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.decimals(allow_nan=False, allow_infinity=False).map(Decimal),
    TEXTS,
    st.dates(),
    st.times(timezones=ZONES).map(lambda value: value.replace(fold=0)),
    st.datetimes(timezones=ZONES).map(lambda value: value if value.tzinfo else value.replace(fold=0)),
    st.builds(DaysAndTimeDuration, st.integers(-(10**20), 10**20)),
    st.builds(YearsAndMonthsDuration, st.integers(-100_000, 100_000)),
)
KEYS = st.one_of(TEXTS, st.sampled_from(["n", "d", "t", "dt", "dtd", "ymd", "r", "c"]))
VALUES = st.recursive(
    st.one_of(SCALARS, st.builds(Range, SCALARS, SCALARS, st.booleans(), st.booleans())),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)
PIECES = [
    *("1", "2.5", '"a"', "x", "y z", "null", "true", "(", ")", "[", "]", "{", "}", ",", ":", ".", "..", "?", "-", "+"),
    *("*", "/", "**", "=", "!=", "<", ">=", "and", "or", "not", "if", "then", "else", "for", "in", "return", "some"),
    *("every", "satisfies", "between", "instance of", "function", "list<number>", "date", "time", "duration", "@"),
    *(
        '@"2020-01-01"',
        '@"P1D"',
        "count",
        "sort",
        "string join",
        "date and time",
        "// c\n",
        "/* c */",
        "item",
        "partial",
    ),
    *("a:", "1..9", "[1..2]", "(< 3)", "external", "context<a: number>", "学费", "，", "\\", "'", '"', "\u2028", "🐎"),
]
SOURCES = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=25).map("".join),
)
