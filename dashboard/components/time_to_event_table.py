"""How soon something came, as a table: the client for the same area, or the movement of the treated muscle."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from dashboard.components import charts, data_table
from dashboard.text import duration_sentences, formatting
from dashboard.text.labels import label
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from data.summaries import time_to_event
from models import codelist
from models.measure import FOUR_TO_SIX_MONTHS
from models.statistics import survival

OVER_TITLE, CAME_BACK_TITLE = "Over", "Came back"
SCALE = "Scale"
SHARES_BY_DAY = {"3 months": 91, "4 months": FOUR_TO_SIX_MONTHS[0], "6 months": FOUR_TO_SIX_MONTHS[1]}


@dataclass(frozen=True)
class TimeToEventGroup:
    """One row: what it is of (its cells by title), and per treatment the days until it came, or was not there yet."""

    labels: dict[str, str]
    days: np.ndarray
    occurred: np.ndarray


@dataclass(frozen=True)
class TimeToEventTable:
    """What is shown of many lines: the cells of each in which enough came, and of the others together (treatments,
    how many came, lines); `without`: treatments in no line at all, because nothing could come."""

    rows: tuple[dict[str, str | int], ...]
    small_groups: tuple[int, int, int]
    without_event: int = 0


def return_of_movement(source: AnalysisTables, scope: Scope, selection: Selection) -> TimeToEventTable:
    """How soon the movement of the treated muscle came back, by scale, product and area."""
    scored = time_to_event.effect_end_times(source, scope, selection)
    lines = [
        TimeToEventGroup(
            {
                SCALE: codelist.score_scales()[line.scale].label,
                "Product": label("product", line.product),
                "Area": label("area", line.area),
            },
            line.days,
            line.ended,
        )
        for line in scored
        if len(line.days)
    ]
    return summarize(lines, OVER_TITLE, sum(line.without_effect for line in scored))


def retreatment(source: AnalysisTables, scope: Scope, selection: Selection) -> TimeToEventTable:
    """How soon clients came back for the same area, by product and area."""
    lines = [
        TimeToEventGroup(
            {"Product": label("product", gap.product), "Area": label("area", gap.area)}, gap.days, gap.retreated
        )
        for gap in time_to_event.retreatment_times(source, scope, selection)
    ]
    return summarize(lines, CAME_BACK_TITLE)


def summarize(lines: Sequence[TimeToEventGroup], event_title: str, without: int = 0) -> TimeToEventTable:
    """Those with most treatments on top. `came`: the title of what came, as in "Came back"."""
    enough = [line for line in lines if line.occurred.sum() >= duration_sentences.MIN_ENDED]
    rows = tuple(time_to_event_row(line, event_title) for line in sorted(enough, key=lambda line: -len(line.days)))
    few = [line for line in lines if line.occurred.sum() < duration_sentences.MIN_ENDED]
    treatments, ended = sum(len(line.days) for line in few), sum(int(line.occurred.sum()) for line in few)
    return TimeToEventTable(rows, (treatments, ended, len(few)), without)


def draw_time_to_event(summary: TimeToEventTable, event_title: str, key: str, alt: str) -> None:
    if summary.rows:
        table = {title: [cells[title] for cells in summary.rows] for title in summary.rows[0]}
        if len(set(table.get(SCALE, ()))) == 1:  # once for all rows: a window has no room to repeat it in each
            st.caption(formatting.escape_markdown(f"Scored: {table.pop(SCALE)[0]}."))
        data_table.draw_table(table, alt, key)
        charts.draw_download(table, key)
    treatments, ended, lines = summary.small_groups
    if lines:
        too_few = duration_sentences.describe_small_groups(
            event_title, ended, treatments, lines, further=bool(summary.rows)
        )
        st.caption(formatting.escape_markdown(too_few))


def time_to_event_row(line: TimeToEventGroup, event_title: str) -> dict[str, str | int]:
    """Its cells, for a line in which at least five came; the others count as far as they were followed."""
    curve = survival.kaplan_meier(line.days, line.occurred)
    median = (curve.median.estimate, curve.median.low, curve.median.high)
    longest = float(np.max(line.days))
    return {
        **line.labels,
        "Treatments": len(line.days),
        event_title: int(line.occurred.sum()),
        "Half within": formatting.median(*median, longest),
        **{f"Within {name}": _share_by_day(line, curve, day) for name, day in SHARES_BY_DAY.items()},
    }


def _share_by_day(line: TimeToEventGroup, curve: survival.KaplanMeier, day: int) -> str:
    """A share that rests on a handful still followed then would be all or nothing by the last of them."""
    there, followed = curve.at(day).estimate, int((line.days >= day).sum())
    if there is None or not followed:
        return "not followed that long"
    return (
        formatting.whole_percent(1 - there)
        if followed >= duration_sentences.MIN_ENDED
        else f"{followed} followed: too few"
    )
