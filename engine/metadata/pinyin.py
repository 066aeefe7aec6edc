"""Chinese names as typed on a keyboard: full pinyin and initials, for search and sorting."""

from __future__ import annotations

import re
from functools import lru_cache

_LIMIT = 64


def search_forms(text: str) -> str:
    """Lower-case pinyin and initials of the first characters, separated by a space.

    >>> search_forms("张小明")
    'zhangxiaoming zxm'
    """
    clean = text.strip().lower()[:_LIMIT]
    if clean.isascii():
        return clean
    syllables = [_syllable(char) for char in clean]
    return f"{''.join(syllables)} {''.join(syllable[:1] for syllable in syllables)}".strip()


def key_of(label: str) -> str:
    """A key in lower-case letters, digits and underscores for a label, for people who need not invent one.

    >>> key_of("就读学校"), key_of("VIP 等级"), key_of("3岁")
    ('jiu_du_xue_xiao', 'vip_deng_ji', 'k3_sui')
    """
    words = re.findall(r"[a-z0-9]+|[^\W_]", label.strip().lower()[:_LIMIT])
    syllables = [word if word.isascii() else _syllable(word) for word in words]
    key = "_".join(part for part in syllables if part.isascii() and part.isalnum())[:40].rstrip("_")
    return f"k{key}" if key[:1].isdigit() else key


def sort_key(text: str) -> str:
    """What Chinese and Latin names are sorted by: pinyin first, then the text itself.

    >>> sort_key("李雷") < sort_key("张三")
    True
    """
    clean = text.strip().lower()[:_LIMIT]
    if clean.isascii():
        return clean
    return f"{' '.join(_syllable(char) for char in clean)} {clean}"


@lru_cache(maxsize=20_000)
def _syllable(char: str) -> str:
    """One character at a time: names gain little from phrase readings, and single characters can be cached."""
    from pypinyin import Style, lazy_pinyin  # its dictionaries take long to read, and most programs need none

    return lazy_pinyin(char, style=Style.NORMAL)[0].lower()
