"""Manual entry: the rules of files, one import per form that can be undone; corrections keep who and why."""

import shutil
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from data.database.engine import open_database
from data.history.record_history import record_history
from data.history.undo import UndoError, redo, undo
from data.importing import corrections, manual_entry
from data.problems import ImportRefusedError
from models.records import ImportBatch
from tests.data.factories import TODAY, counts, everything, imported, written
from tests.laws import examples

TREATMENTS = """
    treatment_id | date       | site | practitioner | client | area     | product        | lot | units
    V1           | 2025-03-03 | main | AB           | 4711   | glabella | botox_cosmetic | C1  | 20
    V1           | 2025-03-03 | main | AB           | 4711   | forehead | botox_cosmetic | C1  | 10
    V2           | 2025-03-04 | main | CD           | 4712   | masseter | dysport        |     | 90
"""
EFFECTS = """
    effect_id | treatment_id | side_effect   | area     | onset      | status_date | state   | grade
    S1        | V1           | eyelid_ptosis | glabella | 2025-03-10 | 2025-03-17  | present | mild
    S1        | V1           |               |          |            | 2025-03-24  | present | mild
"""
NOTHING = {"follow_ups": [{"follow_up_id": "form-1", "treatment_id": "V1", "date": date(2025, 3, 17), "method": "phone",
                           "outcome": "done", "asked": "checklist"}]}  # fmt: skip


@pytest.fixture
def clinic(sqlite_engine, tmp_path):
    return _with_records(sqlite_engine, tmp_path)


@pytest.fixture
def anywhere(engine, tmp_path):
    return _with_records(engine, tmp_path)


def _with_records(engine, folder):
    imported(engine, written(folder, treatments=TREATMENTS, side_effects=EFFECTS), source="practice")
    return engine


def entered(engine, lines, source="practice", by="AB"):
    return manual_entry.save_form(engine, source, by, lines, today=TODAY)


def refused(work, *what, **how) -> list[tuple[str, str]]:
    """What is wrong, by column; nothing may be stored."""
    engine = what[0]
    before = everything(engine)
    with pytest.raises(ImportRefusedError) as refusal:
        work(*what, **how)
    assert everything(engine) == before
    return [(problem.column, problem.message) for problem in refusal.value.problems]


def of(engine, source="practice"):
    return everything(engine)[source]


def batch(engine, number):
    b = ImportBatch.__table__
    with engine.connect() as connection:
        return connection.execute(select(b).where(b.c.id == number)).one()


# Entering


def test_nothing_to_report_is_a_follow_up_and_an_import_with_a_name(anywhere):
    number = entered(anywhere, NOTHING, by=" Dr  A. Bee ")
    contact = of(anywhere).follow_ups["form-1"]
    assert (contact.treatment, contact.outcome, contact.asked) == ("V1", "done", "checklist")
    made = batch(anywhere, number)
    assert (made.format, made.source, made.files) == ("form", "practice", "Follow-ups")
    assert (made.entered_by, made.why, made.rows_read, made.rows_stored) == ("Dr A. Bee", None, 1, 1)


def test_the_same_form_sent_twice_is_stored_once(clinic):
    entered(clinic, NOTHING)
    assert entered(clinic, NOTHING) is None
    assert counts(clinic)["follow_up"] == 1


def test_a_treatment_with_its_areas(sqlite_engine):
    line = {"treatment_id": manual_entry.new_id(), "date": date(2025, 5, 2), "site": "north", "practitioner": "AB",
            "client": "no. 007", "product": "dysport", "lot": "L1", "expiry": "2026-05"}  # fmt: skip
    areas = [line | {"area": "glabella", "units": 50.0, "points": 5}, line | {"area": "forehead", "units": 12.5}]
    entered(sqlite_engine, {"treatments": areas}, source="clinic")
    (visit,) = of(sqlite_engine, "clinic").treatments.values()
    assert visit.source_id.startswith("form-")
    assert [(i.area, i.units, i.points, i.lot) for i in visit.injections] == [
        ("forehead", 12.5, None, "L1"),
        ("glabella", 50.0, 5, "L1"),
    ]
    assert visit.client == manual_entry.client_key(sqlite_engine, "clinic", " no. 007 ")
    assert "no. 007" not in str(everything(sqlite_engine))


