"""Days until an event, as a table: the next treatment of the same area, or the end of the treatment effect."""

from typing import Any

import pandas as pd
import streamlit as st

from dashboard.components import charts, data_table
from dashboard.text import duration_sentences, formatting
from dashboard.text.labels import label
from data.summaries.time_to_event import WITHIN
from models import codelist

OVER_TITLE, RETURNED_TITLE = "Ended", "Returned"


def draw_time_to_event(summary: pd.DataFrame, event_title: str, key: str, alt: str) -> None:
    """Draw `data.summaries.time_to_event.summarize`; groups with fewer than 5 events are added up in a caption."""
    is_enough = summary.ended >= duration_sentences.MIN_ENDED
    enough, few = summary[is_enough], summary[~is_enough & (summary.treatments > 0)]
    if len(enough):
        if "scale" in enough and enough.scale.nunique() == 1:  # said once, because a row has no room to repeat it
            st.caption(formatting.escape_markdown(f"Scored: {_scale_label(enough.scale.iloc[0])}."))
        data_table.draw_table(display_table(enough, event_title), alt, key)
        charts.draw_download(enough, key)
    if len(few):
        ended, treatments = int(few.ended.sum()), int(few.treatments.sum())
        text = duration_sentences.describe_small_groups(
            event_title, ended, treatments, len(few), further=bool(len(enough))
        )
        st.caption(formatting.escape_markdown(text))


def display_table(enough: pd.DataFrame, event_title: str) -> pd.DataFrame:
    """The rows as a reader sees them: labels, medians with their interval, shares or why there is none."""
    rows = list(enough.itertuples())
    columns: dict[str, Any] = {
        "Product": [label("product", row.product) for row in rows],
        "Area": [label("area", row.area) for row in rows],
        "Treatments": [row.treatments for row in rows],
        event_title: [row.ended for row in rows],
        "Half within": [_median_text(row) for row in rows],
    }
    for name in WITHIN:
        columns[f"Within {name.replace('_', ' ')}"] = [_share_text(row, name) for row in rows]
    if "scale" in enough and enough.scale.nunique() > 1:
        columns = {"Scale": [_scale_label(row.scale) for row in rows]} | columns
    return pd.DataFrame(columns)


def _scale_label(code: str) -> str:
    return codelist.score_scales()[code].label


def _median_text(row: Any) -> str:
    median, low, high = (None if pd.isna(days) else days for days in (row.median, row.low, row.high))
    return formatting.median(median, low, high, float(row.longest))


def _share_text(row: Any, name: str) -> str:
    """A share of a handful still followed by then would be all or nothing by the last of them."""
    share, followed = getattr(row, f"within_{name}"), getattr(row, f"followed_{name}")
    if pd.isna(share) or not followed:
        return "not followed that long"
    if followed < duration_sentences.MIN_ENDED:
        return f"{followed} followed: too few"
    return formatting.whole_percent(share)
