"""The follow-up log: joined to treatments brought in before, by client and day or by number; never guessed."""

import io
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.database.engine import open_database
from data.schema.follow_up_log import LOG
from data.schema.workbook_writer import LOG_EXAMPLE, follow_up_log_workbook
from tests.data.factories import EXAMPLES, counts, everything, imported, refusal, written
from tests.laws import examples

TEMPLATE = EXAMPLES / "template"
HEADINGS = "client | treated_on | treatment_or_invoice | contact_date | method | asked | found | area | side | grade |"
HEADINGS += " first_noticed | state | last_day | advised | used | serious | words | again"

TREATMENTS = """
    treatment_id | date       | site | practitioner | client | area     | product        | units
    V1           | 2025-03-03 | main | AB           | 4711   | glabella | botox_cosmetic | 20
    V2           | 2025-03-04 | main | CD           | 4712   | masseter | dysport        | 90
    V3           | 2025-06-02 | main | AB           | 4711   | glabella | botox_cosmetic | 20
    V4           | 2025-03-04 | main | AB           | 4712   | glabella | botox_cosmetic | 20
"""


def log(folder: Path, *lines: str, name: str = "log", **cells: str) -> list[Path]:
    """A log of lines such as "client=4711 treated_on=2025-03-03 ..."; a word with blanks has _ for them."""
    names = [heading.strip() for heading in HEADINGS.split("|")]
    rows = []
    for line in lines:
        told = dict(part.split("=") for part in line.split())
        rows.append(" | ".join(told.get(name, "").replace("_", " ") for name in names))
    return written(folder, **{name: "\n".join([HEADINGS, *rows])})


ABOUT_V1 = "client=4711 treated_on=2025-03-03"
STILL = f"{ABOUT_V1} contact_date=2025-03-17 method=phone asked=checklist found=Eyelid_ptosis area=glabella state=still_there grade=mild first_noticed=2025-03-10"  # noqa: E501
GONE = (
    f"{ABOUT_V1} contact_date=2025-04-14 method=phone asked=open_question found=Eyelid_ptosis area=glabella state=gone"
)
NOTHING = f"{ABOUT_V1} contact_date=2025-03-17 method=phone asked=checklist found=nothing_to_report"


@pytest.fixture
def clinic(sqlite_engine, tmp_path):
    """Treatments on record, as a practice's export brought them."""
    imported(sqlite_engine, written(tmp_path, treatments=TREATMENTS), source="practice")
    return sqlite_engine


def of(engine, source="practice"):
    return everything(engine)[source]


def test_the_example_of_the_log_follows_the_example_of_the_template(sqlite_engine):
    imported(sqlite_engine, [TEMPLATE])
    before = counts(sqlite_engine)
    summary = imported(sqlite_engine, [LOG_EXAMPLE])
    assert (summary.rows_read, summary.rows_stored, summary.notices) == (6, 6, ())
    added = {name: n - before[name] for name, n in counts(sqlite_engine).items() if n != before[name]}
    assert added == {"follow_up": 4, "side_effect": 3, "status": 4, "remedy": 2, "import_batch": 1}


def test_nothing_to_report_is_a_completed_follow_up_of_the_treatment_of_that_client_and_day(clinic, tmp_path):
    summary = imported(clinic, log(tmp_path, NOTHING))
    assert (summary.format, summary.source, summary.rows_stored) == ("follow_up_log", "practice", 1)
    (contact,) = of(clinic).follow_ups.values()
    assert (contact.treatment, str(contact.date), contact.method) == ("V1", "2025-03-17", "phone")
    assert (contact.outcome, contact.asked) == ("done", "checklist")
    assert not of(clinic).side_effects


def test_a_treatment_is_found_by_its_number_or_invoice_too(clinic, tmp_path):
    line = NOTHING.replace(ABOUT_V1, "treatment_or_invoice=V2")
    imported(clinic, log(tmp_path, line))
    assert [contact.treatment for contact in of(clinic).follow_ups.values()] == ["V2"]


def test_an_effect_reported_at_a_contact_is_a_side_effect_with_a_note_of_that_day(clinic, tmp_path):
    imported(clinic, log(tmp_path, f"{STILL} advised=Cold_pack;massage used=Paracetamol serious=disability"))
    (effect,) = of(clinic).side_effects.values()
    assert (effect.treatment, effect.term, effect.area) == ("V1", "eyelid_ptosis", "glabella")
    assert (effect.came_to_light, effect.serious) == ("asked", ("disability",))
    assert effect.onset_first == effect.onset_last == date(2025, 3, 10)
    (note,) = effect.statuses
    assert (note.date, note.state) == (date(2025, 3, 17), "present")
    assert (note.grade, note.grade_scale) == (1, "mild_moderate_severe")
    given = {(remedy.remedy, remedy.kind) for remedy in effect.remedies}
    assert given == {("cold_pack", "advised"), ("massage", "advised"), ("paracetamol", "used")}
    assert len(of(clinic).follow_ups) == 1