def test_a_form_meets_the_rules_of_files(clinic):
    line = NOTHING["follow_ups"][0]
    assert refused(entered, clinic, {"follow_ups": [line | {"date": date(2025, 3, 1)}]}) == [
        ("date", "is before the treatment of 2025-03-03")
    ]
    assert refused(entered, clinic, {"follow_ups": [line | {"date": date(2027, 3, 1)}]}) == [
        ("date", "is in the future")
    ]
    assert refused(entered, clinic, {"follow_ups": [line | {"treatment_id": "V9"}]}) == [
        ("treatment_id", "is not the id of a treatment")
    ]
    assert refused(entered, clinic, {"follow_ups": [line | {"outcome": None}]}) == [("outcome", "the cell is empty")]
    area = {"treatment_id": "x", "date": date(2025, 5, 2), "site": "", "client": "", "area": "glabela", "product": None}
    assert {column for column, _ in refused(entered, clinic, {"treatments": [area]})} == {"site", "area", "product"}


def test_a_typed_value_of_the_wrong_kind_is_refused_beside_its_field(clinic):
    line = NOTHING["follow_ups"][0]
    assert refused(entered, clinic, {"follow_ups": [line | {"date": True}]}) == [("date", "is not valid here")]
    assert refused(entered, clinic, {"follow_ups": [line | {"date": date(1899, 3, 1)}]}) == [
        ("date", "is not valid here")
    ]
    assert refused(entered, clinic, {"follow_ups": [line | {"score": float("nan"), "scale": "TWSTRS"}]})[0] == (
        "score", "is not valid here",
    )  # fmt: skip


def test_the_name_of_the_user_is_required(clinic):
    assert refused(entered, clinic, NOTHING, by="  ") == [("by", "the field is empty")]
    assert refused(entered, clinic, NOTHING, by="x" * 61) == [("by", "is too long")]


def test_a_resolved_note_ends_its_side_effect(clinic):
    effect = corrections.read_version(clinic, "practice", "side_effects", "S1")
    note = {"status_id": manual_entry.new_id(), "status_date": date(2025, 4, 14), "state": "gone"}
    entered(clinic, {"side_effects": [corrections.effect_identity(effect) | note]})
    (effect,) = of(clinic).side_effects.values()
    assert [note.state for note in effect.statuses] == ["present", "present", "gone"]


def test_a_side_effect_is_saved_with_the_follow_up_that_reported_it(clinic):
    effect = {"effect_id": manual_entry.new_id(), "treatment_id": "V2", "side_effect": "mastication_disorder",
              "area": "masseter", "onset": "2025-03-10", "came_to_light": "asked", "status_date": date(2025, 3, 18),
              "state": "present", "grade": "moderate", "status_id": "form-n"}  # fmt: skip
    contact = {"follow_up_id": "form-2", "treatment_id": "V2", "date": date(2025, 3, 18), "outcome": "done"}
    remedy = {"effect_id": effect["effect_id"], "remedy": "soft_diet", "kind": "advised"}
    number = entered(clinic, {"follow_ups": [contact], "side_effects": [effect], "remedies": [remedy]})
    assert batch(clinic, number).rows_stored == 3
    held = of(clinic).side_effects[effect["effect_id"]]
    assert (held.term, held.statuses[0].grade, held.remedies[0].remedy) == ("mastication_disorder", 2, "soft_diet")


