"""The new words of a reply, without what it quotes. Knows the markers of QQ, 163, Foxmail, Outlook, Gmail, iPhone."""

from __future__ import annotations

import re

_QUOTE_STARTS = tuple(
    re.compile(pattern)
    for pattern in (
        r"^-{2,}\s*(原始邮件|原始信息|转发邮件|回复的原邮件|Original Message|Forwarded message)\s*-{0,}",
        r"^_{10,}\s*$",
        r"^(发件人|寄件者|From)\s*[:：].{0,200}$",
        r"^(在|于|On)\s?.{4,120}(写道|wrote)\s*[:：]\s*$",
        r"^\d{4}[-年/].{4,80}(写道)\s*[:：]\s*$",
        r"^At \d{4}-\d\d-\d\d .{4,120} wrote:\s*$",
    )
)
_FOOTERS = re.compile(r"^(发自我的|从我的|Sent from my|来自.{0,20}邮箱|-- ?$)")


def new_text(body: str) -> str:
    """Everything above the first quote marker and signature, without `>` lines.

    >>> new_text("好的，周六去\\n\\n发自我的iPhone\\n\\n------------------ 原始邮件 ------------------\\n发件人: 启明")
    '好的，周六去'
    """
    kept: list[str] = []
    for line in body.replace("\r\n", "\n").split("\n"):
        stripped = line.strip().strip("\u200b\xa0")
        if any(marker.match(stripped) for marker in _QUOTE_STARTS) or _FOOTERS.match(stripped):
            break
        if not stripped.startswith(">"):
            kept.append(line.rstrip())
    return "\n".join(kept).strip()
