"""Importing: all or nothing, the same file again changes nothing, a changed row is a change, no order matters."""

import random
import signal
import subprocess
import sys
import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event, text

from data.database.engine import open_database, revision
from data.importing.pipeline import prepare_import, prepare_records, store_import
from data.problems import ImportRefusedError
from tests.data.factories import EXAMPLES, TODAY, counts, everything, imported, refusal, written
from tests.data.random_records import random_incoming, told
from tests.laws import examples

TEMPLATE = sorted((EXAMPLES / "template").glob("*.csv"))

TREATMENTS = """
    treatment_id | date       | site | practitioner | client | area     | product        | lot | expiry  | units
    V1           | 2025-03-03 | main | AB           | 4711   | glabella | botox_cosmetic | C1  | 2026-11 | 20
    V1           | 2025-03-03 | main | AB           | 4711   | forehead | botox_cosmetic | C1  | 2026-11 | 10
    V2           | 2025-03-04 | main | CD           | 4712   | masseter | dysport        | D7  |         | 90
"""
EFFECTS = """
    effect_id | treatment_id | side_effect   | area     | onset      | status_date | state   | last_day   | grade
    S1        | V1           | eyelid_ptosis | glabella | 2025-03-10 | 2025-03-17  | present |            | mild
"""


def test_the_example_of_the_template_is_stored_as_it_is_told(engine):
    summary = imported(engine, TEMPLATE)
    assert (summary.rows_read, summary.rows_stored, summary.rows_unchanged) == (14, 14, 0)
    stored = everything(engine)["clinic"]
    assert [(i.area, i.units, i.lot) for i in stored.treatments["V1001"].injections] == [
        ("forehead", 10, "C1234"), ("glabella", 20, "C1234"),
    ]  # fmt: skip
    assert str(stored.lots["botox_cosmetic", "C1234"].expiry) == "2026-11-30"
    assert stored.treatments["V1004"].touch_up_of == "V1002"
    ptosis = stored.side_effects["S1"]
    assert [(str(n.date), n.state, str(n.last_day), n.grade) for n in ptosis.statuses] == [
        ("2025-03-17", "present", "None", 1), ("2025-04-14", "gone", "2025-04-02", None),
    ]  # fmt: skip
    assert [(r.remedy, r.kind) for r in ptosis.remedies] == [("apraclonidine_drops", "advised")]
    assert (str(stored.side_effects["S2"].onset_first), str(stored.side_effects["S2"].onset_last)) == (
        "2025-03-01", "2025-03-31",
    )  # fmt: skip
    assert stored.side_effects["S2"].client == stored.treatments["V1002"].client
    asked = [contact for contact in stored.follow_ups.values() if contact.not_asked]
    assert [(contact.not_asked, contact.score, contact.scale) for contact in asked] == [
        (("dry_mouth", "headache"), 1, "sweating")
    ]


def test_the_same_files_again_change_nothing_not_even_the_revision(engine):
    imported(engine, TEMPLATE)
    before = everything(engine), counts(engine), revision(engine)
    again = imported(engine, TEMPLATE)
    assert (again.rows_read, again.rows_stored, again.rows_changed, again.rows_unchanged) == (14, 0, 0, 14)
    assert again.batch is None
    assert (everything(engine), counts(engine), revision(engine)) == before


def test_a_dry_run_says_what_the_import_then_does_and_stores_nothing(engine):
    intended = imported(engine, TEMPLATE, dry_run=True)
    assert counts(engine)["treatment"] == 0
    done = imported(engine, TEMPLATE)
    assert (intended.records, intended.rows_stored, intended.batch) == (done.records, done.rows_stored, None)


