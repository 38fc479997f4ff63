"""A foreign export on the Import page: asked once, remembered, checked, stored; new names of services asked again."""

import pytest
from sqlalchemy import func, select

from data.database.engine import open_database
from data.privacy import private_folder
from models import records
from tests.dashboard import page_text
from tests.data.exports import FOLDER

BUTTON = "Save this mapping and check the files"


@pytest.fixture(autouse=True)
def own_folders(tmp_path, monkeypatch):
    monkeypatch.setenv("SEQUELA_KEY_FILE", str(tmp_path / "pseudonym.key"))
    monkeypatch.setattr(private_folder, "MAPPINGS", tmp_path / "mappings")


@pytest.fixture
def own_url(sqlite_url):
    return sqlite_url


def said(app):
    alerts = [element.value for element in (*app.error, *app.success)]
    return "\n".join([page_text.said(app), *alerts]).replace("\\", "")


def button(app, label):
    return next(button for button in app.button if button.label == label)


def press(app, label):
    button(app, label).click().run()
    return after_the_job(app)


def after_the_job(app):
    """The page polls while a job runs; here the job is waited for."""
    if "import" in app.session_state:
        app.session_state["import"]["job"].work.exception()
        app.run()
    return app


def dropped(open_page, url, name, content):
    app = open_page(url, "import_records")
    app.file_uploader[0].set_value((name, content, "text/csv")).run()
    return press(app, "Check the files")


def answer(app, about, value):
    widgets = [*app.radio, *app.selectbox, *app.text_input, *app.multiselect]
    next(widget for widget in widgets if widget.key == f"mapping question {about}").set_value(value)


def test_an_export_that_nobody_has_seen_is_asked_about_once_and_then_checked(open_page, own_url):
    content = (FOLDER / "boulevard.csv").read_bytes()
    app = dropped(open_page, own_url, "boulevard.csv", content)
    assert not app.exception
    text = said(app)
    assert "What do the columns mean?" in text
    assert "Ada Example" not in text
    assert [box.value for box in app.selectbox if box.label == "Client"] == ["{Client ID}"]
    press(app, BUTTON)
    assert "Still open: rows without an area and who injected" in said(app)
    answer(app, "unplaced", "no")
    answer(app, "practitioner", "no")
    press(app, BUTTON)
    assert not app.exception
    assert "4 rows read: 2 would be stored" in said(app)
    press(app, "Import all rows")
    assert "2 are stored" in said(app)
    with open_database(own_url).connect() as connection:
        assert connection.scalar(select(func.count()).select_from(records.Treatment)) == 2
    again = dropped(open_page, own_url, "boulevard.csv", content)
    assert "4 rows read: 0 would be stored" in said(again)


def test_a_new_name_of_a_service_is_asked_about_alone(open_page, own_url):
    content = (FOLDER / "boulevard.csv").read_bytes()
    app = dropped(open_page, own_url, "boulevard.csv", content)
    answer(app, "unplaced", "no")
    answer(app, "practitioner", "no")
    press(app, BUTTON)
    more = b"7f06,2025-08-02,Hill Clinic,c-36,Eve Unreal,Xeomin Forehead 10u,Rita Needle,final\n"
    app = dropped(open_page, own_url, "august.csv", content + more)
    assert "New names of services" in said(app)
    press(app, BUTTON)
    assert "5 rows read: 3 would be stored" in said(app)


def test_the_step_can_be_left(open_page, own_url):
    app = dropped(open_page, own_url, "boulevard.csv", (FOLDER / "boulevard.csv").read_bytes())
    press(app, "Choose other files")
    assert not app.exception
    assert app.file_uploader


def test_a_column_of_names_can_not_be_chosen_for_anything_but_the_client(open_page, own_url):
    app = dropped(open_page, own_url, "boulevard.csv", (FOLDER / "boulevard.csv").read_bytes())
    next(box for box in app.selectbox if box.key == "mapping treatments lot").set_value("{Client Name}").run()
    assert not app.exception
    assert "identifies a client (name)" in said(app)
    press(app, BUTTON)
    assert not private_folder.MAPPINGS.exists()


def test_a_table_that_nothing_fits_can_still_be_mapped(open_page, own_url):
    app = dropped(open_page, own_url, "stock.csv", b"shelf,boxes\nA,3\nB,4\n")
    assert not app.exception
    assert "which column identifies the client" in said(app)
    assert {"Date", "Area", "Lot"} <= {box.label for box in app.selectbox}


def test_a_file_that_was_answered_wrongly_is_answered_again(open_page, own_url):
    content = (FOLDER / "boulevard.csv").read_bytes()
    app = dropped(open_page, own_url, "boulevard.csv", content)
    answer(app, "unplaced", "no")
    answer(app, "practitioner", "no")
    press(app, BUTTON)
    press(app, "Change the mapping")
    assert not app.exception
    answer(app, "practitioner", "yes")
    press(app, BUTTON)
    assert len(list(private_folder.MAPPINGS.iterdir())) == 1
    press(app, "Import all rows")
    with open_database(own_url).connect() as connection:
        assert connection.scalars(select(records.Practitioner.code)).all() == ["Rita Needle"]


def test_a_saved_mapping_can_be_deleted(open_page, own_url):
    app = dropped(open_page, own_url, "boulevard.csv", (FOLDER / "boulevard.csv").read_bytes())
    answer(app, "unplaced", "no")
    answer(app, "practitioner", "no")
    press(app, BUTTON)
    app = open_page(own_url, "import_records")
    press(app, "Delete this mapping")
    assert not app.exception
    assert not list(private_folder.MAPPINGS.iterdir())
