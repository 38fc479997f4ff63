"""No name, number or address is stored: clients are pseudonyms under a key outside the database."""

import stat
from pathlib import Path

import pytest

from data.privacy.pseudonym_key import PseudonymKeyError, is_pseudonym, make_pseudonymizer
from tests.data.factories import EXAMPLES, everything, imported, written

CANARY = ("Zoraida Quixano", "QX-77341", "zoraida@example.org", "+44 7700 900123", "12 Windmill Street")

TREATMENTS = f"""
    client name | e-mail      | mobile      | address     | client      | date       | site | area     | product
    {CANARY[0]} | {CANARY[2]} | {CANARY[3]} | {CANARY[4]} | {CANARY[1]} | 2025-03-03 | main | glabella | botox
"""
EFFECTS = f"""
    effect_id | client      | side_effect | words
    S1        | {CANARY[1]} | headache    | sore. Ring {CANARY[3]} or write {CANARY[2]}
"""


def test_no_identifier_of_the_source_is_in_the_database_or_next_to_it(sqlite_url, sqlite_engine, tmp_path):
    (tmp_path / "in").mkdir()
    summary = imported(sqlite_engine, written(tmp_path / "in", treatments=TREATMENTS, side_effects=EFFECTS))
    sqlite_engine.dispose()
    kept = [file.read_bytes() for file in tmp_path.iterdir() if file.is_file()]
    assert len(kept) >= 2
    for canary in CANARY:
        assert not [content for content in kept if canary.encode() in content]
        assert canary not in repr(summary)


def test_columns_that_are_not_read_are_listed(sqlite_engine, tmp_path):
    summary = imported(sqlite_engine, written(tmp_path, treatments=TREATMENTS))
    assert 'treatments.csv: not read: "client name", "e-mail", "mobile", "address"' in summary.notices[0]


def test_a_clients_words_are_stored_without_contact_details(sqlite_engine, tmp_path):
    imported(sqlite_engine, written(tmp_path, treatments=TREATMENTS, side_effects=EFFECTS))
    effect = everything(sqlite_engine)["clinic"].side_effects["S1"]
    assert effect.as_given == "sore. Ring [removed] or write [removed]"


def test_a_client_has_one_pseudonym_per_source():
    pseudonym = make_pseudonymizer()
    assert pseudonym("clinic", "4711") == make_pseudonymizer()("clinic", "4711")
    assert len({pseudonym("clinic", "4711"), pseudonym("clinic", "4712"), pseudonym("study", "4711")}) == 3
    assert is_pseudonym(pseudonym("clinic", "4711"))
    assert not is_pseudonym("4711")


def test_another_key_gives_other_pseudonyms(monkeypatch, tmp_path):
    first = make_pseudonymizer()("clinic", "4711")
    monkeypatch.setenv("SEQUELA_KEY_FILE", str(tmp_path / "another.key"))
    assert make_pseudonymizer()("clinic", "4711") != first


def test_only_this_user_can_read_the_key(pseudonym_key):
    make_pseudonymizer()
    assert stat.S_IMODE(Path(pseudonym_key).stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["", "no key", "abcd"])
def test_a_damaged_key_is_refused_and_not_replaced(content, pseudonym_key):
    Path(pseudonym_key).write_text(content)
    with pytest.raises(PseudonymKeyError, match="damaged"):
        make_pseudonymizer()
    assert Path(pseudonym_key).read_text() == content


def test_a_pseudonym_in_an_export_is_stored_unchanged(sqlite_engine, tmp_path):
    key = make_pseudonymizer()("clinic", "4711")
    sheet = f"client_key | date | site | area | product \n {key} | 2025-03-03 | main | glabella | botox"
    imported(sqlite_engine, written(tmp_path, treatments=sheet))
    assert everything(sqlite_engine)["clinic"].clients.keys() == {key}


def test_another_key_is_refused_before_clients_are_stored_twice(sqlite_engine, tmp_path, monkeypatch):
    monkeypatch.setenv("SEQUELA_KEY_FILE", str(tmp_path / "first.key"))
    imported(sqlite_engine, [EXAMPLES / "template"])
    monkeypatch.setenv("SEQUELA_KEY_FILE", str(tmp_path / "second.key"))
    (tmp_path / "second.key").write_text("2" * 64)
    with pytest.raises(PseudonymKeyError, match="all clients would be stored as new clients.*kept with the backups"):
        imported(sqlite_engine, [EXAMPLES / "template"])


def test_the_import_works_again_with_the_restored_key(sqlite_engine, tmp_path, monkeypatch):
    monkeypatch.setenv("SEQUELA_KEY_FILE", str(tmp_path / "first.key"))
    imported(sqlite_engine, [EXAMPLES / "template"])
    assert imported(sqlite_engine, [EXAMPLES / "template"]).rows_stored == 0
