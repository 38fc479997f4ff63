"""Manual entry: what a click saves, the problems beside a field, who may see what, undo."""

import io
from datetime import date, timedelta

import openpyxl
import pytest

from dashboard.forms import call_list_workbook, form_state
from dashboard.shell import query_cache
from dashboard.text import formatting
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.selection import Selection
from data.database.engine import open_database
from data.importing import corrections
from data.importing.pipeline import import_files
from data.records.repository import load_snapshot
from data.summaries import call_list
from tests.dashboard.page_text import lead, said
from tests.data.factories import written

TODAY = date.today()
CLIENT = "70425911"  # a number that must stand nowhere


def ago(days: int) -> str:
    return str(TODAY - timedelta(days=days))


@pytest.fixture
def clinic(sqlite_url, tmp_path, monkeypatch) -> str:
    """Three treatments of two clients by two practitioners, from a practice's export; one side effect open."""
    monkeypatch.setenv("SEQUELA_KEY_FILE", str(tmp_path / "key"))
    engine = open_database(sqlite_url)
    treatments = f"""
        treatment_id | date      | site  | practitioner | client   | area     | product        | units
        V1           | {ago(60)} | north | AB           | {CLIENT} | glabella | botox_cosmetic | 20
        V2           | {ago(16)} | north | AB           | {CLIENT} | glabella | botox_cosmetic | 22
        V3           | {ago(30)} | south | CD           | 88       | masseter | dysport        | 90
    """
    effects = f"""
        effect_id | treatment_id | side_effect          | area     | onset     | status_date | state   | grade
        E1        | V3           | mastication_disorder | masseter | {ago(25)} | {ago(20)}   | present | mild
    """
    import_files(engine, written(tmp_path, treatments=treatments, side_effects=effects), source="practice")
    engine.dispose()
    return sqlite_url


def records_of(source: str = "practice"):
    with query_cache.open_records().connect() as connection:
        return load_snapshot(connection, source)


def button(app, label: str):
    return next(button for button in app.button if button.label == label)


def with_user(app, who: str = "AB"):
    return app.text_input(key="entered_by").set_value(who).run()


def client(app, number: str = CLIENT):
    return app.text_input(key="client_number").set_value(number).run()


# A contact


def test_nothing_to_report_takes_the_clients_number_and_one_click(open_page, clinic):
    app = with_user(open_page(clinic, "new_record"))
    app = client(app)
    app = button(app, "Nothing to report").click().run()
    (contact,) = records_of().follow_ups.values()
    assert (contact.treatment, contact.date, contact.outcome, contact.asked) == ("V2", TODAY, "done", "open")
    assert "Saved: nothing to report" in app.success[0].value.replace("\\", "")
    button(app, "Undo").click().run()
    assert not records_of().follow_ups


def test_the_name_of_the_user_is_required(open_page, clinic):
    app = client(open_page(clinic, "new_record"))
    app = button(app, "Nothing to report").click().run()
    assert not records_of().follow_ups
    assert "Needed: who enters it." in said(app)


def test_without_the_right_key_nothing_is_saved_and_the_page_says_why(open_page, clinic, tmp_path):
    app = client(with_user(open_page(clinic, "new_record")))
    (tmp_path / "key").rename(tmp_path / "key_of_before")
    app = button(app, "Nothing to report").click().run()
    assert "The key of these records is not on this machine" in app.error[0].value.replace("\\", "")
    (tmp_path / "key").write_text("damaged")
    app = with_user(open_page(clinic, "new_record", treatment="3"))
    app = button(app, "Nothing to report").click().run()
    assert any("is damaged" in error.value for error in app.error)
    assert not records_of().follow_ups and not app.success


def test_another_treatment_of_the_client_can_be_chosen(open_page, clinic):
    app = client(with_user(open_page(clinic, "new_record")))
    assert len(app.radio[0].options) == 2
    app.radio[0].set_value(1).run()
    button(app, "Not reached").click().run()
    (contact,) = records_of().follow_ups.values()
    assert (contact.treatment, contact.outcome, contact.asked) == ("V1", "not_reached", None)


def test_a_second_click_on_a_day_that_was_asked_about_changes_nothing(open_page, clinic):
    app = client(with_user(open_page(clinic, "new_record")))
    app = button(app, "Nothing to report").click().run()
    app = button(app, "Nothing to report").click().run()
    assert "Already on record" in app.success[0].value
    assert len(records_of().follow_ups) == 1