@examples(8)
@given(seed=st.integers(0, 2**32))
def test_a_preview_tells_exactly_what_the_import_then_does(seed, migrated_file, tmp_path_factory):
    database = tmp_path_factory.mktemp("preview") / "records.db"
    database.write_bytes(migrated_file.read_bytes())
    engine, chance = open_database(f"sqlite:///{database}"), random.Random(seed)
    for _ in range(5):
        incoming, before = random_incoming(engine, chance), (told(engine), revision(engine))
        try:
            preview = prepare_records(engine, incoming, ("random.csv",)).summary
        except ImportRefusedError as refused:
            with pytest.raises(ImportRefusedError) as refused_again:
                store_import(engine, prepare_records(engine, incoming, ("random.csv",)))
            assert refused_again.value.problems == refused.problems
        else:
            assert (told(engine), revision(engine)) == before
            done = store_import(engine, prepare_records(engine, incoming, ("random.csv",)))
            assert replace(done, batch=None, dry_run=True) == preview
            assert (done.batch is None) == ((told(engine), revision(engine)) == before)
            assert preview.rows_read == preview.rows_stored + preview.rows_changed + preview.rows_unchanged
    engine.dispose()


def test_overlapping_exports_merge_on_the_sources_own_number(sqlite_engine, tmp_path):
    lines = TREATMENTS.strip().splitlines()
    march = written(tmp_path, march="\n".join(lines[:3]))
    imported(sqlite_engine, march)
    summary = imported(sqlite_engine, written(tmp_path, march_and_april=TREATMENTS))
    assert (summary.rows_stored, summary.rows_unchanged) == (1, 2)
    assert counts(sqlite_engine)["injection"] == 3


def test_two_files_of_one_import_may_hold_the_same_visit(sqlite_engine, tmp_path):
    summary = imported(sqlite_engine, written(tmp_path, march=TREATMENTS, again=TREATMENTS))
    assert (summary.rows_stored, summary.rows_unchanged) == (3, 3)
    assert counts(sqlite_engine)["injection"] == 3


def test_two_files_that_tell_one_visit_differently_are_refused(sqlite_engine, tmp_path):
    told = refusal(sqlite_engine, written(tmp_path, march=TREATMENTS, later=TREATMENTS.replace("| 20\n", "| 25\n")))
    assert told == [
        'later.csv, row 2, column treatment_id: "V1" differs from march.csv, row 2. '
        "Expected: the same rows for a visit in every file that has it."
    ]


def test_a_changed_row_is_told_with_what_was_and_what_is(engine, tmp_path):
    imported(engine, written(tmp_path, treatments=TREATMENTS))
    summary = imported(engine, written(tmp_path, treatments=TREATMENTS.replace("| 90", "| 80").replace("AB", "EF")))
    assert (summary.rows_stored, summary.rows_changed, summary.rows_unchanged) == (0, 3, 0)
    assert [(c.source_id, c.what, c.old, c.new) for c in summary.changes] == [
        ("V1", "practitioner", "AB", "EF"),
        ("V2", "injections", "masseter dysport D7 90", "masseter dysport D7 80"),
    ]
    stored = everything(engine)["clinic"]
    assert stored.treatments["V2"].injections[0].units == 80
    assert counts(engine)["injection"] == 3


def test_a_later_note_is_added_to_the_side_effect_it_is_about(engine, tmp_path):
    imported(engine, written(tmp_path, treatments=TREATMENTS, side_effects=EFFECTS))
    later = EFFECTS.replace("2025-03-17  | present |            | mild", "2025-04-14 | gone | 2025-04-02 | ")
    summary = imported(engine, written(tmp_path, side_effects=later))
    assert (summary.rows_stored, summary.rows_changed) == (1, 0)
    effect = everything(engine)["clinic"].side_effects["S1"]
    assert [note.state for note in effect.statuses] == ["present", "gone"]
    assert effect.client == everything(engine)["clinic"].treatments["V1"].client


