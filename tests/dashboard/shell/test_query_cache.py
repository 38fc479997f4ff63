"""What a page says while the copy for counting is filled."""

from contextlib import nullcontext
from datetime import date

import streamlit as st

from dashboard.shell import query_cache
from data.analysis import baselines
from data.analysis.columnar_copy import ColumnarCopy
from data.database.engine import open_database
from data.sample.generator import make_sample


def test_a_copy_that_is_behind_is_filled_and_the_page_says_how_much_is_read(tmp_path, monkeypatch):
    records = open_database(f"sqlite:///{tmp_path / 'sequela.db'}")
    make_sample(records, 60, today=date(2026, 6, 15))
    columnar_copy, said = ColumnarCopy(records), []
    monkeypatch.setattr(query_cache, "_columnar_copy", lambda: columnar_copy)
    monkeypatch.setattr(st, "spinner", lambda text, **_: said.append(text) or nullcontext())
    assert columnar_copy.treatments_behind() == 60
    query_cache.refresh_copy()
    assert columnar_copy.treatments_behind() is None
    query_cache.refresh_copy()
    assert said == ["Reading 60 treatments …"]
    baselines.add_marker(records, date(2026, 6, 1), "a new product")
    assert columnar_copy.treatments_behind() == 60
    query_cache.refresh_copy("Stored: Headache.")
    assert said[1:] == [r"Stored\: Headache\. Reading 60 treatments …"]
    records.dispose()


def test_a_click_after_somebody_elses_entry_reads_the_records_and_waits_for_no_copy(tmp_path, monkeypatch):
    records = open_database(f"sqlite:///{tmp_path / 'sequela.db'}")
    columnar_copy = ColumnarCopy(records)
    columnar_copy.current()
    monkeypatch.setattr(query_cache, "_columnar_copy", lambda: columnar_copy)
    monkeypatch.setattr(query_cache, "open_records", lambda: records)
    assert query_cache.cached_lookup(baselines.markers) == ()
    baselines.add_marker(records, date(2026, 6, 1), "a new product")
    assert [marker.what for marker in query_cache.cached_lookup(baselines.markers)] == ["a new product"]
    assert columnar_copy.treatments_behind() is not None
    records.dispose()