def test_a_second_side_effect_of_a_contact_is_a_second_line(clinic, tmp_path):
    second = STILL.replace("Eyelid_ptosis", "Headache").replace(" area=glabella", "")
    summary = imported(clinic, log(tmp_path, STILL, second))
    assert (summary.rows_read, summary.rows_stored) == (2, 2)
    assert len(of(clinic).follow_ups) == 1
    assert {effect.term for effect in of(clinic).side_effects.values()} == {"eyelid_ptosis", "headache"}


def test_a_log_that_grew_by_a_later_gone_is_one_side_effect_with_two_notes(clinic, tmp_path):
    imported(clinic, log(tmp_path, STILL))
    summary = imported(clinic, log(tmp_path, STILL, GONE))
    assert (summary.rows_stored, summary.rows_changed, summary.rows_unchanged) == (1, 0, 1)
    (effect,) = of(clinic).side_effects.values()
    assert [note.state for note in effect.statuses] == ["present", "gone"]
    assert len(of(clinic).follow_ups) == 2


def test_a_later_line_need_not_repeat_the_area(clinic, tmp_path):
    imported(clinic, log(tmp_path, STILL))
    imported(clinic, log(tmp_path, GONE.replace("area=glabella", "")))
    assert len(of(clinic).side_effects) == 1


def test_an_area_given_later_is_filled_in(clinic, tmp_path):
    imported(clinic, log(tmp_path, STILL.replace("area=glabella", "")))
    summary = imported(clinic, log(tmp_path, GONE))
    (effect,) = of(clinic).side_effects.values()
    assert effect.area == "glabella"
    assert [(change.what, change.old, change.new) for change in summary.changes][0] == ("area", "empty", "glabella")


def test_left_or_right_is_not_guessed(clinic, tmp_path):
    left, right = (f"{STILL} side={side}" for side in ("left", "right"))
    imported(clinic, log(tmp_path, left, right))
    assert len(of(clinic).side_effects) == 2
    (told,) = refusal(clinic, log(tmp_path, GONE))
    assert told == (
        'log.csv, row 2, column found: "Eyelid ptosis" there are several of this name after the treatment. '
        "Expected: its area and side."
    )


def test_the_same_effect_a_second_time_is_marked_so(clinic, tmp_path):
    again = STILL.replace("2025-03-17", "2025-05-02").replace("2025-03-10", "2025-04-30")
    (told, *_) = refusal(clinic, log(tmp_path, STILL, GONE, again))
    assert "differs from row 2. Expected: the same in each row of a side effect; 2 under again" in told
    imported(clinic, log(tmp_path, STILL, GONE, f"{again} again=2"))
    assert sorted(len(effect.statuses) for effect in of(clinic).side_effects.values()) == [1, 2]
    assert imported(clinic, log(tmp_path, STILL, GONE, f"{again} again=2")).batch is None


def test_what_a_client_tells_unasked_is_volunteered_and_no_follow_up(clinic, tmp_path):
    imported(clinic, log(tmp_path, STILL.replace("checklist", "not_asked")))
    (effect,) = of(clinic).side_effects.values()
    assert effect.came_to_light == "volunteered"
    assert not of(clinic).follow_ups


def test_how_it_came_to_light_is_taken_from_the_earliest_contact_whichever_came_in_before(clinic, tmp_path):
    imported(clinic, log(tmp_path, GONE))
    imported(clinic, log(tmp_path, STILL.replace("checklist", "not_asked")))
    (effect,) = of(clinic).side_effects.values()
    assert effect.came_to_light == "volunteered"
    imported(clinic, log(tmp_path, GONE))
    assert of(clinic).side_effects[effect.source_id].came_to_light == "volunteered"


@pytest.mark.parametrize("how, outcome", [("not_reached", "not_reached"), ("declined", "declined")])
def test_who_was_not_reached_or_declined_reports_nothing(clinic, tmp_path, how, outcome):
    imported(clinic, log(tmp_path, f"{ABOUT_V1} contact_date=2025-03-17 method=phone asked={how}"))
    (contact,) = of(clinic).follow_ups.values()
    assert (contact.outcome, contact.asked) == (outcome, None)
    line = f"{ABOUT_V1} contact_date=2025-03-18 method=phone asked={how} found=Headache state=gone"
    assert "is filled in next to" in refusal(clinic, log(tmp_path, line))[0]