def test_what_comes_later_may_not_end_a_side_effect_before_it_began(sqlite_engine, tmp_path):
    """Each file is right by itself; together they would make a side effect of minus some days."""
    imported(sqlite_engine, written(tmp_path, treatments=TREATMENTS, side_effects=EFFECTS))
    gone = EFFECTS.replace("2025-03-10", "          ").replace("2025-03-17  | present", "2025-03-09  | gone   ")
    assert refusal(sqlite_engine, written(tmp_path, side_effects=gone)) == [
        'side_effects.csv, row 2, column status_date: "2025-03-09" is before the onset, 2025-03-10. '
        "Expected: a day on or after the onset."
    ]
    over = EFFECTS.replace("present |           ", "gone    | 2025-03-12").replace("2025-03-17", "2025-03-20")
    imported(sqlite_engine, written(tmp_path, side_effects=over))
    assert refusal(sqlite_engine, written(tmp_path, side_effects=EFFECTS.replace("2025-03-10", "2025-03-15"))) == [
        'side_effects.csv, row 2, column onset: "2025-03-15" is after the end on record, 2025-03-12. '
        "Expected: a day on or before the end."
    ]


def test_a_treatment_is_not_moved_behind_what_followed_it(sqlite_engine, tmp_path):
    """Its eyelid drooped on the 10th: on the 12th it was not given, unless the day of the eyelid is told anew too."""
    imported(sqlite_engine, written(tmp_path, treatments=TREATMENTS, side_effects=EFFECTS))
    moved = TREATMENTS.replace("2025-03-03", "2025-03-12")
    told = refusal(sqlite_engine, written(tmp_path, treatments=moved))
    assert told == [
        'treatments.csv, row 2, column date: "2025-03-12" is after the first follow-up or side effect on '
        "record, 2025-03-10. Expected: a day on or before it."
    ]
    imported(sqlite_engine, written(tmp_path, treatments=TREATMENTS.replace("2025-03-03", "2025-03-09")))
    effects = EFFECTS.replace("2025-03-10", "2025-03-14")
    imported(sqlite_engine, written(tmp_path, treatments=moved, side_effects=effects))


def test_a_later_note_that_names_its_client_alone_is_added_too(sqlite_engine, tmp_path):
    imported(sqlite_engine, written(tmp_path, treatments=TREATMENTS, side_effects=EFFECTS))
    later = """
    effect_id | client | side_effect   | status_date | state | side
    S1        | 4711   | eyelid_ptosis | 2025-04-14  | gone  | left
    """
    assert imported(sqlite_engine, written(tmp_path, side_effects=later)).rows_stored == 1
    effect = everything(sqlite_engine)["clinic"].side_effects["S1"]
    assert (effect.treatment, effect.side, len(effect.statuses)) == ("V1", "left", 2)


def test_a_changed_touch_up_stays_one_of_the_same_visit(sqlite_engine, tmp_path):
    visits = """
    treatment_id | date       | site | client | area     | product        | units | touch_up_of
    V1           | 2025-03-03 | main | 4711   | glabella | botox_cosmetic | 20    |
    V2           | 2025-03-14 | main | 4711   | glabella | botox_cosmetic | 4     | V1
    """
    imported(sqlite_engine, written(tmp_path, treatments=visits))
    lines = visits.strip().splitlines()
    changed = "\n".join([lines[0], lines[2].replace("| 4     | V1", "| 6     |")])
    assert imported(sqlite_engine, written(tmp_path, treatments=changed)).rows_changed == 1
    visit = everything(sqlite_engine)["clinic"].treatments["V2"]
    assert (visit.touch_up_of, visit.injections[0].units) == ("V1", 6)


def test_a_note_told_differently_is_a_change(engine, tmp_path):
    imported(engine, written(tmp_path, treatments=TREATMENTS, side_effects=EFFECTS))
    summary = imported(engine, written(tmp_path, side_effects=EFFECTS.replace("mild", "severe")))
    assert (summary.rows_stored, summary.rows_changed) == (0, 1)
    assert everything(engine)["clinic"].side_effects["S1"].statuses[0].grade == 3


