"""One line per case: from onset to its end, or to the last day on which it was recorded as present."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.figures import base
from dashboard.text import formatting

MAX_NAMED = 40  # beyond it the lines become a silhouette and the table below names them
MAX_HEIGHT = 900  # px
DURATION_WIDTH = 76  # px beside the lines: "140 days"
COLUMNS = ("label", "onset_day", "last_day", "days", "open")


def draw(cases: pd.DataFrame) -> base.Chart:
    """A line for each case, in the order given; a click on its end gives its number.

    Columns: label, and of data.analysis.cases: number, onset_day, days, ended, red_flag. Without an onset a case is
    drawn at the day of injection.
    """
    if cases.empty:
        return base.empty_chart("No cases to show here.", COLUMNS)
    onset_day, days = cases.onset_day.fillna(0).astype(int), cases.days.fillna(1).astype(int)
    cases = cases.assign(onset_day=onset_day, days=days, last_day=onset_day + days - 1, open=~cases.ended.astype(bool))
    named = len(cases) <= MAX_NAMED
    labels = [base.wrap_label(label) for label in cases.label] if named else []
    thin = min(12.0, MAX_HEIGHT / len(cases))
    heights = base.LINE_HEIGHT * np.maximum(2, [len(x) for x in labels]) + 4 if named else np.full(len(cases), thin)
    total = float(heights.sum())
    cases = cases.assign(y=np.cumsum(heights) - heights / 2, hover=list(map(_hover_text, cases.itertuples())))
    if named:
        lasting = [f"{formatting.days(row.days)}{'<br>open' if row.open else ''}" for row in cases.itertuples()]
        cases = cases.assign(name=["<br>".join(lines) for lines in labels], numbers=lasting)
    wide = {"l": base.LABEL_WIDTH, "r": DURATION_WIDTH, "pad": 0} if named else {"l": 8, "r": 16}
    figure = base.build_figure(
        [*_line_traces(cases, 6 if named else max(1.0, 0.6 * thin)), _end_trace(cases, named)],
        height=int(total) + 72,
        margin=wide | {"t": 16, "b": 8},
        xaxis=base.titled_axis(
            "Days since the injection",
            range=[0, base.round_up(max(1, cases.last_day.max()) * 1.02)],
            nticks=5,
            showgrid=True,
        ),
        yaxis={"visible": False, "range": [total, 0]},
        annotations=base.row_annotations(cases) if named else [],
    )
    counted = f"{formatting.pluralize(len(cases), 'case')} as lines of days since the injection"
    longest = cases.hover.iloc[cases.days.argmax()]
    alt = f"{counted}, {formatting.count(int(cases.open.sum()))} still open. The longest: {longest}."
    return base.Chart(figure, alt, cases[list(COLUMNS)])


def _line_traces(cases: pd.DataFrame, width: float) -> list[go.Scatter]:
    """Two traces of broken lines, because a trace has one color: the red flags, and all others."""
    flagged = cases.red_flag.notna()
    return [
        base.segment_trace(
            (chosen.onset_day, chosen.last_day),
            (chosen.y, chosen.y),
            {"color": theme.fade_color(color, 0.7), "width": width},
        )
        for chosen, color in ((cases[~flagged], theme.BLUE), (cases[flagged], theme.ORANGE))
    ]


def _end_trace(cases: pd.DataFrame, named: bool) -> go.Scatter:
    strength = np.where(cases.open | named, 1.0, 0.0)  # the end of a thin bar is pointed at, not drawn
    colors = np.where(cases.red_flag.notna(), theme.ORANGE, theme.BLUE)
    colors = [theme.fade_color(color, share) for color, share in zip(colors, strength, strict=True)]
    marker = {
        "symbol": np.where(cases.open, "triangle-right-open", "line-ns").tolist(),
        "size": theme.MARK + 2 if named else 7,
        "color": colors,
        "line": {"width": 2 if named else 1, "color": colors},
    }
    return base.dot_trace(cases.last_day.to_numpy(), cases.y.to_numpy(), marker, cases.number.astype(str), cases.hover)


def _hover_text(case) -> str:
    lasting = formatting.days(case.days)
    ending = f"last recorded as present after {lasting}" if case.open else f"over after {lasting}"
    return f"{case.label}: onset on {formatting.day_number(case.onset_day)}, {ending}"
