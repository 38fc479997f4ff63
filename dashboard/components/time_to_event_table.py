"""How soon something came, as a table: the client for the same area, or the movement of the treated muscle."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from dashboard.components import charts, data_table
from dashboard.text import duration_sentences, formatting
from dashboard.text.labels import label
from data.analysis.query_builder import Source
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from data.summaries import time_to_event
from models import codelist
from models.measure import FOUR_TO_SIX_MONTHS
from models.statistics import survival

OVER, CAME_BACK = "Over", "Came back"
SCALE = "Scale"
BY_DAYS = {"3 months": 91, "4 months": FOUR_TO_SIX_MONTHS[0], "6 months": FOUR_TO_SIX_MONTHS[1]}


@dataclass(frozen=True)
class Line:
    """One row: what it is of (its cells by title), and per treatment the days until it came, or was not there yet."""

    of: dict[str, str]
    days: np.ndarray
    came: np.ndarray


@dataclass(frozen=True)
class Found:
    """What is shown of many lines: the cells of each in which enough came, and of the others together (treatments,
    how many came, lines); `without`: treatments in no line at all, because nothing could come."""

    rows: tuple[dict[str, str | int], ...]
    few: tuple[int, int, int]
    without: int = 0


def returned(source: Source, scope: Scope, selection: Selection) -> Found:
    """How soon the movement of the treated muscle came back, by scale, product and area."""
    scored = time_to_event.returns(source, scope, selection)
    lines = [
        Line(
            {
                SCALE: codelist.score_scales()[line.scale].label,
                "Product": label("product", line.product),
                "Area": label("area", line.area),
            },
            line.days,
            line.returned,
        )
        for line in scored
        if len(line.days)
    ]
    return found(lines, OVER, sum(line.no_effect for line in scored))


def treated_again(source: Source, scope: Scope, selection: Selection) -> Found:
    """How soon clients came back for the same area, by product and area."""
    lines = [
        Line({"Product": label("product", gap.product), "Area": label("area", gap.area)}, gap.days, gap.came_back)
        for gap in time_to_event.retreatments(source, scope, selection)
    ]
    return found(lines, CAME_BACK)


def found(lines: Sequence[Line], came: str, without: int = 0) -> Found:
    """Those with most treatments on top. `came`: the title of what came, as in "Came back"."""
    enough = [line for line in lines if line.came.sum() >= duration_sentences.LEAST_ENDED]
    rows = tuple(row(line, came) for line in sorted(enough, key=lambda line: -len(line.days)))
    few = [line for line in lines if line.came.sum() < duration_sentences.LEAST_ENDED]
    treatments, ended = sum(len(line.days) for line in few), sum(int(line.came.sum()) for line in few)
    return Found(rows, (treatments, ended, len(few)), without)


def draw(shown: Found, came: str, key: str, alt: str) -> None:
    if shown.rows:
        table = {title: [cells[title] for cells in shown.rows] for title in shown.rows[0]}
        if len(set(table.get(SCALE, ()))) == 1:  # once for all rows: a window has no room to repeat it in each
            st.caption(formatting.as_text(f"Scored: {table.pop(SCALE)[0]}."))
        data_table.draw(table, alt, key)
        charts.download(table, key)
    treatments, ended, lines = shown.few
    if lines:
        too_few = duration_sentences.too_few_came(came, ended, treatments, lines, further=bool(shown.rows))
        st.caption(formatting.as_text(too_few))


def row(line: Line, came: str) -> dict[str, str | int]:
    """Its cells, for a line in which at least five came; the others count as far as they were followed."""
    curve = survival.kaplan_meier(line.days, line.came)
    median = (curve.median.estimate, curve.median.low, curve.median.high)
    longest = float(np.max(line.days))
    return {
        **line.of,
        "Treatments": len(line.days),
        came: int(line.came.sum()),
        "Half within": formatting.median(*median, longest),
        **{f"Within {name}": _within(line, curve, day) for name, day in BY_DAYS.items()},
    }


def _within(line: Line, curve: survival.KaplanMeier, day: int) -> str:
    """A share that rests on a handful still followed then would be all or nothing by the last of them."""
    there, followed = curve.at(day).estimate, int((line.days >= day).sum())
    if there is None or not followed:
        return "not followed that long"
    return (
        formatting.share(1 - there) if followed >= duration_sentences.LEAST_ENDED else f"{followed} followed: too few"
    )