def test_an_empty_cell_erases_nothing(engine, tmp_path):
    imported(engine, written(tmp_path, treatments=TREATMENTS, side_effects=EFFECTS))
    before = everything(engine)
    summary = imported(engine, written(tmp_path, side_effects=EFFECTS.replace("| 2025-03-10 |", "|  |")))
    assert summary.batch is None
    assert everything(engine) == before


def test_a_follow_up_log_finds_the_visits_of_an_import_before_it(engine, tmp_path):
    imported(engine, written(tmp_path, treatments=TREATMENTS))
    log = "treatment_id | date | outcome \n V1 | 2025-03-17 | done"
    assert imported(engine, written(tmp_path, follow_ups=log)).records["follow_ups"].new == 1


def test_without_ids_a_visit_is_found_by_its_client_and_day(engine, tmp_path):
    treatments = TREATMENTS.replace("treatment_id", "visit       ")
    log = "client | treated_on | date | outcome \n 4711 | 2025-03-03 | 2025-03-17 | done"
    imported(engine, written(tmp_path, treatments=treatments))
    summary = imported(engine, written(tmp_path, follow_ups=log))
    assert summary.records["follow_ups"].new == 1
    assert counts(engine)["treatment"] == 2


def test_without_ids_a_contact_finds_a_visit_that_an_import_before_it_numbered(sqlite_engine, tmp_path):
    log = "client | treated_on | date | outcome \n 4711 | 2025-03-03 | 2025-03-17 | done"
    imported(sqlite_engine, written(tmp_path, treatments=TREATMENTS))
    imported(sqlite_engine, written(tmp_path, follow_ups=log))
    assert [contact.treatment for contact in everything(sqlite_engine)["clinic"].follow_ups.values()] == ["V1"]


def test_of_two_visits_of_a_client_on_a_day_none_is_guessed(sqlite_engine, tmp_path):
    twice = TREATMENTS + "    V3 | 2025-03-03 | main | CD | 4711 | masseter | dysport | | | 30\n"
    log = "client | treated_on | date | outcome \n 4711 | 2025-03-03 | 2025-03-17 | done"
    expected = (
        'follow_ups.csv, row 2, column treated_on: "2025-03-03" the client has 2 treatments on that day. '
        "Expected: treatment_id: V1 or V3."
    )
    files = written(tmp_path, treatments=twice, follow_ups=log)
    assert refusal(sqlite_engine, files) == [expected]
    imported(sqlite_engine, files[:1])
    assert refusal(sqlite_engine, files[1:]) == [expected]


def test_two_sources_may_use_the_same_numbers(sqlite_engine, tmp_path):
    files = written(tmp_path, treatments=TREATMENTS)
    imported(sqlite_engine, files)
    imported(sqlite_engine, files, source="the other clinic")
    assert counts(sqlite_engine)["treatment"] == counts(sqlite_engine)["client"] == 4


def test_a_side_effect_of_another_client_than_its_treatment_is_a_problem(sqlite_engine, tmp_path):
    effects = EFFECTS.replace("S1   ", "S1 | 4712 ").replace("effect_id |", "effect_id | client |")
    told = refusal(sqlite_engine, written(tmp_path, treatments=TREATMENTS, side_effects=effects))
    assert told == [
        "side_effects.csv, row 2, column client: the treatment belongs to another client. "
        "Expected: the client of the treatment."
    ]


def test_a_placebo_has_no_dose(sqlite_engine, tmp_path):
    placebo = TREATMENTS.replace("dysport", "placebo").replace("| 90", "| 0")
    assert imported(sqlite_engine, written(tmp_path, treatments=placebo)).rows_stored == 3


@pytest.fixture
def in_file_order(sqlite_engine):
    imported(sqlite_engine, TEMPLATE)
    return everything(sqlite_engine)