def test_ids_of_forms_are_random_and_start_with_form():
    ids = {manual_entry.new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(id_.startswith("form-") for id_ in ids)


def test_notes_of_one_day_stay_in_the_order_in_which_they_were_entered(clinic):
    effect = corrections.read_version(clinic, "practice", "side_effects", "S1")
    for state in ("gone", "present", "gone", "unknown", "present"):
        note = {"status_id": manual_entry.new_id(), "status_date": date(2025, 4, 14), "state": state}
        entered(clinic, {"side_effects": [corrections.effect_identity(effect) | note]})
    notes = of(clinic).side_effects["S1"].statuses[2:]
    assert [note.state for note in notes] == ["gone", "present", "gone", "unknown", "present"]


# Correcting


def corrected(engine, read, why="misread", by="CD", **changed):
    """A correction of one field, or of more, in every line of the record's own sheet."""
    (sheet, *_) = read.rows
    lines = dict(read.rows) | {sheet: [line | changed for line in read.rows[sheet]]}
    return corrections.save_correction(engine, read, by, why, lines, today=TODAY)


def test_a_corrected_grade_replaces_the_old_one(clinic):
    read = corrections.read_version(clinic, "practice", "side_effects", "S1")
    lines = [dict(line) for line in read.rows["side_effects"]]
    lines[0] |= {"grade": "3", "state": "unknown"}
    number = corrections.save_correction(
        clinic, read, "CD", "typed in the wrong row", {"side_effects": lines}, today=TODAY
    )
    notes = of(clinic).side_effects["S1"].statuses
    assert [(note.state, note.grade) for note in notes] == [("unknown", 3), ("present", 1)]
    made = batch(clinic, number)
    assert (made.entered_by, made.why, made.rows_changed) == ("CD", "typed in the wrong row", 2)


def test_the_day_of_a_note_is_corrected_without_a_second_note(clinic):
    read = corrections.read_version(clinic, "practice", "side_effects", "S1")
    lines = [dict(line) for line in read.rows["side_effects"]]
    lines[1]["status_date"] = date(2025, 3, 25)
    corrections.save_correction(clinic, read, "CD", "calendar", {"side_effects": lines}, today=TODAY)
    assert [str(note.date) for note in of(clinic).side_effects["S1"].statuses] == ["2025-03-17", "2025-03-25"]


def test_a_correction_can_empty_a_field(clinic):
    corrected(clinic, corrections.read_version(clinic, "practice", "side_effects", "S1"), area=None, onset=None)
    effect = of(clinic).side_effects["S1"]
    assert (effect.area, effect.onset_first, effect.term, effect.treatment) == (None, None, "eyelid_ptosis", "V1")


def test_a_treatment_is_corrected_in_its_day_practitioner_and_areas(clinic):
    read = corrections.read_version(clinic, "practice", "treatments", "V1")
    lines = [line | {"date": date(2025, 3, 2), "practitioner": "EF"} for line in read.rows["treatments"][:1]]
    lines[0]["units"] = 12.0
    corrections.save_correction(clinic, read, "CD", "wrong day", {"treatments": lines}, today=TODAY)
    visit = of(clinic).treatments["V1"]
    assert (str(visit.date), visit.practitioner, len(visit.injections)) == ("2025-03-02", "EF", 1)
    assert (visit.injections[0].area, visit.injections[0].units) == ("forehead", 12.0)


def test_a_treatment_moved_to_another_client_takes_its_side_effects_along(clinic):
    read = corrections.read_version(clinic, "practice", "treatments", "V1")
    lines = [line | {"client_key": None, "client": "4712"} for line in read.rows["treatments"]]
    corrections.save_correction(clinic, read, "CD", "other client", {"treatments": lines}, today=TODAY)
    held = of(clinic)
    assert held.treatments["V1"].client == held.side_effects["S1"].client == held.treatments["V2"].client


def test_a_correction_meets_the_rules_of_files(clinic):
    read = corrections.read_version(clinic, "practice", "side_effects", "S1")
    problems = refused(corrected, clinic, read, onset="2025-02-01")
    assert problems == [("onset", "is before the treatment it names, of 2025-03-03")]
    assert refused(corrected, clinic, read, why=" ", onset="2025-03-09") == [("why", "the field is empty")]


def test_a_correction_of_a_record_that_changed_in_the_meantime_is_refused(clinic):
    mine, theirs = (corrections.read_version(clinic, "practice", "side_effects", "S1") for _ in range(2))
    corrected(clinic, theirs, side="left")
    ((_, message),) = refused(corrected, clinic, mine, side="right")
    assert message == "the record has been changed in the meantime: side is now left, was empty"


def test_a_correction_without_a_difference_stores_nothing(clinic):
    assert corrected(clinic, corrections.read_version(clinic, "practice", "treatments", "V1")) is None


def test_an_unknown_record_has_no_version(clinic):
    assert corrections.read_version(clinic, "practice", "treatments", "V9") is None
    assert corrections.read_version(clinic, "nobody", "treatments", "V1") is None


REMEDIES = """
    effect_id | remedy    | kind    | from_date
    S1        | cold_pack | advised | 2025-03-17
    S1        | massage   | used    |
"""


@pytest.fixture
def with_remedies(clinic, tmp_path):
    imported(clinic, written(tmp_path, side_effects=EFFECTS, remedies=REMEDIES), source="practice")
    return clinic


def remedies(engine):
    return [(r.remedy, r.kind, str(r.from_date)) for r in of(engine).side_effects["S1"].remedies]


def test_a_remedy_is_corrected_removed_or_added_and_nothing_else_changes(with_remedies):
    before = of(with_remedies).side_effects["S1"]
    read = corrections.read_version(with_remedies, "practice", "side_effects", "S1")
    cold, massage = (dict(line) for line in read.rows["remedies"])
    right = [cold | {"remedy": "exercise", "from_date": date(2025, 3, 18)}, massage]
    number = corrections.save_correction(
        with_remedies, read, "CD", "misread", dict(read.rows) | {"remedies": right}, today=TODAY
    )
    assert remedies(with_remedies) == [("exercise", "advised", "2025-03-18"), ("massage", "used", "None")]
    changes = record_history(with_remedies, "practice", "side_effects", "S1")
    assert [(entry.by, entry.why, entry.old_value, entry.new_value) for entry in changes if entry.by] == [
        ("CD", "misread", "cold_pack", "exercise"), ("CD", "misread", "2025-03-17", "2025-03-18"),
    ]  # fmt: skip
    undo(with_remedies, number)
    assert of(with_remedies).side_effects["S1"] == before
    read = corrections.read_version(with_remedies, "practice", "side_effects", "S1")
    added = [massage, {"effect_id": "S1", "remedy": "soft_diet"}]
    corrections.save_correction(
        with_remedies, read, "CD", "misread", dict(read.rows) | {"remedies": added}, today=TODAY
    )
    assert remedies(with_remedies) == [("massage", "used", "None"), ("soft_diet", "advised", "None")]
    read = corrections.read_version(with_remedies, "practice", "side_effects", "S1")
    corrections.save_correction(
        with_remedies, read, "CD", "none at all", dict(read.rows) | {"remedies": []}, today=TODAY
    )
    assert remedies(with_remedies) == []
    assert of(with_remedies).side_effects["S1"].statuses == before.statuses


def test_remedies_meet_the_rules_of_files(with_remedies):
    read = corrections.read_version(with_remedies, "practice", "side_effects", "S1")
    for line, problem in (
        ({"remedy": "xyz"}, ("remedy", "is not a code of remedies.csv")),
        ({"remedy": None, "kind": "used"}, ("remedy", "the cell is empty")),
        ({"remedy": "water", "from_date": date(2027, 1, 1)}, ("from_date", "is in the future")),
        ({"remedy": "cold_pack", "kind": "advised"}, ("from_date", "differs from another row")),
    ):
        lines = dict(read.rows) | {"remedies": [*read.rows["remedies"], {"effect_id": "S1"} | line]}
        assert refused(corrections.save_correction, with_remedies, read, "CD", "misread", lines, today=TODAY) == [
            problem
        ]


SECOND_VISIT = """
    treatment_id | date       | site | practitioner | client | area     | product        | units
    V3           | 2025-03-10 | main | AB           | 4711   | forehead | botox_cosmetic | 8
"""


@pytest.fixture
def twice_treated(anywhere, tmp_path):
    """The client of V1 came again a week later; "nothing to report" of 17 March was put down to the first visit."""
    imported(anywhere, written(tmp_path, treatments=SECOND_VISIT), source="practice")
    entered(anywhere, NOTHING)
    return anywhere


def contact(engine):
    return corrections.read_version(engine, "practice", "follow_ups", "form-1")


def test_a_contact_on_the_wrong_visit_is_moved_to_another_one_of_the_client(twice_treated):
    before = of(twice_treated)
    number = corrected(twice_treated, contact(twice_treated), treatment_id="V3")
    moved = of(twice_treated).follow_ups["form-1"]
    assert (moved.treatment, str(moved.date), moved.outcome) == ("V3", "2025-03-17", "done")
    (entry,) = record_history(twice_treated, "practice", "follow_ups", "form-1")
    assert (entry.by, entry.why, entry.field, entry.old_value, entry.new_value) == (
        "CD", "misread", "treatment", "2025-03-03", "2025-03-10",
    )  # fmt: skip
    undo(twice_treated, number)
    assert of(twice_treated).follow_ups == before.follow_ups


def test_a_contact_is_not_moved_to_another_client_or_a_later_treatment(twice_treated):
    elsewhere = [("treatment_id", "is a treatment of another client")]
    assert refused(corrected, twice_treated, contact(twice_treated), treatment_id="V2") == elsewhere
    early = {"treatment_id": "V3", "date": date(2025, 3, 9)}
    expected = [("date", "is before the treatment of 2025-03-10")]
    assert refused(corrected, twice_treated, contact(twice_treated), **early) == expected
    unknown = [("treatment_id", "is not the id of a treatment")]
    assert refused(corrected, twice_treated, contact(twice_treated), treatment_id="V9") == unknown


def test_a_contact_is_not_moved_to_a_day_with_a_completed_contact(twice_treated):
    second = NOTHING["follow_ups"][0] | {"follow_up_id": "form-2", "treatment_id": "V3"}
    entered(twice_treated, {"follow_ups": [second]})
    twice = [("date", "has a completed contact of this treatment already")]
    assert refused(corrected, twice_treated, contact(twice_treated), treatment_id="V3") == twice
    corrected(twice_treated, contact(twice_treated), treatment_id="V3", outcome="not_reached", asked=None)
    corrected(twice_treated, contact(twice_treated), method="visit")
    assert of(twice_treated).follow_ups["form-1"].method == "visit"


def test_a_treatment_is_not_undone_while_a_contact_was_moved_to_it(twice_treated):
    corrected(twice_treated, contact(twice_treated), treatment_id="V3")
    with pytest.raises(UndoError, match="1 follow-up[.]"):
        undo(twice_treated, 2)


def test_a_side_effect_is_moved_to_another_treatment_of_the_client_or_to_none(twice_treated):
    read = corrections.read_version(twice_treated, "practice", "side_effects", "S1")
    expected = [("onset", "is before the treatment it names, of 2025-03-10")]
    assert refused(corrected, twice_treated, read, treatment_id="V3", onset="2025-03-09") == expected
    assert refused(corrected, twice_treated, read, treatment_id="V2") == [
        ("client", "the treatment belongs to another client")
    ]
    corrected(twice_treated, read, treatment_id="V3")
    assert of(twice_treated).side_effects["S1"].treatment == "V3"
    corrected(
        twice_treated, corrections.read_version(twice_treated, "practice", "side_effects", "S1"), treatment_id=None
    )
    assert of(twice_treated).side_effects["S1"].treatment is None


def test_a_treatment_keeps_at_least_one_area(clinic):
    read = corrections.read_version(clinic, "practice", "treatments", "V2")
    assert refused(corrections.save_correction, clinic, read, "CD", "why", {"treatments": []}, today=TODAY) == [
        ("area", "no area is left")
    ]


def test_a_correction_is_undone_and_redone(anywhere):
    before = everything(anywhere)
    read = corrections.read_version(anywhere, "practice", "side_effects", "S1")
    lines = [dict(line) | {"area": "forehead"} for line in read.rows["side_effects"]]
    lines[0] |= {"status_date": date(2025, 3, 18), "grade": "severe"}
    number = corrections.save_correction(anywhere, read, "CD", "calendar", {"side_effects": lines}, today=TODAY)
    after = everything(anywhere)
    undo(anywhere, number)
    assert everything(anywhere) == before
    redo(anywhere, number)
    assert everything(anywhere) == after


def test_the_history_lists_old_and_new_values_with_who_when_and_why(anywhere):
    corrected(
        anywhere,
        corrections.read_version(anywhere, "practice", "treatments", "V2"),
        date=date(2025, 3, 5),
        why="slip",
    )
    corrected(
        anywhere,
        corrections.read_version(anywhere, "practice", "treatments", "V2"),
        by="EF",
        site="north",
        why="moved",
    )
    changes = record_history(anywhere, "practice", "treatments", "V2")
    assert [(change.by, change.why, change.field, change.old_value, change.new_value) for change in changes] == [
        ("EF", "moved", "site", "main", "north"),
        ("CD", "slip", "date", "2025-03-04", "2025-03-05"),
    ]
    assert changes[0].changed_at >= changes[1].changed_at
    assert record_history(anywhere, "practice", "treatments", "V1") == []


def test_the_history_names_the_note_or_area_that_changed(clinic):
    read = corrections.read_version(clinic, "practice", "side_effects", "S1")
    lines = [dict(line) for line in read.rows["side_effects"]]
    lines[1]["grade"] = "severe"
    corrections.save_correction(clinic, read, "CD", "misread", {"side_effects": lines}, today=TODAY)
    (entry,) = record_history(clinic, "practice", "side_effects", "S1")
    assert (entry.field, entry.old_value, entry.new_value) == ("note of 2025-03-24: grade", "1", "3")
    read = corrections.read_version(clinic, "practice", "treatments", "V1")
    corrections.save_correction(
        clinic, read, "CD", "once", {"treatments": [dict(read.rows["treatments"][0]) | {"units": 11.0}]}
    )
    changes = [
        (entry.field, entry.old_value, entry.new_value)
        for entry in record_history(clinic, "practice", "treatments", "V1")
    ]
    assert ("area forehead: units", "10", "11") in changes
    assert ("area glabella: area", "glabella", "empty") in changes


def test_the_history_shows_an_onset_as_one_value(clinic):
    read = corrections.read_version(clinic, "practice", "side_effects", "S1")
    lines = [dict(line) | {"onset": "2025-03"} for line in read.rows["side_effects"]]
    corrections.save_correction(clinic, read, "CD", "misread", {"side_effects": lines}, today=TODAY)
    changes = [
        (one.field, one.old_value, one.new_value) for one in record_history(clinic, "practice", "side_effects", "S1")
    ]
    assert changes == [("onset", "2025-03-10", "2025-03")]


# The files again after a correction


FOLLOW_UPS = """
    treatment_id | date       | method | outcome | asked
    V1           | 2025-03-17 | phone  | done    | checklist
"""


def make_corrections(engine) -> None:
    """A treatment's day and dose, the visit a contact was about, the day of a note, a remedy taken out."""
    read = corrections.read_version(engine, "practice", "treatments", "V2")
    corrected(engine, read, date=date(2025, 3, 5), units=80.0)
    contact = next(iter(of(engine).follow_ups))
    corrected(engine, corrections.read_version(engine, "practice", "follow_ups", contact), treatment_id="V3")
    read = corrections.read_version(engine, "practice", "side_effects", "S1")
    notes = [dict(line) for line in read.rows["side_effects"]]
    notes[1]["status_date"] = date(2025, 3, 25)
    lines = {"side_effects": notes, "remedies": [line for line in read.rows["remedies"] if line["kind"] == "used"]}
    corrections.save_correction(engine, read, "CD", "misread", lines, today=TODAY)


@pytest.fixture
def sheets(tmp_path):
    visits = TREATMENTS + SECOND_VISIT.strip().splitlines()[1]
    return {"treatments": visits, "follow_ups": FOLLOW_UPS, "side_effects": EFFECTS, "remedies": REMEDIES}


def test_importing_the_same_files_again_keeps_the_corrections(engine, tmp_path, sheets):
    files = written(tmp_path, **sheets)
    imported(engine, files, source="practice")
    make_corrections(engine)
    before = everything(engine)
    again = imported(engine, files, source="practice")
    assert (again.batch, again.rows_changed, again.changes) == (None, 0, ())
    assert everything(engine) == before
    notice = "records kept as a person corrected them, although the files repeat the old values: 3"
    assert notice in again.notices


def test_new_information_on_a_corrected_record_is_stored_and_the_correction_stays(engine, tmp_path, sheets):
    imported(engine, written(tmp_path, **sheets), source="practice")
    make_corrections(engine)
    later = EFFECTS + "    S1        | V1           |               |          |            | 2025-04-14  | gone    |"
    visits = sheets["treatments"].replace("| CD           | 4712", "| EF           | 4712")
    imported(engine, written(tmp_path, **sheets | {"treatments": visits, "side_effects": later}), source="practice")
    visit, effect = of(engine).treatments["V2"], of(engine).side_effects["S1"]
    assert (visit.practitioner, str(visit.date), visit.injections[0].units) == ("EF", "2025-03-05", 80.0)
    assert [str(note.date) for note in effect.statuses] == ["2025-03-17", "2025-03-25", "2025-04-14"]
    assert [remedy.kind for remedy in effect.remedies] == ["used"]
    assert imported(engine, written(tmp_path, **sheets | {"treatments": visits}), source="practice").batch is None


def test_after_a_newer_value_the_first_value_of_a_file_counts_as_new_again(clinic, tmp_path):
    """The day was 4 March, corrected to the 5th, then the export had the 6th: the 4th again is a change."""
    read = corrections.read_version(clinic, "practice", "treatments", "V2")
    corrected(clinic, read, date=date(2025, 3, 5))
    for day, stands in (("2025-03-04", 5), ("2025-03-06", 6), ("2025-03-06", 6), ("2025-03-04", 4)):
        imported(clinic, written(tmp_path, treatments=TREATMENTS.replace("2025-03-04", day)), source="practice")
        assert of(clinic).treatments["V2"].date == date(2025, 3, stands)


def test_an_undone_correction_has_no_precedence(clinic, tmp_path):
    read = corrections.read_version(clinic, "practice", "treatments", "V2")
    number = corrected(clinic, read, date=date(2025, 3, 5))
    undo(clinic, number)
    files = written(tmp_path, treatments=TREATMENTS.replace("2025-03-04", "2025-03-05"))
    imported(clinic, files, source="practice")
    assert of(clinic).treatments["V2"].date == date(2025, 3, 5)
    imported(clinic, written(tmp_path, treatments=TREATMENTS), source="practice")
    assert of(clinic).treatments["V2"].date == date(2025, 3, 4)


# Undoing any entry restores the records


days = st.dates(date(2025, 3, 4), date(2025, 12, 31))
contacts = st.builds(
    lambda visit, day, outcome, asked: {"follow_ups": [{
        "follow_up_id": manual_entry.new_id(), "treatment_id": visit, "date": day, "outcome": outcome, "asked":
        asked}]},
    st.sampled_from(["V1", "V2"]), days, st.sampled_from(["done", "not_reached", "declined"]),
    st.sampled_from(["checklist", "open", None]),
)  # fmt: skip
notes = st.builds(
    lambda day, state, grade: {"side_effects": [{
        "effect_id": "S1", "side_effect": "eyelid_ptosis", "treatment_id": "V1", "status_id": manual_entry.new_id(),
        "status_date": day, "state": state, "grade": grade}]},
    days.filter(lambda day: day >= date(2025, 3, 10)),  # a note before the onset would be refused
    st.sampled_from(["present", "gone", "unknown"]), st.sampled_from([None, "mild", "severe"]),
)  # fmt: skip
effects = st.builds(
    lambda visit, day, term, light: {"side_effects": [{
        "effect_id": manual_entry.new_id(), "treatment_id": visit, "side_effect": term, "onset": day,
        "came_to_light": light}]},
    st.sampled_from(["V1", "V2"]), days, st.sampled_from(["headache", "bruising"]), st.sampled_from([None, "found"]),
)  # fmt: skip
visits = st.builds(
    lambda day, client, units: {"treatments": [{
        "treatment_id": manual_entry.new_id(), "date": day, "site": "new site", "client": client, "area": "glabella",
        "product": "xeomin", "lot": "Z1", "units": units}]},
    days, st.sampled_from(["4711", "9"]), st.floats(0.5, 100),
)  # fmt: skip


@pytest.fixture
def clinic_file(clinic):
    """The file of the clinic, to be copied."""
    clinic.dispose()
    return clinic.url.database


@examples(15)
@given(forms=st.lists(st.one_of(contacts, notes, effects, visits), min_size=1, max_size=5))
def test_entering_and_undoing_leaves_the_records_as_they_were(forms, clinic_file, tmp_path_factory):
    database = shutil.copy(clinic_file, tmp_path_factory.mktemp("forms") / "records.db")
    engine = open_database(f"sqlite:///{database}")
    before = everything(engine)
    numbers = [entered(engine, form) for form in forms]
    assert everything(engine) != before
    for number in reversed(numbers):
        undo(engine, number)
    assert everything(engine) == before
    engine.dispose()