@pytest.mark.parametrize(
    "line, expected",
    [
        (NOTHING.replace("4711", "4799"), "column client: this client has no treatment on record"),
        (
            NOTHING.replace("treated_on=2025-03-03", "treated_on=2025-03-30"),
            'column treated_on: "2025-03-30" is not a day on which this client was treated. '
            "Expected: a day of this client's treatments, such as 2025-03-03 or 2025-06-02.",
        ),
        (
            NOTHING.replace("4711", "4712").replace("03-03", "03-04"),
            'column treated_on: "2025-03-04" the client has 2 treatments on that day. '
            "Expected: treatment_or_invoice: V2 or V4.",
        ),
        (NOTHING.replace(ABOUT_V1, "treatment_or_invoice=V9"), '"V9" is not the number of a treatment on record'),
        (NOTHING + " treatment_or_invoice=V2", '"V2" belongs to another client than the row names'),
        (NOTHING + " treatment_or_invoice=V3", "the treatment V3 was on 2025-06-02"),
        (NOTHING.replace("client=4711", ""), "column client: the treatment is not named"),
        (NOTHING.replace("treated_on=2025-03-03", ""), "column treated_on: the treatment is not named"),
        (NOTHING.replace("contact_date=2025-03-17", ""), "column contact_date: the cell is empty"),
        (NOTHING.replace("asked=checklist", ""), "column asked: the cell is empty"),
        (NOTHING.replace("found=nothing_to_report", ""), "column found: the cell is empty"),
        (NOTHING.replace("checklist", "not_asked"), "nothing to report, and nobody asked"),
        (NOTHING + " state=gone", 'is filled in next to "nothing to report"'),
        (STILL.replace("state=still_there", ""), "column state: the cell is empty"),
        (STILL.replace("Eyelid_ptosis", "Eyelid_ptosys"), 'did you mean "eyelid_ptosis"?'),
        (NOTHING.replace("2025-03-17", "2025-03-01"), "is before the treatment of 2025-03-03"),
    ],
)
def test_a_row_that_does_not_join_says_what_was_expected(clinic, tmp_path, line, expected):
    (told,) = refusal(clinic, log(tmp_path, line))
    assert told.startswith("log.csv, row 2, ")
    assert expected in told
    assert "4711" not in told


def test_one_contact_does_not_say_two_things(clinic, tmp_path):
    (told,) = refusal(clinic, log(tmp_path, NOTHING, STILL))
    assert '"nothing to report" but row 3 reports a side effect. Expected: one of the two.' in told
    (told, *_) = refusal(clinic, log(tmp_path, NOTHING, NOTHING.replace("checklist", "open_question")))
    assert "differs from row 2, of the same contact" in told


def test_rows_without_a_contact_are_left_and_counted(clinic, tmp_path):
    summary = imported(clinic, log(tmp_path, NOTHING, "treatment_or_invoice=V2", "treatment_or_invoice=V4"))
    assert (summary.rows_stored, summary.rows_unchanged) == (1, 2)
    assert summary.notices == ("log.csv: 2 rows without a contact were left out",)


def test_with_treatments_of_several_sources_the_log_asks_which(clinic, tmp_path):
    imported(clinic, written(tmp_path, other=TREATMENTS), source="second")
    (told,) = refusal(clinic, log(tmp_path, NOTHING))
    assert told == (
        "log.csv: there are treatments of 2 sources on record. "
        "Expected: the one that the log is about: --source with practice or second."
    )
    imported(clinic, log(tmp_path, NOTHING), source="second")
    assert len(of(clinic, "second").follow_ups) == 1
    (told,) = refusal(clinic, log(tmp_path, NOTHING), source="third")
    assert "no treatments of the source third are on record" in told


def test_a_log_needs_treatments(sqlite_engine, tmp_path):
    assert "none is on record" in refusal(sqlite_engine, log(tmp_path, NOTHING))[0]


def test_a_side_effect_that_came_with_the_export_is_gone_by_the_log(clinic, tmp_path):
    effects = "effect_id | treatment_id | side_effect | area | status_date | state \n S1 | V1 | eyelid_ptosis | glabella | 2025-03-12 | present"  # noqa: E501
    imported(clinic, written(tmp_path, effects=effects), source="practice")
    imported(clinic, log(tmp_path, GONE))
    (effect,) = of(clinic).side_effects.values()
    assert effect.source_id == "S1"
    assert [note.state for note in effect.statuses] == ["present", "gone"]


