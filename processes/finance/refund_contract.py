"""The refund of a whole contract: what was received is split over its lines so that no line owes what another has."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID

from engine.kernel import canonical
from engine.kernel.errors import UserError
from engine.kernel.money import split_by_largest_remainder
from engine.kernel.text import Text
from processes.finance.refund_entries import Closing
from processes.finance.refund_formula import Proof, ProofLine, RefundCase, RefundTerms, Strategy, compute

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class LineProof:
    """The proof of one contract line."""

    line_id: UUID
    title: str
    proof: Proof


@dataclass(frozen=True, slots=True)
class ContractProof:
    """The proof of a contract: its lines' proofs and their totals in yuan."""

    contract_id: UUID
    strategy: Strategy
    received: Decimal
    lines: tuple[LineProof, ...]

    @property
    def refundable(self) -> Decimal:
        """Yuan to pay back."""
        return sum((line.proof.refundable for line in self.lines), ZERO)

    @property
    def cancelled(self) -> Decimal:
        """Yuan no longer asked for."""
        return sum((line.proof.cancelled for line in self.lines), ZERO)

    @property
    def still_owed(self) -> Decimal:
        """Yuan consumed and not paid."""
        return sum((line.proof.still_owed for line in self.lines), ZERO)

    @property
    def entries(self) -> tuple[Closing, ...]:
        """The ledger entries that close every lot."""
        return tuple(entry for line in self.lines for entry in line.proof.entries)

    @property
    def digest(self) -> str:
        """Changes with any figure of the proof."""
        return hashlib.sha256(canonical.dumps(self.as_json()).encode()).hexdigest()

    def as_json(self) -> dict[str, object]:
        """What is frozen into the refund order, money as text, labels in both languages."""
        return {
            "strategy": self.strategy.value,
            "received": str(self.received),
            "refundable": str(self.refundable),
            "cancelled": str(self.cancelled),
            "still_owed": str(self.still_owed),
            "lines": [
                {
                    "line_id": str(line.line_id),
                    "title": line.title,
                    "refundable": str(line.proof.refundable),
                    "steps": [_step(step) for step in line.proof.lines],
                    "entries": [_entry(entry) for entry in line.proof.entries],
                }
                for line in self.lines
            ],
        }


def _step(step: ProofLine) -> dict[str, object]:
    label = {"zh": step.label.zh, "en": step.label.en}
    return {"code": step.code, "label": label, "amount": str(step.amount), "working": step.working}


def _entry(entry: Closing) -> dict[str, object]:
    return {
        "lot_id": str(entry.lot_id),
        "kind": entry.kind,
        "quantity": str(entry.quantity),
        "amount": str(entry.amount),
        "reason": entry.reason,
    }


def read_terms(frozen: Mapping[str, object]) -> RefundTerms:
    """The terms frozen into a contract. Raises: UserError when they cannot be read."""
    try:
        cap = frozen.get("penalty_cap")
        return RefundTerms(
            strategy=Strategy(str(frozen["strategy"])),
            version=str(frozen.get("version", "1")),
            cooling_off_days=int(str(frozen.get("cooling_off_days", 0))),
            penalty_rate=Decimal(str(frozen.get("penalty_rate", "0"))),
            penalty_cap=None if cap is None else Decimal(str(cap)),
        )
    except (KeyError, ValueError, ArithmeticError) as error:
        raise UserError(
            "refund.terms", Text("合同的退费规则无法识别", "The contract's refund terms cannot be read")
        ) from error


def terms_in_force(terms: RefundTerms, cases: Sequence[RefundCase]) -> RefundTerms:
    """In the cooling-off time a contract of which nothing was used is refunded in full."""
    untouched = all(lot.quantity == lot.bought for case in cases for lot in case.lots)
    early = all((case.requested_on - case.signed_on).days <= terms.cooling_off_days for case in cases)
    if untouched and early and terms.cooling_off_days > 0:
        return replace(terms, strategy=Strategy.COOLING_OFF)
    return terms


def prove(
    contract_id: UUID, terms: RefundTerms, received: Decimal, cases: Sequence[tuple[UUID, str, RefundCase]]
) -> ContractProof:
    """The proof of a contract. Each case is a line (id, title, figures); its `received` is worked out here."""
    if not cases:
        raise UserError("refund.nothing_open", Text("合同没有可退的明细", "The contract has no open line"))
    in_force = terms_in_force(terms, [case for _, _, case in cases])
    shares = split_received(received, [_need(in_force, case) for _, _, case in cases])
    caps = _split_cap(in_force.penalty_cap, [case.net_amount for _, _, case in cases])
    lines = tuple(
        LineProof(line_id, title, compute(replace(in_force, penalty_cap=cap), replace(case, received=share)))
        for (line_id, title, case), share, cap in zip(cases, shares, caps, strict=True)
    )
    return ContractProof(contract_id, in_force.strategy, received, lines)


def _need(terms: RefundTerms, case: RefundCase) -> tuple[Decimal, Decimal]:
    """(deductions, rest of the net amount) of a line that is fully paid, without penalty."""
    full = compute(replace(terms, penalty_rate=Decimal(0)), replace(case, received=case.net_amount))
    deducted = case.net_amount - full.refundable
    return deducted, case.net_amount - deducted


def split_received(received: Decimal, needs: Sequence[tuple[Decimal, Decimal]]) -> tuple[Decimal, ...]:
    """Cover every line's deductions first, in order; share what is left by what each line has left.

    >>> split_received(Decimal(3000), [(Decimal(3000), Decimal(0)), (Decimal(0), Decimal(3000))])
    (Decimal('3000.00'), Decimal('0.00'))
    """
    left = received
    covered = []
    for deducted, _ in needs:
        part = min(left, deducted)
        covered.append(part)
        left -= part
    rests = [rest for _, rest in needs]
    if left <= 0 or not sum(rests):
        extra = [ZERO] * len(rests)
        extra[0] += max(left, ZERO)
    else:
        extra = split_by_largest_remainder(left, rests)
    return tuple(one + more for one, more in zip(covered, extra, strict=True))


def _split_cap(cap: Decimal | None, nets: Sequence[Decimal]) -> list[Decimal | None]:
    if cap is None or not sum(nets):
        return [cap] * len(nets)
    return list(split_by_largest_remainder(cap, nets))
