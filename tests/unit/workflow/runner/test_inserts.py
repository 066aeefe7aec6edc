"""Rows inside a step's statement: few as parameters, many as one document; both say the same."""

from datetime import UTC, datetime
from uuid import UUID

from engine.workflow.runner.inserts import FEW, Insert

NOTE = Insert("note", {"id": "uuid", "words": "jsonb", "blob": "hex"}, {"at": "%(now)s"}, " on conflict do nothing")


def test_few_rows_are_parameters_of_their_own() -> None:
    rows = [{"id": UUID(int=1), "words": {"a": "校区"}, "blob": b"\x01"}, {"id": UUID(int=2), "words": None}]
    assert NOTE.text("notes", 2) == (
        "insert into note (id, words, blob, at) values (%(notes0_id)s, %(notes0_words)s, %(notes0_blob)s, %(now)s),"
        " (%(notes1_id)s, %(notes1_words)s, %(notes1_blob)s, %(now)s) on conflict do nothing"
    )
    assert NOTE.parameters("notes", rows) == {
        "notes0_id": UUID(int=1), "notes0_words": '{"a": "校区"}', "notes0_blob": b"\x01",
        "notes1_id": UUID(int=2), "notes1_words": None, "notes1_blob": None,
    }  # fmt: skip


def test_many_rows_are_one_document_whatever_their_number() -> None:
    row = {"id": UUID(int=1), "words": {"at": datetime(2026, 9, 1, tzinfo=UTC)}, "blob": b"\x01\xff"}
    text = NOTE.text("notes", FEW + 1)
    assert text == NOTE.text("notes", 2000)
    assert text == (
        "insert into note (id, words, blob, at) select id, words, decode(blob, 'hex'), %(now)s"
        " from jsonb_to_recordset(%(notes)s::jsonb) as r(id uuid, words jsonb, blob text) on conflict do nothing"
    )
    written = (
        '{"id": "00000000-0000-0000-0000-000000000001", "words": {"at": "2026-09-01T00:00:00+00:00"}, "blob": "01ff"}'
    )
    assert NOTE.parameters("notes", [row] * 4) == {"notes": f"[{', '.join([written] * 4)}]"}


def test_nul_characters_are_left_out() -> None:
    words = Insert("note", {"word": "text"})
    assert words.parameters("n", [{"word": "a\x00b"}]) == {"n0_word": "ab"}
    assert words.parameters("n", [{"word": "a\x00b"}] * 4) == {
        "n": '[{"word": "ab"}, {"word": "ab"}, {"word": "ab"}, {"word": "ab"}]'
    }
