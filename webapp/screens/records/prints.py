"""Paper for families and auditors: receipts in two or three copies, refund proofs, a student's hours."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from engine.kernel.errors import NotFound
from engine.kernel.text import Text
from engine.kernel.uow import Tx
from engine.metadata import query, records, snapshot
from engine.metadata.query import Query
from engine.metadata.record import Record
from processes.finance import api as finance
from webapp import formats
from webapp.i18n import gettext, locale, translated
from webapp.screens.records.cells import text_of

COPIES = (
    Text("第一联 存根", "Copy 1: stub"),
    Text("第二联 交家长", "Copy 2: family"),
    Text("第三联 记账", "Copy 3: books"),
)
_ENTRIES = 500


@dataclass(frozen=True)
class Step:
    """One line of a refund's working: what, how it comes about, and the amount in yuan."""

    label: str
    working: str
    amount: str


@dataclass(frozen=True)
class ProofLine:
    """A line of the contract with its working and what is paid back for it."""

    title: str
    steps: tuple[Step, ...]
    refundable: str


@dataclass(frozen=True)
class Movement:
    """A line of a student's hours: ``balance`` is what is left after it."""

    on: date
    kind: str
    lot: str
    quantity: str
    balance: str
    reason: str


def print_receipt(tx: Tx, receipt_id: UUID) -> int:
    """Counts a print; 1 is the original. Raises: NotFound, Forbidden."""
    return finance.print_receipt(tx, receipt_id)


def receipt(tx: Tx, receipt_id: UUID, copies: int) -> dict[str, Any]:
    """A receipt as it is printed. Raises: NotFound."""
    found = records.get(tx, "receipt", receipt_id)
    payment = records.get(tx, "payment", found.values["payment_id"])
    method = payment.definition.field("method")
    return {
        "receipt": found,
        "payment": payment,
        "organisation": _organisation(tx),
        "branch": found.titles.get("branch_id") or "",
        "student": found.titles.get("student_id") or "",
        "cashier": payment.titles.get("cashier") or "",
        "method": text_of(method, payment.values.get("method")) if method else "",
        "copies": [translated(text) for text in COPIES[:copies]],
        "reprint": max(0, int(found.values["printed_count"]) - 1),
    }


def refund_proof(tx: Tx, order_id: UUID) -> dict[str, Any]:
    """A refund's frozen computation, line by line. Raises: NotFound, also when it may not be read."""
    order = records.get(tx, "refund_order", order_id)
    proof = order.values.get("proof")
    if not proof:
        raise NotFound
    totals = [
        (key, formats.money(Decimal(proof[key]))) for key in ("received", "refundable", "cancelled", "still_owed")
    ]
    return {
        "order": order,
        "organisation": _organisation(tx),
        "lines": tuple(_line(line) for line in proof["lines"]),
        "totals": [(_field(order, key), amount) for key, amount in totals],
        "digest": str(order.values.get("digest") or ""),
    }


def hours_statement(tx: Tx, student_id: UUID) -> dict[str, Any]:
    """Every movement of a student's hours, oldest first, with the balance after each. Raises: NotFound."""
    student = records.get(tx, "student", student_id)
    condition = {"field": "student_id", "op": "=", "value": str(student_id)}
    asked = Query("hour_entry", filter=condition, sort=("business_date", "id"), limit=_ENTRIES)
    found = query.fetch(tx, asked)
    movements = tuple(_movements(found.items))
    return {
        "student": student,
        "organisation": _organisation(tx),
        "movements": movements,
        "balance": movements[-1].balance if movements else formats.hours(Decimal(0)),
        "is_cut": found.next is not None,
        "today": formats.now(),
    }


def _movements(entries: list[Record]) -> Iterator[Movement]:
    balance = Decimal(0)
    for one in entries:
        balance += one.values["quantity"]
        kind, values = one.definition.field("kind"), one.values
        words = text_of(kind, values["kind"]) if kind else str(values["kind"])
        lot, reason = str(one.titles.get("lot_id") or ""), str(values.get("reason") or "")
        quantity = formats.hours(values["quantity"])
        yield Movement(values["business_date"], words, lot, quantity, formats.hours(balance), reason)


def _line(line: dict[str, Any]) -> ProofLine:
    steps = tuple(
        Step(one["label"]["en" if locale() == "en" else "zh"], one["working"], formats.money(Decimal(one["amount"])))
        for one in line["steps"]
    )
    return ProofLine(line["title"], steps, formats.money(Decimal(line["refundable"])))


def _field(order: Record, key: str) -> str:
    field = order.definition.field(key)
    return field.label.in_locale(locale()) if field else gettext("合计")


def _organisation(tx: Tx) -> str:
    return snapshot.load(tx).root.name