def test_an_unknown_client_has_no_treatment(open_page, clinic):
    assert "No treatment of this client is on record" in said(client(open_page(clinic, "new_record"), "1"))


def test_a_practitioner_finds_only_the_own_clients(open_page, clinic):
    theirs = {"as": "Practitioner: CD"}
    assert "No treatment of this client is on record" in said(client(open_page(clinic, "new_record", **theirs)))
    assert "masseter" in said(client(open_page(clinic, "new_record", **theirs), "88")).lower()
    assert "may not see it" in said(open_page(clinic, "new_record", treatment="1", **theirs))


def report_effect(app, treatment: int, **values):
    for field, value in values.items():
        key = f"effect_{field}_{treatment}_0"
        kinds = (app.selectbox, app.text_input, app.segmented_control, app.date_input, app.multiselect)
        next(found for kind in kinds for found in kind if found.key == key).set_value(value)
    return button(app, "Save the side effect").click().run()


def test_a_side_effect_is_saved_with_the_contact_that_reported_it(open_page, clinic):
    app = client(with_user(open_page(clinic, "new_record")))
    values = {"side_effect": "eyelid_ptosis", "area": "glabella", "state": "present", "grade": "mild", "onset": ago(3)}
    app = report_effect(app, 3, **values, advised=["cold_pack"])
    assert not app.exception
    effect = next(effect for effect in records_of().side_effects.values() if effect.term == "eyelid_ptosis")
    assert (effect.treatment, effect.area, effect.came_to_light) == ("V2", "glabella", "asked")
    assert (effect.statuses[0].state, effect.statuses[0].grade) == ("present", 1)
    assert [remedy.remedy for remedy in effect.remedies] == ["cold_pack"]
    assert len(records_of().follow_ups) == 1
    app = button(app, "Resolved").click().run()
    assert [note.state for note in records_of().side_effects[effect.source_id].statuses] == ["present", "gone"]


def test_a_side_effect_without_an_onset_is_shown_without_days(open_page, clinic):
    app = report_effect(client(with_user(open_page(clinic, "new_record"))), 3, side_effect="headache", state="present")
    assert not app.exception
    assert "Headache, area not recorded: open. Case 2." in said(app)
    app = open_page(clinic, "call_list", calls="Side effects to ask about again")
    assert not app.exception
    assert list(app.dataframe[0].value["side_effect"]) == ["Chewing weakness", "Headache"]


def test_the_problems_of_a_side_effect_are_shown_beside_its_fields(open_page, clinic):
    app = report_effect(client(with_user(open_page(clinic, "new_record"))), 3, onset=ago(17))
    text = said(app)
    assert "Needed: the side effect." in text
    app = report_effect(app, 3, side_effect="headache", onset=ago(17))
    assert "Needed: the status on that day." in said(app)
    assert f"is before the treatment it names, of {ago(16)}. Expected: a day on or after the treatment." in said(app)
    assert len(records_of().side_effects) == 1


def test_a_side_effect_that_resolved_before_its_onset_is_refused(open_page, clinic):
    app = client(with_user(open_page(clinic, "new_record")))
    next(day for day in app.date_input if day.label == "Day of the contact").set_value(TODAY - timedelta(days=5)).run()
    app = report_effect(app, 3, side_effect="headache", state="gone", onset=ago(3))
    assert f"is before the onset, {ago(3)}. Expected: a day on or after the onset." in said(app)
    assert len(records_of().side_effects) == 1


def test_no_finding_has_a_default(open_page, clinic):
    app = client(with_user(open_page(clinic, "new_record")))
    for field in ("side_effect", "area"):
        assert app.selectbox(key=f"effect_{field}_3_0").value is None
    for field in ("state", "grade", "side"):
        assert not app.segmented_control(key=f"effect_{field}_3_0").value


# A treatment


def test_a_clinic_without_records_begins_with_a_treatment(open_page, empty_url):
    app = open_page(empty_url, "new_record")
    assert [heading.value for heading in app.subheader] == ["A treatment"]
    assert not app.selectbox(key="treatment_site").options
    assert app.date_input(key="treatment_date").value == TODAY


