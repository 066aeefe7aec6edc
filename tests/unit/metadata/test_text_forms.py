"""Header guessing, pinyin, search text, cursors, uploads: pure parts of metadata."""

import doctest
import importlib
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.kernel.errors import UserError
from engine.kernel.text import Text
from engine.metadata.columns import SqlValue
from engine.metadata.definition import FieldDefinition
from engine.metadata.exporting import safe_cell
from engine.metadata.keyset import SortKey, after_condition, make_cursor
from engine.metadata.mapping import guess_mapping
from engine.metadata.pinyin import search_forms
from engine.metadata.sheets import read_rows
from engine.metadata.statement import Statement, quoted

FIELDS = [
    FieldDefinition("name", "text", Text("姓名", "Name"), synonyms=("学员姓名",)),
    FieldDefinition("guardian_phone", "phone", Text("家长电话", "Guardian's phone")),
    FieldDefinition("phone", "phone", Text("电话", "Phone")),
    FieldDefinition("owner_id", "user", Text("负责人", "Owner"), system=True),
]
DOCTESTS = (
    "pinyin",
    "exporting",
    "fieldtypes.rich_text",
    "fieldtypes.id_number",
    "fieldtypes.address",
    "fieldtypes.auto_number",
)


@pytest.mark.parametrize("name", DOCTESTS)
def test_docstrings_tell_the_truth(name):
    result = doctest.testmod(importlib.import_module(f"engine.metadata.{name}"))
    assert result.attempted > 0
    assert result.failed == 0


def test_headers_are_guessed_once_each():
    guessed = guess_mapping(["学员姓名*", "手机号", "家长电话", "课程顾问", "备注"], FIELDS)
    assert guessed == {
        "学员姓名*": "name", "手机号": "phone", "家长电话": "guardian_phone", "课程顾问": "owner_id", "备注": None,
    }  # fmt: skip
    assert guess_mapping(["电话", "电话 (2)"], FIELDS[2:3]) == {"电话": "phone", "电话 (2)": None}
    assert guess_mapping(["Name", "PHONE"], FIELDS) == {"Name": "name", "PHONE": "phone"}


def test_names_are_found_by_pinyin_and_initials():
    assert search_forms("张小明") == "zhangxiaoming zxm"
    assert search_forms("Bob") == "bob"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_export_disarms_formulas(text):
    assert safe_cell(text) == "'" + text


@pytest.mark.parametrize("name", ["x; drop", 'a"b', "A", "", "1a", "a" * 64])
def test_identifiers_are_checked(name):
    with pytest.raises(ValueError, match="not an identifier"):
        quoted(name)


def sort_keys():
    fee = FieldDefinition("fee", "money", Text("费用", "Fee"))
    own_id = FieldDefinition("id", "uuid", Text("编号", "Id"), system=True)
    return [SortKey(SqlValue('t."fee"', "numeric", fee), False), SortKey(SqlValue('t."id"', "uuid", own_id), False)]


def test_a_cursor_leads_behind_its_row():
    statement = Statement()
    cursor = make_cursor(sort_keys(), {"k0": Decimal("1.50"), "k1": "0199"})
    condition = after_condition(statement, sort_keys(), cursor)
    assert list(statement.parameters.values()) == ["1.50", "0199"]
    assert 't."fee" IS NULL' in condition


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_a_foreign_cursor_is_refused(text):
    with pytest.raises(UserError):
        after_condition(Statement(), sort_keys(), text)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.sampled_from(["a.xlsx", "a.csv", "a"]), st.booleans())
def test_any_upload_is_read_or_refused(content, name, looks_like_a_zip):
    try:
        list(read_rows(name, b"PK\x03\x04" + content if looks_like_a_zip else content))
    except UserError as error:
        assert error.message.zh and error.message.en
