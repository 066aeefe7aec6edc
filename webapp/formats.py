"""How values look on pages: money, hours, moments, initials."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from flask import Flask, g

from engine.kernel.text import Text
from webapp.i18n import gettext

_MINUTE, _HOUR, _DAY = 60, 3600, 86400


def install(app: Flask) -> None:
    """Makes the formats known to the templates."""
    for name, function in {
        "money": money,
        "yuan": yuan,
        "hours": hours,
        "listed": listed,
        "ago": ago,
        "span": span,
        "length_of_time": length,
        "in_words": in_words,
        "short_time": short_time,
        "full_time": full_time,
        "day": day,
        "clock": clock,
    }.items():
        app.jinja_env.filters[name] = function
    app.jinja_env.globals["initials"] = initials
    app.jinja_env.globals["now"] = now


def money(value: Decimal | str | None) -> str:
    """Yuan with two places and grouped thousands.

    >>> money(Decimal("1234567.5"))
    '1,234,567.50'
    """
    return "" if value is None else f"{Decimal(value):,.2f}"


def yuan(value: Decimal | str | None) -> str:
    """The amount with its sign and currency.

    >>> yuan(Decimal("4516.36")), yuan("-120")
    ('¥4,516.36', '-¥120.00')
    """
    text = money(value)
    return f"-¥{text[1:]}" if text.startswith("-") else text and f"¥{text}"


def hours(value: Decimal | str | None) -> str:
    """Hours without needless zeros.

    >>> hours(Decimal("31.50")), hours(Decimal("40.00"))
    ('31.5', '40')
    """
    if value is None:
        return ""
    text = f"{Decimal(value):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def plain(value: object) -> str:
    """Any value of a preview or a history as text; amounts keep their places, grouped.

    >>> plain(Decimal("4516.36")), plain(date(2026, 9, 1))
    ('4,516.36', '2026-09-01')
    """
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if isinstance(value, Decimal | int):
        return f"{value:,}"
    if isinstance(value, datetime):
        return short_time(value)
    if isinstance(value, Text):
        from webapp.i18n import translated

        return translated(value)
    if isinstance(value, list | tuple):
        return listed(plain(item) for item in value)
    return "" if value is None else str(value)


def listed(names: Iterable[str]) -> str:
    """Several names in a row, as the reader's language strings them."""
    return gettext("、").join(names)


def beside(text: str, note: str) -> str:
    """The text with a note in brackets; bare when there is none."""
    return gettext("%(text)s（%(note)s）", text=text, note=note) if note else text


def now() -> datetime:
    """The moment of this request."""
    from webapp.request import platform  # the platform's clock; tests may stand still

    return platform().boundary.clock.now()


def zone() -> ZoneInfo:
    """The zone of the acting branch."""
    return ZoneInfo(getattr(g, "zone", "Asia/Shanghai"))


def ago(value: datetime) -> str:
    """How long ago, or how long until; the date when it is more than a week."""
    seconds = (now() - value).total_seconds()
    if abs(seconds) >= 7 * _DAY:
        return short_time(value)
    if abs(seconds) < _MINUTE:
        return gettext("刚刚")
    amount = span(value)
    return gettext("%(amount)s前", amount=amount) if seconds > 0 else gettext("%(amount)s后", amount=amount)


def span(value: datetime) -> str:
    """The time between that moment and now, in its largest unit."""
    return length(abs(now() - value))


def length(value: timedelta) -> str:
    """A length of time in its largest unit."""
    size = int(value.total_seconds())
    if size < _MINUTE:
        return gettext("不到 1 分钟")
    if size < _HOUR:
        return gettext("%(n)s 分钟", n=size // _MINUTE)
    if size < _DAY:
        return gettext("%(n)s 小时", n=size // _HOUR)
    days = size // _DAY
    return gettext("1 天") if days == 1 else gettext("%(n)s 天", n=days)


def short_time(value: datetime | date) -> str:
    """Month, day and time; the year when it is another one."""
    if not isinstance(value, datetime):
        return value.isoformat()
    local = value.astimezone(zone())
    year = "" if local.year == now().astimezone(zone()).year else f"{local.year}-"
    return f"{year}{local:%m-%d %H:%M}"


def in_words(value: datetime | date) -> str:
    """The date as a sentence has it, with the time of day of a moment: 2026年9月1日 14:30."""
    from webapp.i18n import locale

    local = value.astimezone(zone()) if isinstance(value, datetime) else value
    english = locale() == "en"
    words = f"{local.day} {local:%B %Y}" if english else f"{local.year}年{local.month}月{local.day}日"
    return f"{words} {local:%H:%M}" if isinstance(local, datetime) else words


def full_time(value: datetime) -> str:
    """Date and time to the second, in the branch's zone."""
    return f"{value.astimezone(zone()):%Y-%m-%d %H:%M:%S}"


def clock(value: datetime) -> str:
    """The time of day."""
    return f"{value.astimezone(zone()):%H:%M}"


def day(value: datetime | date) -> str:
    """The date with its weekday."""
    local = value.astimezone(zone()) if isinstance(value, datetime) else value
    names = Text("一二三四五六日", "Mon Tue Wed Thu Fri Sat Sun")
    from webapp.i18n import locale

    weekday = names.en.split()[local.weekday()] if locale() == "en" else f"周{names.zh[local.weekday()]}"
    return f"{local:%m-%d} {weekday}"


def initials(name: str) -> str:
    """What an avatar shows.

    >>> initials("王小明"), initials("Ann Lee"), initials("")
    ('小明', 'AL', '?')
    """
    words = name.split()
    if len(words) > 1 and name.isascii():
        return (words[0][0] + words[-1][0]).upper()
    return (name[-2:] if not name.isascii() else name[:2].upper()) or "?"