def test_valid_rows_can_be_stored_and_the_others_corrected_and_sent_again(clinic, tmp_path):
    wrong = NOTHING.replace(ABOUT_V1, "client=4711 treated_on=2025-06-03").replace("2025-03-17", "2025-06-16")
    summary = imported(clinic, log(tmp_path, STILL, wrong, GONE), keep_refused=True)
    assert (summary.rows_read, summary.rows_stored, summary.rows_refused) == (3, 2, 1)
    assert "is not a day on which this client was treated" in str(summary.problems[0])
    assert [len(effect.statuses) for effect in of(clinic).side_effects.values()] == [2]
    mended = imported(clinic, log(tmp_path, wrong.replace("2025-06-03", "2025-06-02"), name="mended"))
    assert mended.rows_stored == 1
    assert len(of(clinic).follow_ups) == 3


# The workbook


def workbook(lines=()) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(follow_up_log_workbook(lines)))


def test_the_workbook_offers_every_choice_and_its_example_is_not_read(clinic, tmp_path):
    sheet = workbook()["Follow-up log"]
    offered = sheet.data_validations.dataValidation
    several = ("advised", "used", "serious")
    assert len(offered) == sum(bool(column.type.choices) for column in LOG.columns) + len(several)
    assert [validation.showErrorMessage for validation in offered].count(False) == len(several)
    blank = tmp_path / "blank.xlsx"
    blank.write_bytes(follow_up_log_workbook())
    assert "no rows" in refusal(clinic, [blank])[0] or "no lines" in refusal(clinic, [blank])[0]


def test_a_log_begun_by_the_call_list_is_read_when_it_is_filled_in(clinic, tmp_path):
    begun = [
        {"treatment_or_invoice": "V1", "site": "main", "practitioner": "AB", "areas_treated": "Glabella"},
        {"treatment_or_invoice": "V2", "site": "=1+1"},
    ]
    book = workbook(begun)
    sheet = book["Follow-up log"]
    assert sheet.cell(3, 4).value == "'=1+1"
    columns = {cell.value: cell.column for cell in sheet[1]}
    for heading, value in {"Contact date": "2025-03-17", "Asked": "checklist", "Found": "Nothing to report"}.items():
        sheet.cell(2, columns[heading]).value = value
    book.save(tmp_path / "begun.xlsx")
    summary = imported(clinic, [tmp_path / "begun.xlsx"])
    assert (summary.rows_read, summary.rows_stored, summary.rows_unchanged) == (2, 1, 1)


# Whatever the order


CONTACTS = [
    NOTHING.replace(ABOUT_V1, "treatment_or_invoice=V2"),
    STILL,
    STILL.replace("Eyelid_ptosis", "Headache").replace("area=glabella", "side=left"),
    GONE,
    NOTHING.replace(ABOUT_V1, "client=4711 treated_on=2025-06-02").replace("2025-03-17", "2025-06-16"),
    f"{ABOUT_V1} contact_date=2025-03-10 method=phone asked=not_reached",
    STILL.replace(ABOUT_V1, "treatment_or_invoice=V4").replace("checklist", "not_asked").replace("phone", "message"),
    GONE.replace(ABOUT_V1, "treatment_or_invoice=V4") + " last_day=2025-03-29",
]


@examples(25)
@given(data=st.data())
def test_rows_in_any_order_and_parts_between_any_exports_give_the_same_records(data, migrated_file, tmp_path_factory):
    folder = tmp_path_factory.mktemp("log")
    header, *visits = TREATMENTS.strip().splitlines()
    export = lambda n, lines: written(folder, **{f"export{n}": "\n".join([header, *lines])})  # noqa: E731
    lines = data.draw(st.permutations(CONTACTS))
    cut = data.draw(st.integers(0, len(lines)))
    parts = [part for part in (lines[:cut], lines[cut:], lines if data.draw(st.booleans()) else []) if part]
    database = folder / "records.db"
    database.write_bytes(migrated_file.read_bytes())
    engine = open_database(f"sqlite:///{database}")
    imported(engine, export(0, visits), source="practice")
    for n, part in enumerate(parts, start=1):
        imported(engine, log(folder, *part, name=f"log{n}"), source="practice")
        imported(engine, export(n, data.draw(st.permutations(visits))[: n + 1]), source="practice")
    found = everything(engine)["practice"]
    assert imported(engine, log(folder, *data.draw(st.permutations(CONTACTS)), name="again")).batch is None
    engine.dispose()
    assert (found.treatments, found.follow_ups, found.side_effects) == _in_one_go(folder, migrated_file)
    assert sorted(len(effect.statuses) for effect in found.side_effects.values()) == [1, 2, 2]
    assert len(found.follow_ups) == 6


def _in_one_go(folder, migrated_file):
    database = folder / "one.db"
    database.write_bytes(migrated_file.read_bytes())
    engine = open_database(f"sqlite:///{database}")
    imported(engine, written(folder, all=TREATMENTS), source="practice")
    imported(engine, log(folder, *CONTACTS, name="all_lines"))
    held = everything(engine)["practice"]
    engine.dispose()
    return held.treatments, held.follow_ups, held.side_effects
