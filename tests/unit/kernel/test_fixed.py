"""Statements compiled once: named parameters only, values as the driver knows them."""

import pytest
from sqlalchemy import Column, Float, Integer, MetaData, Numeric, Table, Text, Uuid, bindparam, select, update

from engine.kernel.fixed import fixed

THING = Table(
    "thing",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("name", Text),
    Column("price", Numeric(9, 2)),
    Column("ratio", Float(asdecimal=True)),
    Column("version", Integer),
)


def test_fixed_select_has_a_place_for_each_named_parameter() -> None:
    found = fixed(select(THING.c.name, THING.c.price).where(THING.c.id == bindparam("id")).with_for_update())
    text = "SELECT thing.name, thing.price FROM thing WHERE thing.id = %(id)s::UUID FOR UPDATE"
    assert " ".join(found.split()) == text


def test_fixed_update_writes_named_values() -> None:
    statement = update(THING).where(THING.c.id == bindparam("row")).values(version=bindparam("new_version"))
    assert fixed(statement) == "UPDATE thing SET version=%(new_version)s::INTEGER WHERE thing.id = %(row)s::UUID"


def test_fixed_refuses_a_value_in_the_statement() -> None:
    with pytest.raises(ValueError, match="named parameters only"):
        fixed(select(THING.c.id).where(THING.c.name == "x"))


def test_fixed_refuses_a_column_that_sqlalchemy_would_convert() -> None:
    with pytest.raises(ValueError, match="ratio"):
        fixed(select(THING.c.ratio))
