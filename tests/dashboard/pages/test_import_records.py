"""The Import page: good lines without the others, what was and what is, and the way back and forth."""

import gc
import weakref
from datetime import date

import pytest

from data.database.engine import open_database
from data.sample.generator import make_sample
from tests.dashboard.forms.test_column_mapping_form import dropped, press, said
from tests.data.factories import counts

HEADINGS = "treatment_id,date,site,client,area,product,units\n"
GOOD = "V1,2026-03-03,north,1,glabella,botox_cosmetic,20\n"
BAD = "V2,2026-03-04,north,2,forhead,botox_cosmetic,20\n"


@pytest.fixture(autouse=True)
def own_key(tmp_path, monkeypatch):
    monkeypatch.setenv("SEQUELA_KEY_FILE", str(tmp_path / "pseudonym.key"))


@pytest.fixture
def own_url(sqlite_url):
    return sqlite_url


def stored(url) -> int:
    engine = open_database(url)
    found = counts(engine)["treatment"]
    engine.dispose()
    return found


def test_good_lines_are_stored_without_the_others_when_a_person_says_so(open_page, own_url):
    app = dropped(open_page, own_url, "treatments.csv", (HEADINGS + GOOD + BAD).encode())
    assert "1 problem. Nothing was stored" in said(app)
    press(app, "Continue with the valid rows")
    assert "2 rows read: 1 would be stored, 0 would be changed, 0 would be unchanged and 1 would be refused" in (
        said(app)
    )
    assert stored(own_url) == 0
    press(app, "Import valid rows")
    assert not app.exception
    assert "1 are stored" in said(app)
    assert stored(own_url) == 1


def test_nothing_is_offered_where_a_problem_is_not_one_of_lines(open_page, own_url):
    app = dropped(open_page, own_url, "treatments.csv", (HEADINGS + GOOD).replace(",area", ",where").encode())
    assert "Nothing was stored" in said(app)
    assert not [b for b in app.button if b.label.startswith("Go on")]


def test_changes_are_shown_with_what_was_and_what_is(open_page, own_url):
    for content in (GOOD, GOOD.replace(",20\n", ",24\n")):
        app = dropped(open_page, own_url, "treatments.csv", (HEADINGS + content).encode())
        text = said(app)
        press(app, "Import all rows")
    assert "1 would be changed" in text


def test_an_import_is_undone_and_redone_and_stays_listed(open_page, own_url):
    app = dropped(open_page, own_url, "treatments.csv", (HEADINGS + GOOD).encode())
    press(app, "Import all rows")
    press(app, "Import other files")
    press(app, "Undo import")
    assert stored(own_url) == 0
    assert not app.exception
    assert not [b for b in app.button if b.label == "Undo import"]
    press(app, "Redo import")
    assert stored(own_url) == 1
    assert [b for b in app.button if b.label == "Undo import"]


def test_the_sample_clinic_is_not_undone_before_the_contacts_entered_in_it(open_page, own_url):
    engine = open_database(own_url)
    make_sample(engine, 400, today=date.today())
    engine.dispose()
    app = open_page(own_url, "call_list", period="All dates")
    app.text_input(key="entered_by").set_value("AB").run()
    press(app, "Nothing to report")
    app = open_page(own_url, "import_records")
    press(app, "Undo import")
    (error,) = (error.value.replace("\\", "") for error in app.error if "depend" in error.value)
    assert error.endswith("1 follow-up. Undo import 2 first. Undo manual entries on the Corrections page.")
    assert stored(own_url) == 400


def test_what_a_job_gave_back_is_let_go_with_the_files(open_page, own_url):
    """It holds refused lines: personal data as the source had it."""
    app = dropped(open_page, own_url, "treatments.csv", (HEADINGS + GOOD + BAD).encode())
    job = weakref.ref(app.session_state["import"]["job"])
    assert job() is not None
    press(app, "Choose corrected or other files")
    gc.collect()
    assert job() is None


def test_a_viewer_of_one_site_sees_no_imports_and_undoes_none(open_page, clinic_url):
    app = open_page(clinic_url, "import_records", **{"as": "Site: Buckhead"})
    assert not app.exception
    assert "shown only to viewers of the whole clinic" in said(app)
    assert not [button for button in app.button if button.label.startswith(("Undo", "Redo"))]
