"""What a page says while the copy for counting is filled."""

from contextlib import nullcontext
from datetime import date

import streamlit as st

from dashboard import loading
from data import markers
from data.database import open_database
from data.mirror import Mirror
from data.sample import make_sample


def test_a_copy_that_is_behind_is_filled_and_the_page_says_how_much_is_read(tmp_path, monkeypatch):
    records = open_database(f"sqlite:///{tmp_path / 'sequela.db'}")
    make_sample(records, 60, today=date(2026, 6, 15))
    mirror, said = Mirror(records), []
    monkeypatch.setattr(loading, "_mirror", lambda: mirror)
    monkeypatch.setattr(st, "spinner", lambda text, **_: said.append(text) or nullcontext())
    assert mirror.behind() == 60
    loading.bring_up_to_date()
    assert mirror.behind() is None
    loading.bring_up_to_date()
    assert said == ["Reading 60 treatments …"]
    markers.mark(records, date(2026, 6, 1), "a new product")
    assert mirror.behind() == 60
    loading.bring_up_to_date("Stored: Headache.")
    assert said[1:] == [r"Stored\: Headache\. Reading 60 treatments …"]
    records.dispose()


def test_a_click_after_somebody_elses_entry_reads_the_records_and_waits_for_no_copy(tmp_path, monkeypatch):
    records = open_database(f"sqlite:///{tmp_path / 'sequela.db'}")
    mirror = Mirror(records)
    mirror.held()
    monkeypatch.setattr(loading, "_mirror", lambda: mirror)
    monkeypatch.setattr(loading, "records", lambda: records)
    assert loading.read(markers.markers) == ()
    markers.mark(records, date(2026, 6, 1), "a new product")
    assert [marker.what for marker in loading.read(markers.markers)] == ["a new product"]
    assert mirror.behind() is not None
    records.dispose()
