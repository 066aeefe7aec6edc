"""日结: what the acting cashier took on a day, and the counted cash against it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from engine.kernel.errors import Forbidden, UserError
from engine.kernel.money import fen
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import access, catalog, snapshot
from engine.metadata.profile import load_profile
from processes.finance import api as finance
from webapp import formats
from webapp.i18n import locale
from webapp.screens.records.cells import option_label


@dataclass(frozen=True)
class Closing:
    """A cashier's day as the page shows it; amounts in yuan."""

    day: date
    totals: tuple[tuple[str, str], ...]
    total: str
    cash: str
    is_closed: bool


def read(tx: Tx, day: date | None) -> Closing:
    """The actor's day, today when none is given. Raises: Forbidden."""
    if not access.can(tx, "create", "cashier_closing"):
        raise Forbidden
    branch_id, day = _branch(tx), day or _today(tx)
    taken = finance.day_totals(tx, branch_id=branch_id, day=day)
    method = catalog.load(tx).object("payment").field("method")
    assert method is not None, "payments have a method"
    return Closing(
        day=day,
        totals=tuple((option_label(method.option(key), key), formats.money(amount)) for key, amount in taken.items()),
        total=formats.money(sum(taken.values(), Decimal(0))),
        cash=formats.money(taken.get("cash", Decimal(0))),
        is_closed=finance.is_day_closed(tx, branch_id=branch_id, day=day),
    )


def close(tx: Tx, given: Mapping[str, str]) -> str:
    """Close the day with the counted cash; what differs, in words. Raises: UserError, Conflict, Forbidden."""
    try:
        day, counted = date.fromisoformat(given.get("day", "")), fen(given.get("counted_cash", "").strip())
    except (ValueError, ArithmeticError) as error:
        raise UserError("closing.counted", Text("请填写实点现金金额", "Give the cash that you counted")) from error
    if counted < 0 or day > _today(tx):
        raise UserError("closing.counted", Text("金额不能为负，日期不能晚于今天", "No negative amount, no day to come"))
    done = finance.close_day(tx, branch_id=_branch(tx), day=day, counted_cash=counted)
    if not done.difference:
        return Text("已日结，现金相符", "Closed; the cash agrees").in_locale(locale())
    amount = formats.money(done.difference)
    return Text(f"已日结，现金差额 {amount} 元", f"Closed; the cash differs by {amount}").in_locale(locale())


def _branch(tx: Tx) -> UUID:
    return load_profile(tx).branch_id or snapshot.load(tx).root.id


def _today(tx: Tx) -> date:
    return tx.now.astimezone(formats.zone()).date()
