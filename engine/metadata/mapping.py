"""Guesses which column of a sheet is which field, from Chinese and English headers."""

from __future__ import annotations

import re

from engine.metadata.definition import FieldDefinition

_NOISE = re.compile(r"[\s**_\-::/]+|[((【\[].*?[))】\]]")
_USUAL: dict[str, tuple[str, ...]] = {
    "phone": (
        "电话",
        "手机",
        "手机号",
        "手机号码",
        "联系电话",
        "联系方式",
        "电话号码",
        "mobile",
        "tel",
        "telephone",
        "phone",
    ),
    "email": ("邮箱", "电子邮箱", "邮件", "email", "mail"),
    "id_number": ("身份证", "身份证号", "身份证号码", "证件号码"),
    "address": ("地址", "住址", "家庭住址", "联系地址", "address"),
    "owner_id": ("负责人", "顾问", "课程顾问", "销售", "跟进人", "归属人", "owner"),
    "branch_id": ("校区", "分校", "所属校区", "校区名称", "branch", "campus"),
    "stage": ("阶段", "状态", "stage", "status"),
}


def guess_mapping(headers: list[str], fields: list[FieldDefinition]) -> dict[str, str | None]:
    """Header -> field key, each field at most once; None for a header nothing fits."""
    free = {field.key: field for field in fields}
    found: dict[str, str | None] = dict.fromkeys(headers)
    for score in (_is_exact, _is_usual, _is_part):
        for header in headers:
            if found[header] is None and (key := _first(header, free, score)):
                found[header] = key
                del free[key]
    return found


def _first(header: str, free: dict[str, FieldDefinition], fits: object) -> str | None:
    assert callable(fits)
    name = _plain(header)
    return next((key for key, field in free.items() if name and fits(name, field)), None)


def _is_exact(name: str, field: FieldDefinition) -> bool:
    return name in {_plain(text) for text in (field.key, field.label.zh, field.label.en, *field.synonyms)}


def _is_usual(name: str, field: FieldDefinition) -> bool:
    return name in {_plain(text) for text in _USUAL.get(field.key if field.system else field.type, ())}


def _is_part(name: str, field: FieldDefinition) -> bool:
    texts = [_plain(text) for text in (field.label.zh, *field.synonyms)]
    return any(len(text) >= 2 and (text in name or (len(name) >= 2 and name in text)) for text in texts)


def _plain(text: str) -> str:
    return _NOISE.sub("", text).casefold()
