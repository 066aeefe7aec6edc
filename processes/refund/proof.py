"""The frozen proof as rows a form can show."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def proof_rows(proof: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The steps of a frozen proof (``ContractProof.as_json``), line after line, as ``label, working, amount``."""
    lines = proof["lines"]
    return [_row(step, line["title"] if len(lines) > 1 else "") for line in lines for step in line["steps"]]


def _row(step: Mapping[str, Any], title: str) -> dict[str, Any]:
    label = step["label"]["zh"]
    return {
        "label": f"{title}：{label}" if title else label,
        "working": step["working"],
        "amount": Decimal(step["amount"]),
    }