def test_a_treatment_is_saved_with_its_areas_and_without_the_clients_number(open_page, clinic, tmp_path):
    app = client(with_user(open_page(clinic, "new_record", enter="A treatment")), "31337008")
    app.selectbox(key="treatment_site").set_value("north")
    app.selectbox(key="treatment_product").set_value("botox_cosmetic")
    app.multiselect(key="treatment_areas_0").set_value(["glabella", "masseter"]).run()
    app.number_input(key="treatment_glabella_0_units_None").set_value(20.0)
    app.selectbox(key="treatment_masseter_0_side").set_value("left and right separately").run()
    app.number_input(key="treatment_masseter_0_units_left").set_value(24.0)
    app.number_input(key="treatment_masseter_0_units_right").set_value(26.0).run()
    app = button(app, "Save the treatment").click().run()
    assert not app.exception
    visit = next(visit for name, visit in records_of().treatments.items() if name.startswith("form-"))
    assert (visit.site, visit.practitioner, visit.date) == ("north", None, TODAY)
    given = [(injection.area, injection.side, injection.units) for injection in visit.injections]
    assert given == [("glabella", None, 20.0), ("masseter", "left", 24.0), ("masseter", "right", 26.0)]
    assert app.text_input(key="client_number").value == ""
    stored = b"".join(file.read_bytes() for file in tmp_path.glob("sequela.db*"))
    assert stored and b"31337008" not in stored


def test_the_missing_values_of_a_treatment_are_named(open_page, clinic):
    app = with_user(open_page(clinic, "new_record", enter="A treatment"))
    app.multiselect(key="treatment_areas_0").set_value(["glabella"]).run()
    app = button(app, "Save the treatment").click().run()
    text = said(app)
    for needed in ("short name of the clinic", "what was injected"):
        assert f"Needed: {needed}." in text
    assert len(records_of().treatments) == 3


# Corrections


def corrected(app, **values):
    for field, value in values.items():
        kinds = (app.selectbox, app.text_input, app.number_input, app.date_input)
        next(found for kind in kinds for found in kind if found.key.endswith(field)).set_value(value)
    return button(app, "Save the correction").click().run()


def test_a_corrected_grade_is_listed_with_its_former_value_who_and_why(open_page, clinic):
    app = with_user(open_page(clinic, "corrections", kind="side_effects", number="1"), "CD")
    app = corrected(app, _1_grade="severe")
    assert "Needed: why it is corrected." in said(app)
    app = corrected(app, _1_grade="severe", _why="wrong row")
    assert records_of().side_effects["E1"].statuses[0].grade == 3
    (row,) = app.dataframe[0].value.to_dict("records")
    assert (row["who"], row["why"], row["before"], row["after"]) == ("CD", "wrong row", "1 (mild)", "3 (severe)")
    assert row["field"] == f"Note of {formatting.day(TODAY - timedelta(days=20))}: grade"
    button(app, "Undo").click().run()
    assert records_of().side_effects["E1"].statuses[0].grade == 1


def test_a_treatment_is_corrected_area_by_area(open_page, clinic):
    app = with_user(open_page(clinic, "corrections", kind="treatments", number="2"))
    values = {"_2_area": "platysma", "_2_product": "dysport", "_2_units": 30.0}
    app = corrected(app, **values, _why="forgotten")
    assert not app.exception
    assert [(i.area, i.units) for i in records_of().treatments["V3"].injections] == [
        ("masseter", 90.0),
        ("platysma", 30.0),
    ]
    app = corrected(open_page(clinic, "corrections", kind="treatments", number="2"), _2_area=None, _why="not at all")
    assert "Needed: who corrects it." in said(app)


def test_a_problem_stays_beside_its_row_after_an_earlier_row_was_emptied(open_page, clinic):
    app = with_user(open_page(clinic, "corrections", kind="treatments", number="2"))
    app = corrected(app, _1_area=None, _2_area="forehead", _why="wrong row")
    problems = app.session_state["entry_outcome"].problems
    assert ("product", 2) in [(problem.column, problem.row) for problem in problems]
    assert 1 not in {problem.row for problem in problems}


