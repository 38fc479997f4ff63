"""An import taken back leaves the records as they were before it, or stays whole with the reason."""

import pytest
from sqlalchemy import select

from data.batches import batches
from data.sample import make_sample
from data.undoing import NotUndone, undo
from models.records import Record
from tests.data.imports import EXAMPLES, TODAY, imported, written

KEPT_ALWAYS = {"import_batch", "revision"}  # what happened stays on record


def everything(engine):
    with engine.connect() as connection:
        return {
            table.name: sorted(map(str, connection.execute(select(table))))
            for table in Record.metadata.sorted_tables
            if table.name not in KEPT_ALWAYS
        }


def test_an_undone_import_leaves_no_trace_but_its_own_line(sqlite_engine):
    before = everything(sqlite_engine)
    batch = imported(sqlite_engine, [EXAMPLES / "template"]).batch
    assert everything(sqlite_engine) != before
    assert undo(sqlite_engine, batch) > 0
    assert everything(sqlite_engine) == before
    assert batches(sqlite_engine)[0].undone_at is not None


def test_what_other_imports_brought_stays(sqlite_engine, tmp_path):
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
    with pytest.raises(NotUndone, match="undone already"):
        undo(sqlite_engine, batch)


def test_an_import_that_nobody_made_is_named(sqlite_engine):
    with pytest.raises(NotUndone, match="no import 7"):
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
    with pytest.raises(NotUndone, match="1 follow-ups"):
        undo(sqlite_engine, first)
    assert everything(sqlite_engine) == before
    undo(sqlite_engine, second)
    undo(sqlite_engine, first)
    assert not any(everything(sqlite_engine).values())


def test_an_import_that_changed_what_was_there_stays(sqlite_engine, tmp_path):
    def units(n):
        text = f"""
        treatment_id | date       | site  | client | area     | product | units
        one          | 2025-03-04 | north | ann    | forehead | botox   | {n}
        """
        (tmp_path / str(n)).mkdir()
        return written(tmp_path / str(n), treatments=text)

    imported(sqlite_engine, units(10))
    second = imported(sqlite_engine, units(12)).batch
    with pytest.raises(NotUndone, match="changed 1 records"):
        undo(sqlite_engine, second)


def test_the_sample_clinic_can_be_removed_before_real_records_come(sqlite_engine):
    made = make_sample(sqlite_engine, treatments=100, today=TODAY)
    undo(sqlite_engine, made.import_batch_id)
    assert not any(everything(sqlite_engine).values())
    make_sample(sqlite_engine, treatments=100, today=TODAY)
