"""Custom fields marked indexed get an expression index that the list's query uses; it goes when nobody asks."""

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from engine.kernel.actor import SYSTEM
from engine.metadata import catalog, indexing, overlays
from engine.metadata.statement import stored_value

FIELD = {"key": "school_name", "label": {"zh": "就读学校", "en": "School"}, "type": "text", "indexed": True}


def owner_of_all(owner_url: str, postgres) -> str:
    database = make_url(owner_url).database
    url = make_url(postgres.superuser_url).set(drivername="postgresql+psycopg", database=database)
    return url.render_as_string(False)


def indexes(owner_url: str) -> list[str]:
    engine = create_engine(owner_url)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT indexname FROM pg_indexes WHERE indexname LIKE 'cx%' ORDER BY 1"))
        names = list(found.scalars())
    engine.dispose()
    return names


def test_indexed_custom_field_gets_an_index_that_its_filter_uses(school, owner_url, postgres) -> None:
    owner = owner_of_all(owner_url, postgres)
    east = school.branches["east"]
    school.run("system", lambda tx: overlays.add_field(tx, east, "enquiry", FIELD))
    day = {**FIELD, "key": "born_on", "type": "date"}
    school.run("system", lambda tx: overlays.add_field(tx, east, "enquiry", day))
    wanted = school.boundary.run(SYSTEM, indexing.wanted_indexes)
    assert [one.name for one in wanted] == ["cx_enquiry_school_name"]
    assert indexing.bring_in_line(owner, wanted) == ("cx_enquiry_school_name",)
    assert indexing.bring_in_line(owner, wanted) == ()
    assert indexes(owner) == ["cx_enquiry_school_name"]

    def plan(tx):
        field = catalog.field_of(catalog.load_branch(tx, east).object("enquiry"), "school_name")
        tx.execute(text("SET LOCAL enable_seqscan = off"))
        sql = f"EXPLAIN SELECT id FROM enquiry t WHERE {stored_value(field, 't')} = '实验小学'"
        return "\n".join(tx.execute(text(sql)).scalars())

    assert "cx_enquiry_school_name" in school.run("system", plan)
    school.run("system", lambda tx: overlays.change_field(tx, east, "enquiry", "school_name", {"indexed": False}))
    wanted = school.boundary.run(SYSTEM, indexing.wanted_indexes)
    assert indexing.bring_in_line(owner, wanted) == ("cx_enquiry_school_name",)
    assert indexes(owner) == []
