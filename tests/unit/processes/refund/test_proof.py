"""The proof as a form shows it."""

from decimal import Decimal

from processes.refund.proof import proof_rows


def step(label: str, amount: str) -> dict[str, object]:
    return {"code": "x", "label": {"zh": label, "en": "x"}, "amount": amount, "working": f"= {amount}"}


def test_proof_of_one_line_shows_its_steps() -> None:
    proof = {"lines": [{"title": "英语", "steps": [step("实收金额", "6000.00"), step("教材物料", "-120.00")]}]}
    assert proof_rows(proof) == [
        {"label": "实收金额", "working": "= 6000.00", "amount": Decimal("6000.00")},
        {"label": "教材物料", "working": "= -120.00", "amount": Decimal("-120.00")},
    ]


def test_proof_of_several_lines_names_each() -> None:
    lines = [{"title": title, "steps": [step("实收金额", "1.00")]} for title in ("英语", "数学")]
    assert [row["label"] for row in proof_rows({"lines": lines})] == ["英语：实收金额", "数学：实收金额"]