def test_a_remedy_is_corrected_added_and_removed(open_page, clinic):
    app = with_user(open_page(clinic, "corrections", kind="side_effects", number="1"), "CD")
    app = corrected(app, remedy_1_kind="used", _why="forgotten")
    assert "Needed: what was advised or used." in said(app).replace("What", "what")
    app = corrected(app, remedy_1_remedy="soft_diet", remedy_1_from_date=TODAY - timedelta(days=20), _why="forgotten")
    (remedy,) = records_of().side_effects["E1"].remedies
    assert (remedy.remedy, remedy.kind, str(remedy.from_date)) == ("soft_diet", "used", ago(20))
    app = corrected(app, remedy_1_kind="advised", _why="it was we who said so")
    assert [remedy.kind for remedy in records_of().side_effects["E1"].remedies] == ["advised"]
    assert app.dataframe[0].value.to_dict("records")[0]["field"] == "Remedy Soft diet: advised or used"
    app = corrected(app, remedy_1_remedy=None, _why="another client's")
    assert not records_of().side_effects["E1"].remedies
    button(app, "Undo").click().run()
    assert [remedy.kind for remedy in records_of().side_effects["E1"].remedies] == ["advised"]


def test_a_contact_on_the_wrong_visit_is_moved_to_another_one_of_the_client(open_page, clinic):
    app = client(with_user(open_page(clinic, "new_record")))
    button(app, "Nothing to report").click().run()
    app = with_user(open_page(clinic, "corrections", kind="follow_ups", number="1"), "CD")
    about = next(box for box in app.selectbox if box.label == "About which treatment?")
    assert len(about.options) == 2
    about.set_value("V1")
    app = corrected(app, _why="it was about the visit before")
    (contact,) = records_of().follow_ups.values()
    assert (contact.treatment, contact.outcome) == ("V1", "done")
    (row,) = app.dataframe[0].value.to_dict("records")
    was, now = (formatting.day(TODAY - timedelta(days=days)) for days in (16, 60))
    assert (row["who"], row["field"], row["before"], row["after"]) == ("CD", "Treatment", was, now)
    button(app, "Undo").click().run()
    assert records_of().follow_ups[contact.source_id].treatment == "V2"


def test_a_contact_is_not_moved_to_a_treatment_that_a_viewer_may_not_see(open_page, clinic):
    app = client(with_user(open_page(clinic, "new_record")), "88")
    button(app, "Nothing to report").click().run()
    app = open_page(clinic, "corrections", kind="follow_ups", number="1", **{"as": "Practitioner: CD"})
    about = next(box for box in app.selectbox if box.label == "About which treatment?")
    assert len(about.options) == 1


def test_a_correction_of_a_record_that_somebody_else_changed_is_refused(open_page, clinic):
    mine = with_user(open_page(clinic, "corrections", kind="side_effects", number="1"))
    read = corrections.read_version(query_cache.open_records(), "practice", "side_effects", "E1")
    lines = {"side_effects": [dict(line) | {"side": "left"} for line in read.rows["side_effects"]]}
    corrections.save_correction(query_cache.open_records(), read, "EF", "left it was", lines)
    mine = corrected(mine, _1_grade="severe", _why="wrong row")
    assert "side is now left, was empty" in mine.error[0].value.replace("\\", "")
    mine = button(mine, "Show the current record").click().run()
    corrected(mine, _1_grade="severe", _why="wrong row")
    effect = records_of().side_effects["E1"]
    assert (effect.side, effect.statuses[0].grade) == ("left", 3)


@pytest.mark.parametrize("kind, number", [("treatments", "1"), ("side_effects", "99"), ("x", "1"), ("treatments", "x")])
def test_a_record_that_a_viewer_may_not_see_is_not_corrected(open_page, clinic, kind, number):
    app = open_page(clinic, "corrections", kind=kind, number=number, **{"as": "Practitioner: CD"})
    assert not app.exception
    assert "Save the correction" not in [button.label for button in app.button]


def test_manual_entries_are_listed_with_who_made_them(open_page, clinic):
    app = client(with_user(open_page(clinic, "new_record"), "Dr Bee"))
    button(app, "Declined").click().run()
    app = open_page(clinic, "corrections")
    (row,) = app.dataframe[0].value.to_dict("records")
    assert (row["who"], row["records"]) == ("Dr Bee", "Follow-ups")
    part = open_page(clinic, "corrections", **{"as": "Site: north"})
    assert not part.dataframe


# The call list


def test_the_call_list_counts_due_and_overdue_treatments(open_page, clinic):
    app = open_page(clinic, "call_list")
    assert "1 treatment is due for a call and 2 are overdue. 1 side effect is open." in said(app)
    assert list(app.dataframe[0].value["visit_or_invoice"]) == ["V1", "V3", "V2"]
    theirs = open_page(clinic, "call_list", **{"as": "Practitioner: CD"})
    assert "0 treatments are due for a call and 1 is overdue. 1 side effect" in said(theirs)
    assert list(theirs.dataframe[0].value["visit_or_invoice"]) == ["V3"]


