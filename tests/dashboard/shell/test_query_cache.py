"""What a page says while the copy for counting is filled."""

from contextlib import nullcontext
from datetime import date

import streamlit as st

from dashboard.shell import query_cache
from data.analysis import baselines
from data.analysis.columnar_copy import Mirror
from data.database.engine import open_database
from data.sample.generator import make_sample


def test_a_copy_that_is_behind_is_filled_and_the_page_says_how_much_is_read(tmp_path, monkeypatch):
    records = open_database(f"sqlite:///{tmp_path / 'sequela.db'}")
    make_sample(records, 60, today=date(2026, 6, 15))
    mirror, said = Mirror(records), []
    monkeypatch.setattr(query_cache, "_mirror", lambda: mirror)
    monkeypatch.setattr(st, "spinner", lambda text, **_: said.append(text) or nullcontext())
    assert mirror.behind() == 60
    query_cache.bring_up_to_date()
    assert mirror.behind() is None
    query_cache.bring_up_to_date()
    assert said == ["Reading 60 treatments …"]
    baselines.mark(records, date(2026, 6, 1), "a new product")
    assert mirror.behind() == 60
    query_cache.bring_up_to_date("Stored: Headache.")
    assert said[1:] == [r"Stored\: Headache\. Reading 60 treatments …"]
    records.dispose()


def test_a_click_after_somebody_elses_entry_reads_the_records_and_waits_for_no_copy(tmp_path, monkeypatch):
    records = open_database(f"sqlite:///{tmp_path / 'sequela.db'}")
    mirror = Mirror(records)
    mirror.held()
    monkeypatch.setattr(query_cache, "_mirror", lambda: mirror)
    monkeypatch.setattr(query_cache, "records", lambda: records)
    assert query_cache.read(baselines.markers) == ()
    baselines.mark(records, date(2026, 6, 1), "a new product")
    assert [marker.what for marker in query_cache.read(baselines.markers)] == ["a new product"]
    assert mirror.behind() is not None
    records.dispose()