@examples(8)
@given(seed=st.integers(0, 2**32))
def test_rows_and_files_in_any_order_give_the_same_records(seed, in_file_order, migrated_file, tmp_path_factory):
    shuffle = random.Random(seed).shuffle
    folder = tmp_path_factory.mktemp("shuffled")
    database = folder / "records.db"
    database.write_bytes(migrated_file.read_bytes())
    files = []
    for file in TEMPLATE:
        header, *lines = file.read_text().splitlines()
        shuffle(lines)
        files.append(folder / file.name)
        files[-1].write_text("\n".join([header, *lines]))
    shuffle(files)
    engine = open_database(f"sqlite:///{database}")
    imported(engine, files)
    found = everything(engine)
    in_order = [contact.date for contact in found["clinic"].follow_ups.values()]
    engine.dispose()
    assert in_order == sorted(in_order)
    assert _without_clients(found) == _without_clients(in_file_order)


def _without_clients(held):
    return {source: (s.treatments, s.follow_ups, s.side_effects, s.clients, s.lots) for source, s in held.items()}


# Whole or not at all


def test_a_failure_at_any_statement_leaves_nothing(sqlite_engine):
    written_by_now, fails_at = 0, 0

    @event.listens_for(sqlite_engine, "before_cursor_execute")
    def fail(connection, cursor, text, *_):
        nonlocal written_by_now
        written_by_now += (writes := text.startswith(("INSERT", "UPDATE")))
        if writes and written_by_now > fails_at:
            raise OSError("the disk is full")

    empty = counts(sqlite_engine)
    while fails_at < 100:
        written_by_now = 0
        try:
            assert imported(sqlite_engine, TEMPLATE).rows_stored == 14
            break
        except OSError:
            assert (counts(sqlite_engine), revision(sqlite_engine)) == (empty, 0)
        fails_at += 1
    assert 10 < fails_at < 100


IMPORT_WHEN_TOLD = """
import random, sys, time
from data.database import bulk_insert
from data.records import writer
from data.database.engine import open_database
from data.importing.pipeline import import_files
engine = open_database(sys.argv[1])
bulk_insert.ROWS_PER_CHUNK = 20  # more moments at which it can be killed
insert_many = writer.insert_many
def slowly(connection, table, columns):
    for stored in insert_many(connection, table, columns):
        print(table.name, flush=True)
        if sys.argv[3] == "broken":  # each part for itself
            connection.connection.driver_connection.commit()
            if connection.dialect.name == "sqlite":
                connection.connection.driver_connection.execute("BEGIN IMMEDIATE")
        if sys.argv[3] == "waits":  # in the middle, with the locks it has
            sys.stdin.read()
        yield stored
writer.insert_many = slowly
import_files(engine, [sys.argv[2]])
print("done", flush=True)
sys.stdin.read()
"""


OTHERS_IN_A_TRANSACTION = """
    SELECT state, query FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
"""


def killed_imports(url: str, file, chance: random.Random, times: int, kind: str, at_most: int = 60) -> list[tuple]:
    """Treatments, injections and imports on record after each import that was killed at some moment of storing."""
    found = []
    for _ in range(times):
        command = [sys.executable, "-c", IMPORT_WHEN_TOLD, url, str(file), kind]
        running = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
        for _ in range(chance.randint(1, at_most)):
            if running.stdout.readline() in ("done\n", ""):
                break
        time.sleep(chance.uniform(0, 0.005))
        running.send_signal(signal.SIGKILL)
        running.communicate()
        engine = open_database(url)
        stored = counts(engine)
        found.append((stored["treatment"], stored["injection"], stored["import_batch"]))
        engine.dispose()
    return found


@pytest.fixture
def long_file(tmp_path):
    lines = [f"V{n},2025-03-{1 + n % 28:02d},main,C{n},glabella,botox,20" for n in range(400)]
    file = tmp_path / "treatments.csv"
    file.write_text("\n".join(["treatment_id,date,site,client,area,product,units", *lines]))
    return file


