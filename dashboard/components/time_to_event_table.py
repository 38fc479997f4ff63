"""Days until an event, as a table: the next treatment of the same area, or the end of the treatment effect."""

from typing import Any

import pandas as pd

from dashboard.components import data_table, downloads
from dashboard.shell import prose
from dashboard.text import duration_sentences, formatting
from dashboard.text.labels import label, label_columns
from data.summaries.time_to_event import WITHIN


def draw_time_to_event(summary: pd.DataFrame, event: str, key: str, alt: str) -> None:
    """Draw `data.summaries.time_to_event.summarize`; groups with fewer than 5 events are added up in a caption.

    `event`: "ended" or "returned", the name of the column with the number of events.
    """
    is_enough = summary.ended >= duration_sentences.MIN_ENDED
    enough, few = summary[is_enough], summary[~is_enough & (summary.treatments > 0)]
    if len(enough):
        if "scale" in enough and enough.scale.nunique() == 1:  # said once, because a row has no room to repeat it
            prose.draw_text(f"Scored: {label('scale', enough.scale.iloc[0])}.", "caption")
        data_table.draw_table(display_table(enough, event), alt, key)
        downloads.draw_csv(enough, key)
    if len(few):
        ended, treatments = int(few.ended.sum()), int(few.treatments.sum())
        text = duration_sentences.describe_small_groups(event, ended, treatments, len(few), further=bool(len(enough)))
        prose.draw_text(text, "caption")


def display_table(enough: pd.DataFrame, event: str) -> pd.DataFrame:
    """The rows as a reader sees them: labels, medians with their interval, shares or why there is none."""
    rows = list(enough.itertuples())
    table = label_columns(enough.reset_index(drop=True))[["product", "area", "treatments", "ended"]]
    table = table.rename(columns={"ended": event})
    medians = [row.refused or formatting.median(row.median, row.low, row.high, float(row.longest)) for row in rows]
    shares = {f"within_{name}": [_share_text(row, name) for row in rows] for name in WITHIN}
    table = table.assign(half_within=medians, **shares)
    if "scale" in enough and enough.scale.nunique() > 1:
        table.insert(0, "scale", [label("scale", row.scale) for row in rows])
    return table


def _share_text(row: Any, name: str) -> str:
    share, followed = getattr(row, f"within_{name}"), getattr(row, f"followed_{name}")
    if pd.isna(share):
        return f"{followed} followed: too few" if followed else "not followed that long"
    return formatting.whole_percent(share)
