"""Undoing an import leaves the records as they were before it, or changes nothing and gives the reason."""

from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select

from data.database.engine import open_database, write_transaction
from data.history.batches import list_batches
from data.history.undo import UndoError, UndoResult, redo, undo
from data.importing import corrections, manual_entry
from data.sample.generator import make_sample
from models.records import Change, Record, Treatment
from tests.data.factories import EXAMPLES, TODAY, imported, written
from tests.data.random_records import random_import, told
from tests.laws import examples

KEPT_ALWAYS = {"import_batch", "revision", "change"}  # what happened stays on record


def everything(engine):
    with engine.connect() as connection:
        return {
            table.name: sorted(map(str, connection.execute(select(*(c for c in table.c if c.name != "revision")))))
            for table in Record.metadata.sorted_tables
            if table.name not in KEPT_ALWAYS
        }


def test_an_undone_import_leaves_nothing_but_its_entry_in_the_list(sqlite_engine):
    before = everything(sqlite_engine)
    batch = imported(sqlite_engine, [EXAMPLES / "template"]).batch
    assert everything(sqlite_engine) != before
    assert undo(sqlite_engine, batch).record_count > 0
    assert everything(sqlite_engine) == before
    assert list_batches(sqlite_engine)[0].undone_at is not None


def test_records_of_other_imports_stay(sqlite_engine, tmp_path):
    first = imported(sqlite_engine, [EXAMPLES / "template"]).batch
    kept = everything(sqlite_engine)
    text = """
    treatment_id | date       | site  | client | area     | product | units
    extra        | 2025-03-04 | north | new    | forehead | botox   | 10
    """
    second = imported(sqlite_engine, written(tmp_path, treatments=text), source="other").batch
    undo(sqlite_engine, second)
    assert everything(sqlite_engine) == kept
    undo(sqlite_engine, first)
    assert not any(everything(sqlite_engine).values())


def test_the_same_files_can_be_imported_again_after_an_undo(sqlite_engine):
    summary = imported(sqlite_engine, [EXAMPLES / "template"])
    undo(sqlite_engine, summary.batch)
    again = imported(sqlite_engine, [EXAMPLES / "template"])
    assert (again.rows_stored, again.records) == (summary.rows_stored, summary.records)


def test_an_import_is_undone_once(sqlite_engine):
    batch = imported(sqlite_engine, [EXAMPLES / "template"]).batch
    undo(sqlite_engine, batch)
    with pytest.raises(UndoError, match="undone already"):
        undo(sqlite_engine, batch)


def test_an_unknown_import_is_refused_by_its_number(sqlite_engine):
    with pytest.raises(UndoError, match="no import 7"):
        undo(sqlite_engine, 7)


def test_an_import_with_later_follow_ups_on_its_treatments_stays(sqlite_engine, tmp_path):
    treatments = """
    treatment_id | date       | site  | client | area     | product | units
    one          | 2025-03-04 | north | ann    | forehead | botox   | 10
    """
    contacts = """
    treatment_id | date       | outcome
    one          | 2025-03-20 | done
    """
    first = imported(sqlite_engine, written(tmp_path, treatments=treatments)).batch
    second = imported(sqlite_engine, written(tmp_path, follow_ups=contacts)).batch
    before = everything(sqlite_engine)
    with pytest.raises(UndoError, match="1 follow-up[.]"):
        undo(sqlite_engine, first)
    assert everything(sqlite_engine) == before
    undo(sqlite_engine, second)
    undo(sqlite_engine, first)
    assert not any(everything(sqlite_engine).values())


def units(folder, n):
    """One visit with n units."""
    text = f"""
    treatment_id | date       | site  | client | area     | product | units
    one          | 2025-03-04 | north | ann    | forehead | botox   | {n}
    """
    (folder / str(n)).mkdir(exist_ok=True)
    return written(folder / str(n), treatments=text)


def test_undo_restores_what_an_import_changed(sqlite_engine, tmp_path):
    imported(sqlite_engine, units(tmp_path, 10))
    before = told(sqlite_engine)
    second = imported(sqlite_engine, units(tmp_path, 12)).batch
    changed = told(sqlite_engine)
    assert undo(sqlite_engine, second) == UndoResult(record_count=0, change_count=1)
    assert told(sqlite_engine) == before
    assert redo(sqlite_engine, second) == UndoResult(record_count=0, change_count=1)
    assert told(sqlite_engine) == changed


def test_an_import_whose_changes_were_changed_again_waits_for_the_later_one(sqlite_engine, tmp_path):
    first, second, third = (imported(sqlite_engine, units(tmp_path, n)).batch for n in (10, 12, 14))
    with pytest.raises(UndoError, match="1 treatments that import 2 changed were changed again later"):
        undo(sqlite_engine, second)
    with pytest.raises(UndoError, match="2 changes"):
        undo(sqlite_engine, first)
    for batch in (third, second, first):
        undo(sqlite_engine, batch)
    assert not any(told(sqlite_engine).values())
    with pytest.raises(UndoError, match="have changed since it was undone"):
        redo(sqlite_engine, third)
    for batch in (first, second, third):
        redo(sqlite_engine, batch)
    assert imported(sqlite_engine, units(tmp_path, 14)).batch is None


