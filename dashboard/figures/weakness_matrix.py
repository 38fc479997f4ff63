"""Kinds of weakness by area: a cell each, colored by its rate, with its numbers and whether dose makes a difference."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from dashboard import theme
from dashboard.figures import base
from dashboard.text import formatting, weakness_sentences

MAX_AREAS = 40  # more is a list to search: the table holds all of them
MIN_FOLLOWED_UP = 20  # for a color: 1 of 3 must not be the darkest cell
STRONGEST = 0.6  # of the blue: the page's text stays readable on it, light or dark
FAINTEST = 0.08
LINE = 16  # px of a line of text at theme.SMALL
GAP = 0.02  # between cells, of a cell's width
HEADING_CHARACTERS = {True: 12, False: 26}  # a line above a column, by whether the figure is narrow
COLUMNS = (
    "area", "family", "events", "followed_up", "rate", "low", "high", "median", "graded", "moderate_or_severe",
    "verdict",
)  # fmt: skip


def draw(cells: pd.DataFrame, families: Sequence[str], chosen: str = "", is_narrow: bool = False) -> base.Chart:
    """A row per area, `MAX_AREAS` at most, and a column for each of `families` (labels); a click gives a cell's key.

    `cells`: as of data.summaries.weakness, with labels for area and family, and key. `chosen`: the key of the cell that
    is open, which is framed. `is_narrow`: for a phone, with the numbers alone.
    """
    if cells.empty:
        return base.empty_chart(weakness_sentences.NO_AREA, COLUMNS)
    areas = cells.area.unique()
    all_cells, cells = cells, cells[cells.area.isin(areas[:MAX_AREAS])]
    texts = [_lines(row, is_narrow) for row in cells.itertuples()]
    drawn = cells.assign(column=cells.family.map(list(families).index), lines=[len(lines) for lines in texts])
    hovers = [_hover(row) for row in drawn.itertuples()]
    rows = _place_rows(drawn)
    place = rows.set_index("area").loc[drawn.area]
    top = base.LINE_HEIGHT * max(len(_heading(family, is_narrow)) for family in families)
    height = float(rows.bottom.iloc[-1])
    figure = base.build_figure(
        [
            go.Bar(
                orientation="h",
                x=[1 - GAP] * len(drawn),
                base=drawn.column + GAP / 2,
                y=place.y.to_numpy(),
                width=(place.bottom - place.top - 3).to_numpy(),
                marker={
                    "color": _colors(drawn),
                    "line": {"color": theme.BLUE, "width": [3 if key == chosen else 0 for key in drawn.key]},
                },
                text=["<br>".join(lines) for lines in texts],
                textposition="inside",
                insidetextanchor="middle",
                textangle=0,
                constraintext="none",
                textfont={"size": theme.SMALL},
                **base.hover_data(drawn.key, hovers),
            )
        ],
        height=int(height) + top + 16,
        margin={"l": base.LABEL_WIDTH, "r": 4, "t": top + 8, "b": 8, "pad": 0},
        xaxis={"visible": False, "range": [0, len(families)]},
        yaxis={"visible": False, "range": [height, 0]},
        annotations=[*base.row_annotations(rows), *_headings(families, is_narrow), *_left_out(len(areas), height)],
    )
    highest = hovers[int(drawn.rate.fillna(-1).argmax())]
    alt = f"{formatting.pluralize(len(areas), 'area')} by kind of weakness. The highest rate: {highest}."
    return base.Chart(figure, alt, all_cells[list(COLUMNS)])


def _lines(row: object, is_narrow: bool) -> list[str]:
    lead = formatting.percent(row.rate) if is_narrow and row.events else weakness_sentences.describe_lead(row)
    sizes = [weakness_sentences.describe_size(row), weakness_sentences.describe_severity(row)]
    verdict = weakness_sentences.describe_verdict(row.verdict)
    if is_narrow:
        sizes, verdict = [formatting.n_of_m(row.events, row.followed_up)], verdict.replace("higher with ", "")
        verdict = verdict if verdict.startswith(weakness_sentences.HIGHER_MARK) else ""
    first, *others = (base.escape_label(text) for text in (lead, *sizes, verdict) if text)
    return [f"<b>{first}</b>" if row.events else first, *others]


def _hover(row: object) -> str:
    texts = (
        weakness_sentences.describe_size(row),
        weakness_sentences.describe_lead(row),
        weakness_sentences.describe_severity(row),
        weakness_sentences.describe_verdict(row.verdict),
    )
    return f"{row.family}, {row.area}: {', '.join(filter(None, texts))}"


def _colors(cells: pd.DataFrame) -> list[str]:
    """Blue by rate, up to the highest among cells with enough followed up."""
    counted = (cells.followed_up >= MIN_FOLLOWED_UP) & (cells.events > 0)
    highest = cells.rate[counted].max()
    strengths = FAINTEST + (STRONGEST - FAINTEST) * cells.rate / highest
    none = theme.fade_color(theme.GREY, FAINTEST)
    pairs = zip(strengths, counted, strict=True)
    return [theme.fade_color(theme.BLUE, strength) if is_counted else none for strength, is_counted in pairs]


def _place_rows(cells: pd.DataFrame) -> pd.DataFrame:
    """The areas below each other, as high as the longest text of theirs: name, top, y, bottom (px)."""
    areas = cells.groupby("area", sort=False, as_index=False).lines.max()
    names = [base.wrap_label(area) for area in areas.area]
    heights = [
        max(base.LINE_HEIGHT * len(name), LINE * lines) + 12 for name, lines in zip(names, areas.lines, strict=True)
    ]
    bottom = pd.Series(heights, dtype="float64").cumsum()
    name = ["<br>".join(lines) for lines in names]
    return areas.assign(name=name, top=bottom - heights, y=bottom - pd.Series(heights) / 2, bottom=bottom)


def _heading(family: str, is_narrow: bool) -> list[str]:
    return base.wrap_label(family, HEADING_CHARACTERS[is_narrow])


def _headings(families: Sequence[str], is_narrow: bool) -> list[dict]:
    above = {"xref": "x", "yref": "paper", "y": 1, "yanchor": "bottom", "xanchor": "center", "align": "center"}
    return [
        base.text_annotation("<br>".join(_heading(family, is_narrow)), x=at + 0.5, **above)
        for at, family in enumerate(families)
    ]


def _left_out(areas: int, height: float) -> list[dict]:
    if areas <= MAX_AREAS:
        return []
    note = f"The first {MAX_AREAS} of {formatting.count(areas)} areas; the table has all."
    return [base.text_annotation(note, x=0, y=height, yanchor="top")]
