"""How clients were asked: for a headline, in a sentence, and the rate by how they were asked."""

from typing import Any

import pandas as pd
import streamlit as st

from dashboard.components import data_table
from dashboard.shell import query_cache
from dashboard.shell.filters import PageView
from dashboard.text import coverage_sentences
from dashboard.text.labels import UNIT_NOUNS, label
from data.analysis import estimates, outcomes
from data.analysis.selection import Selection

WAYS = ["checklist", "open", "not_recorded"]
COLUMNS = ["how_asked", "events", "followed_up", "rate", "low", "high"]


def load_rates(view: PageView, selection: Selection) -> pd.DataFrame:
    """The rate by how clients were asked (data.analysis.estimates.rates), one row per way, in the order of `WAYS`."""
    rates = query_cache.cached_query(estimates.rates, view.scope, selection, ("how_asked",))
    rates = rates.set_index("how_asked").reindex(WAYS)
    return rates.assign(followed_up=rates.followed_up.fillna(0).astype("int64")).reset_index()


def volunteers_sentence(view: PageView, selection: Selection, row: Any) -> str:
    """How many who volunteered a side effect were asked later, and of the others. `row`: the rate of the selection."""
    asked_later = query_cache.cached_query(outcomes.count_volunteers_asked, view.scope, selection)
    volunteers = row.volunteered + asked_later
    return coverage_sentences.describe_volunteers(
        volunteers, asked_later, row.total - volunteers, row.followed_up - asked_later
    )


def draw_rates(rates: pd.DataFrame, selection: Selection) -> None:
    """The rates, on demand. A client who was asked in two ways counts in both."""
    unit = UNIT_NOUNS[selection.unit]
    with st.expander("The rate by how clients were asked"):
        table = rates[rates.followed_up > 0][COLUMNS]
        table = table.assign(how_asked=[label("how_asked", way) for way in table.how_asked])
        data_table.draw_table(table, f"{unit.capitalize()}s with a side effect, by how clients were asked", "how_asked")
        if selection.unit == "client":
            st.caption(coverage_sentences.CLIENTS_OVERLAP)