def test_an_undone_import_comes_back_under_its_own_number(engine):
    batch = imported(engine, [EXAMPLES / "template"]).batch
    there = told(engine)
    undo(engine, batch)
    assert redo(engine, batch).record_count > 10
    assert told(engine) == there
    assert [made.undone_at for made in list_batches(engine)] == [None]
    again = imported(engine, [EXAMPLES / "template"])
    assert (again.batch, again.rows_unchanged) == (None, 14)


def test_an_import_whose_records_came_in_again_is_not_redone(sqlite_engine, tmp_path):
    first = imported(sqlite_engine, units(tmp_path, 10)).batch
    undo(sqlite_engine, first)
    second = imported(sqlite_engine, units(tmp_path, 10)).batch
    there = told(sqlite_engine)
    with pytest.raises(UndoError, match="1 treatments of import 1 came in again"):
        redo(sqlite_engine, first)
    assert told(sqlite_engine) == there
    undo(sqlite_engine, second)
    redo(sqlite_engine, first)


def test_an_import_that_was_not_undone_is_not_redone(sqlite_engine):
    batch = imported(sqlite_engine, [EXAMPLES / "template"]).batch
    with pytest.raises(UndoError, match="is not undone"):
        redo(sqlite_engine, batch)


def test_changes_that_an_earlier_version_did_not_log_are_not_undone(sqlite_engine, tmp_path):
    imported(sqlite_engine, units(tmp_path, 10))
    second = imported(sqlite_engine, units(tmp_path, 12)).batch
    with write_transaction(sqlite_engine) as connection:
        connection.execute(delete(Change))
    with pytest.raises(UndoError, match="did not keep their former values"):
        undo(sqlite_engine, second)


def test_records_that_an_earlier_version_removed_are_not_redone(sqlite_engine, tmp_path):
    batch = imported(sqlite_engine, units(tmp_path, 10)).batch
    undo(sqlite_engine, batch)
    with write_transaction(sqlite_engine) as connection:
        connection.execute(delete(Change))
    with pytest.raises(UndoError, match="were not kept when it was undone"):
        redo(sqlite_engine, batch)


def test_an_import_under_another_key_is_not_redone(sqlite_engine, tmp_path, monkeypatch):
    first = imported(sqlite_engine, units(tmp_path, 10)).batch
    undo(sqlite_engine, first)
    monkeypatch.setenv("SEQUELA_KEY_FILE", str(tmp_path / "another.key"))
    imported(sqlite_engine, [EXAMPLES / "template"])
    with pytest.raises(UndoError, match="another key"):
        redo(sqlite_engine, first)


@examples(6)
@given(seed=st.integers(0, 2**32))
def test_undo_and_redo_are_each_others_opposite_after_any_imports(seed, migrated_file, tmp_path_factory):
    """Whatever was imported, undone and redone before, undo and redo lead back to exactly the same records."""
    file = tmp_path_factory.mktemp("undoing") / "records.db"
    file.write_bytes(migrated_file.read_bytes())
    engine, chance = open_database(f"sqlite:///{file}"), Random(seed)
    for _ in range(6):
        before = told(engine)
        summary = random_import(engine, chance)
        if summary and summary.batch:
            after = told(engine)
            undo(engine, summary.batch)
            assert told(engine) == before
            redo(engine, summary.batch)
            assert told(engine) == after
        for made in chance.sample(made_so_far := list_batches(engine), min(1, len(made_so_far))):
            there, back_and_forth = told(engine), (undo, redo) if made.undone_at is None else (redo, undo)
            try:
                back_and_forth[0](engine, made.number)
            except UndoError:
                assert told(engine) == there
                continue
            moved = told(engine)
            back_and_forth[1](engine, made.number)
            assert told(engine) == there
            back_and_forth[0](engine, made.number)
            assert told(engine) == moved
    engine.dispose()


def test_the_sample_clinic_can_be_removed_before_real_records_come(sqlite_engine):
    made = make_sample(sqlite_engine, treatments=100, today=TODAY)
    there = told(sqlite_engine)
    undo(sqlite_engine, made.import_batch_id)
    assert not any(everything(sqlite_engine).values())
    redo(sqlite_engine, made.import_batch_id)
    assert told(sqlite_engine) == there
    undo(sqlite_engine, made.import_batch_id)
    make_sample(sqlite_engine, treatments=100, today=TODAY)


# Manual entries on the records of an import


VISIT = """
    treatment_id | date       | site | client | area     | product | units
    V1           | 2025-03-03 | main | 4711   | glabella | botox   | 20
    V2           | 2025-03-03 | main | 4712   | glabella | botox   | 20
"""