def test_one_click_logs_the_answer_of_the_first_client(open_page, clinic):
    app = with_user(open_page(clinic, "call_list"))
    assert "Visit or invoice V1." in said(app)
    app = button(app, "Nothing to report").click().run()
    (contact,) = records_of().follow_ups.values()
    assert (contact.treatment, contact.method, contact.outcome) == ("V1", "phone", "done")
    assert "1 treatment is due for a call and 1 is overdue" in said(app)
    for _ in ("V3", "V2"):
        app = button(app, "Not reached").click().run()
    assert "One attempt so far, on" in said(app)


def test_an_open_side_effect_is_asked_about_again(open_page, clinic):
    app = with_user(open_page(clinic, "call_list", calls="Side effects to ask about again"))
    app = button(app, "Resolved").click().run()
    assert [note.state for note in records_of().side_effects["E1"].statuses] == ["present", "gone"]
    assert "No side effect is open." in said(app)


def test_a_filled_in_call_list_is_imported_as_follow_ups(open_page, clinic, tmp_path):
    open_page(clinic, "call_list")
    selection = Selection(as_of=TODAY)
    made = query_cache.deferred_query(call_list_workbook.build_workbook, WHOLE_CLINIC, selection, "practice")()
    book = openpyxl.load_workbook(io.BytesIO(made))
    sheet = book["Follow-up log"]
    columns = {cell.value: cell.column for cell in sheet[1]}
    answers = [("checklist", "Nothing to report", None), ("not reached", None, None), ("open question", None, "gone")]
    for row, (asked, what, state) in enumerate(answers, start=2):
        answer = {"Contact date": str(TODAY), "Asked": asked, "Found": what, "State": state}
        for heading, value in answer.items():
            if value is not None:
                sheet.cell(row, columns[heading]).value = value
    assert CLIENT not in str([[cell.value for cell in row] for row in sheet])
    book.save(tmp_path / "filled.xlsx")
    summary = import_files(query_cache.open_records(), [tmp_path / "filled.xlsx"])
    assert (summary.rows_read, summary.rows_stored) == (3, 3)
    assert [contact.treatment for contact in records_of().follow_ups.values()] == ["V1", "V2", "V3"]
    assert [note.state for note in records_of().side_effects["E1"].statuses] == ["present", "gone"]


def test_the_list_of_a_practitioner_holds_only_the_own_treatments(open_page, clinic_url):
    app = open_page(clinic_url, "call_list", period="All dates", **{"as": "Practitioner: RN 3"})
    scope = Scope(practitioners=frozenset({"RN 3"}))
    due = sum(query_cache.cached_query(call_list.count_due_and_overdue, scope, Selection(as_of=TODAY)))
    assert len(app.dataframe[0].value) == due > 0
    assert all(place.endswith(", RN 3") for place in app.dataframe[0].value.site_practitioner)


def test_the_pages_link_to_each_other(open_page, clinic_url):
    overview, case = open_page(clinic_url), open_page(clinic_url, "cases", period="All dates", case="1")
    assert "call_list" in dict(lead(overview))["Call list"]
    assert dict(lead(case))["Correct"].endswith("kind=side_effects&number=1")
    assert "treatment=" in dict(lead(case))["How is it now?"]


def test_a_saved_entry_is_announced_once_while_the_records_are_read_again(open_page, clinic, monkeypatch):
    messages = []
    monkeypatch.setattr(query_cache, "refresh_copy", messages.append)
    app = client(with_user(open_page(clinic, "new_record")))
    button(app, "Nothing to report").click().run()
    assert messages[-1].startswith("Saved")
    app.run()
    assert messages[-1] == ""
    assert form_state.RESULT_KEY in app.session_state


def test_the_onset_is_read_and_written_in_words(open_page, clinic):
    app = with_user(open_page(clinic, "corrections", kind="side_effects", number="1"), "CD")
    onset = next(field for field in app.text_input if field.label == "Onset")
    first = records_of().side_effects["E1"].onset_first
    assert onset.value == formatting.day(first)
    app = corrected(app, _why="nothing else")
    assert "This record was never changed." in said(app)
    day_after = first + timedelta(days=1)
    corrected(app, onset=formatting.day(day_after), _why="misread")
    assert records_of().side_effects["E1"].onset_first == day_after