@pytest.mark.slow
def test_an_import_killed_at_any_moment_of_storing_leaves_all_or_nothing(database_url, long_file):
    found = killed_imports(database_url, long_file, random.Random(20261122), 5, "whole")
    assert set(found) <= {(0, 0, 0), (400, 400, 1)}
    assert (0, 0, 0) in found


@pytest.mark.slow
def test_an_importer_that_stores_by_parts_is_caught_by_the_same_test(database_url, long_file):
    found = killed_imports(database_url, long_file, random.Random(20261122), 1, "broken")
    assert not set(found) <= {(0, 0, 0), (400, 400, 1)}


@pytest.mark.slow
def test_the_import_after_a_killed_one_is_stored_and_finds_no_lock_of_it(database_url, long_file):
    killed_imports(database_url, long_file, random.Random(3), 1, "waits", at_most=1)
    engine = open_database(database_url)
    summary = imported(engine, [long_file])
    assert (summary.rows_read, summary.rows_stored, revision(engine)) == (400, 400, 1)
    assert counts(engine)["import_batch"] == 1
    if engine.dialect.name == "postgresql":
        with engine.connect() as connection:
            assert connection.execute(text(OTHERS_IN_A_TRANSACTION)).all() == []
    engine.dispose()


def test_a_refusal_counts_its_problems(sqlite_engine, tmp_path):
    treatments = TREATMENTS.replace("| 20\n", "| -1\n").replace("| 90", "| x")
    with pytest.raises(ImportRefusedError, match="^2 problems; nothing was stored$"):
        imported(sqlite_engine, written(tmp_path, treatments=treatments))


# What a preview shows is what is stored


def prepared(engine, files):
    return prepare_import(engine, files, today=TODAY)


def test_a_preview_is_stored_without_reading_the_files_again(sqlite_engine, tmp_path):
    files = written(tmp_path, treatments=TREATMENTS)
    preview = prepared(sqlite_engine, files)
    files[0].unlink()
    done = store_import(sqlite_engine, preview, only_as_prepared=True)
    assert replace(done, batch=None, dry_run=True) == preview.summary
    assert counts(sqlite_engine)["treatment"] == 2


def test_a_preview_that_no_longer_holds_is_refused_and_nothing_is_stored(sqlite_engine, tmp_path):
    preview = prepared(sqlite_engine, written(tmp_path, treatments=TREATMENTS))
    imported(sqlite_engine, written(tmp_path, march=TREATMENTS.replace("| 20\n", "| 25\n")))
    before = everything(sqlite_engine), revision(sqlite_engine)
    with pytest.raises(ImportRefusedError) as refused:
        store_import(sqlite_engine, preview, only_as_prepared=True)
    assert "have changed since these files were checked" in str(refused.value.problems[0])
    assert (everything(sqlite_engine), revision(sqlite_engine)) == before


def test_a_preview_still_holds_after_changes_that_do_not_concern_it(sqlite_engine, tmp_path):
    imported(sqlite_engine, written(tmp_path, other=TREATMENTS), source="other")
    preview = prepared(sqlite_engine, written(tmp_path, treatments=TREATMENTS))
    imported(sqlite_engine, written(tmp_path, other=TREATMENTS.replace("| 20\n", "| 25\n")), source="other")
    done = store_import(sqlite_engine, preview, only_as_prepared=True)
    assert (done.rows_stored, done.batch) == (3, 3)


def test_an_import_that_another_one_overtook_is_compared_again(sqlite_engine, tmp_path):
    preview = prepared(sqlite_engine, written(tmp_path, treatments=TREATMENTS))
    imported(sqlite_engine, written(tmp_path, march=TREATMENTS))
    before = revision(sqlite_engine)
    done = store_import(sqlite_engine, preview)
    assert (done.rows_stored, done.rows_unchanged, done.batch, revision(sqlite_engine)) == (0, 3, None, before)