def by_hand(engine, source: str, treatment: str, day) -> list[int]:
    """A contact, a side effect, and that it is gone: what a person enters in three forms."""
    effect = {"effect_id": manual_entry.new_id(), "treatment_id": treatment, "side_effect": "headache"}
    contact = {"follow_up_id": manual_entry.new_id(), "treatment_id": treatment, "date": day, "outcome": "done"}
    note = {"status_id": manual_entry.new_id(), "status_date": day, "state": "gone"}
    forms = {"follow_ups": [contact]}, {"side_effects": [effect]}, {"side_effects": [effect | note]}
    return [manual_entry.save_form(engine, source, "AB", lines, today=TODAY) for lines in forms]


def refused_to_undo(engine, batch: int) -> str:
    before = everything(engine)
    with pytest.raises(UndoError) as reason:
        undo(engine, batch)
    assert everything(engine) == before
    return str(reason.value)


def test_an_import_is_not_undone_before_the_contacts_that_were_entered_on_its_treatments(engine, tmp_path):
    batch = imported(engine, written(tmp_path, treatments=VISIT), source="practice").batch
    entered = by_hand(engine, "practice", "V1", date(2025, 3, 17))
    assert refused_to_undo(engine, batch) == (
        "Later records depend on those of import 1: 1 follow-up, 1 side effect. Undo imports 3, 2 first, in this "
        "order. Undo manual entries on the Corrections page."
    )
    for number in reversed(entered):
        undo(engine, number)
    undo(engine, batch)
    assert not any(everything(engine).values())


def test_the_sample_clinic_is_not_undone_before_the_manual_entries_in_it(sqlite_engine):
    sample = make_sample(sqlite_engine, treatments=100, today=TODAY).import_batch_id
    with sqlite_engine.connect() as connection:
        treatment = connection.scalar(select(Treatment.source_id).order_by(Treatment.date).limit(1))
    entered = by_hand(sqlite_engine, "sample", treatment, TODAY)
    read = corrections.read_version(sqlite_engine, "sample", "treatments", treatment)
    lines = [line | {"site": "elsewhere"} for line in read.rows["treatments"]]
    entered.append(corrections.save_correction(sqlite_engine, read, "CD", "a try", {"treatments": lines}, today=TODAY))
    visit = {"treatment_id": manual_entry.new_id(), "date": TODAY, "site": "main", "client": "1", "area": "glabella",
             "product": "xeomin"}  # fmt: skip
    entered.append(manual_entry.save_form(sqlite_engine, "sample", "AB", {"treatments": [visit]}, today=TODAY))
    said = refused_to_undo(sqlite_engine, sample)
    assert "1 follow-up, 1 side effect, 1 change, 1 treatment. Undo imports 6, 5, 3, 2 first" in said
    for number in reversed(entered):
        undo(sqlite_engine, number)
    undo(sqlite_engine, sample)
    assert not any(everything(sqlite_engine).values())


def test_a_side_effect_that_names_only_its_client_depends_on_the_clients_treatments(sqlite_engine, tmp_path):
    first = imported(sqlite_engine, written(tmp_path, treatments=VISIT), source="practice").batch
    effects = "effect_id | client | side_effect | onset\nS1 | 4711 | headache | 2025-03-05"
    second = imported(sqlite_engine, written(tmp_path, side_effects=effects), source="practice").batch
    assert refused_to_undo(sqlite_engine, first).endswith("1 side effect. Undo import 2 first.")
    again = VISIT.replace("V1", "V7").replace("V2", "V8")
    third = imported(sqlite_engine, written(tmp_path, treatments=again), source="practice").batch
    undo(sqlite_engine, first)  # the client was treated again since
    assert "1 side effect" in refused_to_undo(sqlite_engine, third)
    undo(sqlite_engine, second)
    undo(sqlite_engine, third)
    assert not any(everything(sqlite_engine).values())


def test_of_many_dependent_imports_the_latest_are_named(sqlite_engine, tmp_path):
    batch = imported(sqlite_engine, written(tmp_path, treatments=VISIT), source="practice").batch
    for _ in range(5):
        by_hand(sqlite_engine, "practice", "V1", date(2025, 3, 17))
        by_hand(sqlite_engine, "practice", "V2", date(2025, 3, 17))
    said = refused_to_undo(sqlite_engine, batch)
    named = "30, 29, 27, 26, 24, 23, 21, 20, 18, 17, 15, 14 and 8 more"
    assert f"10 follow-ups, 10 side effects. Undo imports {named} first" in said


def test_the_sample_clinic_is_not_redone_beside_real_records(sqlite_engine):
    made = make_sample(sqlite_engine, treatments=100, today=TODAY)
    undo(sqlite_engine, made.import_batch_id)
    imported(sqlite_engine, [EXAMPLES / "template"])
    with pytest.raises(UndoError, match="not kept together"):
        redo(sqlite_engine, made.import_batch_id)
