"""What other folders may call of contracts."""

from processes.contracts.activation import Authority, ContractFacts, LineFacts, activate, authority, facts
from processes.contracts.drafting import Draft, DraftLine, Priced, draft_contract, price, revise
from processes.contracts.pricing import GiftPolicy
from processes.contracts.settlement import mark_settled, reopen
from processes.contracts.stages import approve, completeness, reject, set_stage, sign, submit, void
from processes.contracts.transfer import TransferPreview, apply_transfer, transfer_preview

__all__ = [
    "Authority",
    "ContractFacts",
    "Draft",
    "DraftLine",
    "GiftPolicy",
    "LineFacts",
    "Priced",
    "TransferPreview",
    "activate",
    "apply_transfer",
    "approve",
    "authority",
    "completeness",
    "draft_contract",
    "facts",
    "mark_settled",
    "price",
    "reject",
    "reopen",
    "revise",
    "set_stage",
    "sign",
    "submit",
    "transfer_preview",
    "void",
]
