"""What a figure says must be what its numbers say: axes, hovers, keys, flags and the words in place of nothing.

`EXAMPLES` holds each kind of chart with several, one and no thing to draw; small enough to be counted by hand.
"""

import json
import re
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import theme
from dashboard.figures import (
    body_map,
    body_outlines,
    case_timeline,
    dose_curve,
    events_between,
    expected_range,
    monthly_rates,
    observed_minus_expected,
    rate_intervals,
    sparkline,
    strip_plot,
    survival_curve,
    survival_panels,
    weakness_matrix,
)
from dashboard.figures import control_chart as period_flags
from dashboard.figures.base import round_up
from models.statistics import control_chart, proportion, survival
from tests.laws import examples

MARKUP = '<a href="https://example.org">look</a> & <b>bold</b>'
MANY = 1000


def interval(events, known):
    return tuple(proportion.wilson(events, known)) if known else (None, None, None)


def rate_rows(*rows, **more):
    """(label, events, followed up) of each row."""
    frame = pd.DataFrame(rows, columns=["label", "events", "followed_up"])
    limits = [interval(*row[1:]) for row in rows]
    frame[["rate", "low", "high"]] = np.array(limits, dtype=float).reshape(-1, 3)
    return frame.assign(key=[f"key {row[0]}" for row in rows], **more)


def many_rates(n):
    rows = [("All", 7, 318), *((f"Effect {at}", at % 3, 40 + at) for at in range(n))][:n]
    return rate_rows(*rows, is_heading=[at == 0 for at in range(n)])


def course(label, days, ended):
    episodes = pd.DataFrame({"days": days, "ended": np.array(ended, dtype=bool)})
    episodes["key"] = [f"{label} {at}" for at in range(len(days))]
    return survival_curve.SurvivalCurve(label, episodes, survival.kaplan_meier(episodes.days, episodes.ended))


def long_course(n):
    days = 1 + np.arange(n) % 60
    return course("Bruising", days, np.arange(n) % 4 != 1)


def case_rows(*rows):
    """(number, label, onset day, days, ended) of each case."""
    return pd.DataFrame(rows, columns=["number", "label", "onset_day", "days", "ended"]).assign(red_flag=None)


def cases(n):
    return case_rows(*((at, f"Case {at}", at % 9, 3 * (at % 30) + 1, at % 4 != 1) for at in range(n)))


MONTH_COLUMNS = (
    "month", "first_day", "last_day", "treated", "events", "followed_up", "rate", "low", "high", "is_in_follow_up",
)  # fmt: skip


def month(year, month, events, followed_up, treated=None, in_follow_up=False):
    first = date(year, month, 1)
    last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    treated = followed_up if treated is None else treated
    number = year * 100 + month
    return number, first, last, treated, events, followed_up, *interval(events, followed_up), in_follow_up


def frame_of(*months):
    types = {"rate": "float64", "low": "float64", "high": "float64", "is_in_follow_up": "bool"}
    return pd.DataFrame(months, columns=list(MONTH_COLUMNS)).astype(types)


def months(n):
    return frame_of(
        *(month(2020 + at // 12, 1 + at % 12, at % 3, 40, 50, in_follow_up=at == n - 1 and n > 1) for at in range(n))
    )


def flagged(months, baseline=0.02):
    months = months.assign(total=months.treated)
    if months.empty:
        return months.assign(flag="", flagged_from=np.nan)
    flags = control_chart.period_flags(months.events, months.followed_up, baseline)
    return months.assign(
        flag=flags.flag.astype(object), flagged_from=np.where(np.isinf(flags.limit), np.nan, flags.limit)
    )


def expected_chart(n):
    outcomes = (np.arange(n) % 30 == 7).astype(int)
    days = [date(2026, 1, 1) + timedelta(days=at // 4) for at in range(n)]
    return observed_minus_expected.draw(
        outcomes, np.full(n, 0.02), days, [f"t{at}" for at in range(n)], [7] if n > 7 else []
    )


def gaps_chart(n):
    between = np.arange(n) * 7 % 90
    return events_between.draw(between, 12 * bool(n), control_chart.gap_limits(0.02), [f"gap {at}" for at in range(n)])


def units(n):
    return points(*((f"p{at}", f"Practitioner {at}", 60 + at, at % 5, "", at == 0) for at in range(n)))


def points(*rows):
    """Of each: key, label, comparable, observed, flag, is_own. Five of them are expected, 1 to 11 by chance."""
    frame = pd.DataFrame(rows, columns=["key", "label", "comparable", "observed", "flag", "is_own"])
    frame = frame.astype({"observed": "int64", "is_own": "bool"})
    return frame.assign(expected=5.0, inner_low=2.0, inner_high=8.0, outer_low=1.0, outer_high=11.0)


def bands(n):
    rows = [(5 * at + 1, 5 * at + 5, at % 3, 30, *interval(at % 3, 30)) for at in range(n)]
    return pd.DataFrame(rows, columns=["least", "most", "events", "followed_up", "rate", "low", "high"])


def weakness_cells(n, area="Area"):
    rows = [
        (
            f"{family}:{at}",
            f"{area} {at}",
            family,
            at % 3,
            30,
            *interval(at % 3, 30),
            at % 3,
            9.0,
            None,
            2,
            1,
            "too few",
        )
        for at in range(n)
        for family in ("Injected", "Nearby")
    ]
    counted, lasting = weakness_matrix.COLUMNS[:7], weakness_matrix.COLUMNS[7:]
    return pd.DataFrame(rows, columns=["key", *counted, "episodes", lasting[0], "no_median", *lasting[1:]])


def strip(values, number, label="Glabella", key="a", **more):
    return pd.DataFrame({"key": key, "label": label, "value": values, "number": number, **more})


def strips(n):
    rows = [strip([10.0, 20.0, 24.0], [1, 5, 2], f"Area {at}", f"area {at}") for at in range(n)]
    frame = pd.concat([strip([], []), *rows])
    first = frame.key == "area 0"
    return frame.assign(reference_low=np.where(first, 10.0, np.nan), reference_high=np.where(first, 20.0, np.nan))


def spot(label="Eyelid", x=65, y=41, side="both", value=3.0, value_text="3 of 40", **more):
    return {
        "key": label,
        "label": label,
        "x": x,
        "y": y,
        "side": side,
        "value": value,
        "value_text": value_text,
        **more,
    }


def spots(n):
    placed = [spot("Forehead", 50, 22, "midline", 41.0, "41 of 150 treatments")]
    more = [
        spot(f"Area {at}", 51 + at % 49, at % 100, value=float(at), value_text=f"{at} of 2000 treatments")
        for at in range(n - 1)
    ]
    return pd.DataFrame([*placed, *more][:n])


EXAMPLES = {
    "dot_interval": lambda n: rate_intervals.draw(many_rates(n)),
    "resolution": lambda n: survival_curve.draw([long_course(n)] if n else []),
    "timeline": lambda n: case_timeline.draw(cases(n)),
    "months": lambda n: monthly_rates.draw(months(n)),
    "period_flags": lambda n: period_flags.draw(flagged(months(n)), 0.02, [(date(2020, 1, 9), "New fridge")]),
    "observed_expected": expected_chart,
    "gaps": gaps_chart,
    "expected_range": lambda n: expected_range.draw(units(n)),
    "face_map": lambda n: body_map.draw(spots(n), "face", "Treated areas"),
    "body_map": lambda n: body_map.draw(spots(n), "body", "Treated areas"),
    "dose_bands": lambda n: dose_curve.draw(bands(n), "Botox units", label_dose=(20, 20)),
    "weakness": lambda n: weakness_matrix.draw(weakness_cells(n), ["Injected", "Nearby"]),
    "strip": lambda n: strip_plot.draw(strips(n), "Botox units per treated area", "treatment", "labeled dose"),
    "small_multiples": lambda n: survival_panels.draw([long_course(12) for _ in range(n)]),
}
WITH_RATES = (
    "dot_interval",
    "months",
    "period_flags",
    "dose_bands",
    "weakness",
    "expected_range",
    "resolution",
    "strip",
    "face_map",
)


@cache
def example(name, n):
    return EXAMPLES[name](n)


every_chart = pytest.mark.parametrize("name", EXAMPLES)
every_size = pytest.mark.parametrize("n", [1, 5, MANY])


def hovers(chart):
    return [text for trace in chart.figure.data for text in trace.hovertext or ()]


def keys(chart):
    return {key for trace in chart.figure.data for key in (trace.customdata if trace.customdata is not None else ())}


def marks(chart, *symbols):
    """The points drawn with one of `symbols`, as (x, y)."""
    found = []
    for trace in chart.figure.data:
        drawn = trace.marker.symbol if trace.type == "scatter" else None
        each = drawn if isinstance(drawn, tuple) else [drawn] * len(trace.x)
        found += [(x, y) for x, y, symbol in zip(trace.x, trace.y, each, strict=True) if symbol in symbols]
    return found


# What holds for every figure


@every_chart
@every_size
def test_every_axis_that_is_read_has_a_title(name, n):
    layout = example(name, n).figure.layout
    for axis in (layout[key] for key in layout if key[1:].startswith("axis")):
        if axis.visible is not False and axis.showticklabels is not False:
            assert axis.title.text


@every_chart
def test_without_data_the_figure_says_why_and_draws_no_empty_frame(name):
    chart = example(name, 0)
    (words,) = [note.text.replace("<br>", " ") for note in chart.figure.layout.annotations]
    assert words == chart.alt
    assert chart.alt.endswith(".")
    assert len(chart.figure.data) == 0
    assert len(chart.table.columns)
    assert chart.table.empty


@every_chart
@every_size
def test_a_figure_has_words_for_those_who_cannot_see_it_and_a_table(name, n):
    chart = example(name, n)
    assert chart.alt.endswith(".")
    assert len(chart.table) or name in ("resolution", "observed_expected")  # nothing has ended, nothing happened


@pytest.mark.parametrize("name", WITH_RATES)
def test_a_hover_says_n_of_n(name):
    said = [text for text in hovers(example(name, 8)) if "median" not in text and "last recorded" not in text]
    assert said
    for text in said:
        assert re.search(r"[\d,]+ of [\d,]+|[\d,]+ treatments$", text), text


@every_chart
def test_a_thousand_things_are_drawn_in_a_figure_that_can_be_looked_at(name):
    figure = example(name, MANY).figure
    assert 100 <= figure.layout.height <= 4000


@every_chart
@every_size
def test_grey_blue_and_orange_are_the_colours(name, n):
    figure = example(name, n).figure
    figure.layout.template = None
    drawn = json.dumps(
        figure.to_plotly_json(), default=lambda held: held.tolist() if hasattr(held, "tolist") else str(held)
    )
    allowed = {theme.fade_color(colour, 0)[5:].rsplit(",", 1)[0] for colour in theme.SERIES}
    for red, green, blue in re.findall(r"rgba?\((\d+),\s*(\d+),\s*(\d+)", drawn):
        assert f"{red},{green},{blue}" in allowed
    assert set(re.findall(r"#[0-9A-Fa-f]{6}", drawn)) <= set(theme.SERIES)


@every_chart
@every_size
def test_nothing_zooms_away_under_a_thumb(name, n):
    layout = example(name, n).figure.layout
    assert layout.dragmode is False
    assert all(layout[key].fixedrange for key in layout if key[1:].startswith("axis"))


def test_a_clinics_own_words_are_shown_as_they_stand():
    charts = [
        rate_intervals.draw(rate_rows((MARKUP, 1, 10)), MARKUP),
        survival_curve.draw([course(MARKUP, [1, 2, 3, 4, 5, 9], [1, 1, 1, 1, 1, 0]), long_course(9)]),
        case_timeline.draw(case_rows((1, MARKUP, 0, 4, False))),
        monthly_rates.draw(months(1), MARKUP),
        period_flags.draw(flagged(months(1)), 0.02, [(date(2020, 1, 9), MARKUP)], MARKUP),
        expected_range.draw(points(("1", MARKUP, 80, 1, "", True))),
        body_map.draw(pd.DataFrame([spot(MARKUP, value_text=MARKUP)]), "face", MARKUP),
        dose_curve.draw(bands(1), MARKUP),
        weakness_matrix.draw(weakness_cells(1, MARKUP), ["Injected", "Nearby"]),
        strip_plot.draw(strip([1.0], [1], MARKUP, reference_low=1.0, reference_high=1.0), MARKUP, MARKUP, MARKUP),
        survival_panels.draw([course(MARKUP, [1, 2, 3, 4, 5], [1] * 5)]),
    ]
    for chart in charts:
        figure = chart.figure.to_json()
        assert "<a " not in figure
        assert "<b>bold" not in figure
        assert "&amp;" in figure


@given(st.floats(min_value=1e-6, max_value=1e9))
def test_an_axis_ends_at_the_next_round_number(value):
    assert value * (1 - 1e-9) <= round_up(value) <= 1.51 * value


# Rates in rows


def test_a_dot_stands_at_the_rate_and_a_click_on_it_gives_its_key():
    chart = rate_intervals.draw(rate_rows(("Eyelid ptosis", 4, 200), ("Bruising", 19, 200)))
    assert marks(chart, "circle") == [(pytest.approx(2.0), 20.0), (pytest.approx(9.5), 60.0)]
    assert keys(chart) == {"key Eyelid ptosis", "key Bruising"}


def test_no_events_are_a_hollow_dot_at_zero_with_an_upper_limit():
    chart = rate_intervals.draw(rate_rows(("Brow ptosis", 0, 40)))
    assert marks(chart, "circle-open") == [(0.0, 20.0)]
    assert "0 of 40<br>at most 8.8%" in str(chart.figure.layout.annotations)


def test_without_a_follow_up_there_is_no_dot():
    chart = rate_intervals.draw(rate_rows(("Swallowing difficulty", 0, 0)))
    assert marks(chart, "circle", "circle-open", "diamond") == []
    assert "none<br>followed up" in str(chart.figure.layout.annotations)


def test_a_long_interval_ends_in_an_arrow_and_squeezes_no_other():
    chart = rate_intervals.draw(rate_rows(("Seen often", 20, 1000), ("Seen in one of three", 1, 30)))
    end = chart.figure.layout.xaxis.range[1]
    assert end < 100 * interval(1, 30)[2]
    assert marks(chart, "triangle-right") == [(end, 60.0)]


def test_a_published_rate_is_a_mark_with_its_source_in_words():
    rates = rate_rows(("Eyelid ptosis", 4, 212), published_rate=0.024, published_text="published: 2.4% of 665")
    chart = rate_intervals.draw(rates)
    assert [x for x, _ in marks(chart, "line-ns")] == [pytest.approx(2.4)]
    assert "Eyelid ptosis: published: 2.4% of 665" in hovers(chart)
    assert [trace.name for trace in chart.figure.data if trace.showlegend is not False] == ["published rate"]


def test_without_a_published_rate_no_mark_is_explained():
    assert not rate_intervals.draw(rate_rows(("Eyelid ptosis", 4, 212))).figure.layout.showlegend


def test_rows_that_are_not_drawn_are_counted_and_stay_in_the_table():
    chart = rate_intervals.draw(many_rates(MANY))
    assert "The first 60 of 1,000 rows" in chart.figure.layout.xaxis.title.text
    assert len(chart.table.followed_up) == MANY


# Durations


FREIREICH = course(
    "6-MP", [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35], [1] * 9 + [0] * 12
)


def test_open_side_effects_are_arrows_at_the_last_day_present_on_the_curve():
    chart = survival_curve.draw([FREIREICH])
    arrows = marks(chart, "triangle-right-open")
    assert [x for x, _ in arrows] == [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    assert arrows[0][1] == pytest.approx(100 * 18 / 21)  # 3 of 21 ended on day 6
    assert arrows[-1][1] == pytest.approx(44.8, abs=0.05)  # Freireich 1963: .448 from day 23 on
    assert keys(chart) == {f"6-MP {at}" for at in range(9, 21)}


def test_an_end_between_two_contacts_slopes_and_kaplan_meier_is_a_thin_line_next_to_it():
    """Of seven, three had ended by day 4 and one more on day 5 to 12: half way on day 8, half are left."""
    days, last = [2, 3, 4, 12, 20, 22, 24], [2, 3, 4, 4, 20, 22, 24]
    known = course("Bruising", days, [1] * 7)
    chart = survival_curve.draw([replace(known, between=survival.turnbull(last, days))])
    drawn = {trace.name: trace for trace in chart.figure.data if trace.mode == "lines" and trace.name}
    line, thin = drawn["Bruising"], drawn[survival_curve.KAPLAN_MEIER]
    assert np.interp(8, line.x, line.y) == pytest.approx(50)
    assert (line.line.shape, thin.line.shape) == ("linear", "hv")
    assert chart.table.still_present.tolist() == pytest.approx([6 / 7, 5 / 7, 4 / 7, 3 / 7, 2 / 7, 1 / 7, 0])


def test_the_numbers_still_followed_stand_under_the_curve():
    chart = survival_curve.draw([FREIREICH])
    row = next(trace for trace in chart.figure.data if trace.yaxis == "y2")
    assert list(zip(row.x, row.text, strict=True)) == [
        (0, "21"),
        (7, "17"),
        (14, "11"),
        (21, "7"),
        (28, "4"),
        (35, "1"),
    ]


def test_the_share_still_there_is_named_at_two_weeks_and_no_mark_lies_beyond_the_follow_up():
    named = [note.text for note in survival_curve.draw([FREIREICH]).figure.layout.annotations if "weeks" in note.text]
    assert named == ["2 weeks: 69%"]


def test_no_curve_is_drawn_where_too_few_have_ended():
    few = course("Brow ptosis", [4, 9], [True, False])
    alone = survival_curve.draw([few])
    assert alone.alt == "Too few have ended for a curve. Brow ptosis: 2 side effects, 1 still open."
    beside = survival_curve.draw([few, FREIREICH])
    assert [trace.name for trace in beside.figure.data if trace.mode == "lines" and trace.name] == ["6-MP"]
    panels = survival_panels.draw([few, FREIREICH])
    assert "too few have ended" in str(panels.figure.layout.annotations)


def test_more_curves_than_can_be_told_apart_are_refused():
    with pytest.raises(ValueError, match="at most 3"):
        survival_curve.draw([FREIREICH] * 4)


def test_small_multiples_share_one_scale():
    layout = survival_panels.draw([long_course(12), FREIREICH, long_course(30)]).figure.layout
    ranges = {tuple(layout[key].range) for key in layout if key.startswith("xaxis")}
    assert len(ranges) == 1


def test_a_case_runs_from_its_onset_to_its_end_or_to_an_arrow_at_the_last_day_present():
    chart = case_timeline.draw(case_rows((12, "Eyelid", 4, 18, True), (17, "Smile", 0, 10, False)))
    assert marks(chart, "line-ns") == [(21, 19.0)]
    assert marks(chart, "triangle-right-open") == [(9, 57.0)]
    assert hovers(chart) == [
        "Eyelid: onset on day 4, over after 18 days",
        "Smile: onset on the day of injection, last recorded as present after 10 days",
    ]
    assert keys(chart) == {"12", "17"}


# Change over time


def test_an_empty_month_stays_on_the_axis_without_a_dot():
    chart = monthly_rates.draw(frame_of(month(2026, 1, 1, 40), month(2026, 2, 0, 0), month(2026, 3, 2, 40)))
    assert len(marks(chart, "circle")) == 2
    assert list(chart.figure.data[-1].y) == [40, 0, 40]


def test_a_month_in_follow_up_is_hollow_and_says_so():
    chart = monthly_rates.draw(frame_of(month(2026, 1, 1, 40), month(2026, 2, 1, 10, 30, in_follow_up=True)))
    ((_, y),) = marks(chart, "circle-open")
    assert y == pytest.approx(10)
    assert "February 2026: 1 of 10, 10.0% (1.8–40.4), still in follow-up" in hovers(chart)


counts = st.lists(st.tuples(st.integers(0, 12), st.integers(12, 400)), min_size=1, max_size=12)


@examples(40)
@given(counts, st.sampled_from([0.01, 0.02, 0.05, 0.1]))
def test_the_line_and_the_flag_never_disagree(counted, baseline):
    drawn_months = frame_of(*(month(2026, 1 + at, events, known) for at, (events, known) in enumerate(counted)))
    chart = period_flags.draw(flagged(drawn_months, baseline), baseline)
    line = next(trace for trace in chart.figure.data if trace.name == "flagged from here")
    drawn = {(line.x[at], line.y[at]) for at in range(0, len(line.x), 3)}
    level = dict(drawn)
    with_flag = {x for x, _ in marks(chart, "diamond")}
    for row in monthly_rates.add_labels(drawn_months).itertuples():
        above = row.first_day in level and 100 * row.rate >= level[row.first_day] - 1e-9
        assert above == (row.middle in with_flag)


def test_a_month_in_follow_up_is_called_so_once():
    said, of_share = hovers(period_flags.draw(flagged(frame_of(month(2026, 2, 1, 40, 50, in_follow_up=True))), 0.02))
    assert said.count("in follow-up") == 1
    assert "40 of 50 followed up" in of_share


def test_the_signal_stands_on_its_month_and_only_there():
    names = [trace.name for trace in period_flags.draw(flagged(months(5)), 0.02, signal=date(2020, 3, 9)).figure.data]
    assert "rose above baseline, Mar 9, 2020" in names
    elsewhere = period_flags.draw(flagged(months(5)), 0.02, signal=date(2019, 3, 9)).figure.data
    assert not any((trace.name or "").startswith("rose") for trace in elsewhere)


def test_without_a_baseline_months_are_drawn_without_lines():
    chart = period_flags.draw(flagged(months(5)).assign(flag="", flagged_from=np.nan), None)
    assert "without a baseline" in chart.alt
    assert not any("baseline" in (trace.name or "") for trace in chart.figure.data)


def test_a_sparkline_marks_the_signal_and_leaves_months_in_follow_up_hollow():
    first = np.datetime64("2026-01")
    rows = pd.DataFrame(
        {
            "month": (first + np.arange(30)).astype("datetime64[s]"),
            "rate": 0.1,
            "is_in_follow_up": np.arange(30) == 29,
        }
    )
    drawn = sparkline.draw(rows, 0.05, first + 20)
    assert (drawn.count("<circle"), drawn.count('fill="none" stroke="#3B7FBF"')) == (sparkline.MONTHS - 1, 1)
    assert drawn.count("stroke-dasharray") == 1 and drawn.count(f'fill="{theme.ORANGE}"') == 1
    assert "<svg" in sparkline.draw(rows[:0], None, None)


def test_a_month_in_follow_up_is_never_flagged():
    high = month(2026, 2, 12, 30, in_follow_up=True)
    chart = period_flags.draw(flagged(frame_of(month(2026, 1, 1, 40), high)), 0.02)
    assert marks(chart, "diamond", "diamond-open") == []
    assert len(marks(chart, "circle-open")) == 1


def test_what_changed_is_numbered_on_the_drawing_and_named_below_it():
    changes = [
        (date(2020, 2, 2), "New fridge"),
        (date(2020, 1, 9), "Dilution"),
        (date(2019, 1, 9), "Long ago"),
    ]
    notes = period_flags.draw(flagged(months(5)), 0.02, changes).figure.layout.annotations
    assert [note.x for note in notes[:2]] == [date(2020, 1, 9), date(2020, 2, 2)]
    assert notes[-1].text == "<b>1</b>  Dilution, Jan 9, 2020<br><b>2</b>  New fridge, Feb 2, 2020"


def test_observed_minus_expected_climbs_at_each_side_effect_and_ends_at_their_difference():
    outcomes, expected = np.array([0, 1, 0, 0, 1]), np.full(5, 0.1)
    chart = observed_minus_expected.draw(
        outcomes, expected, [date(2026, 1, day) for day in range(1, 6)], list("abcde"), [4]
    )
    line = chart.figure.data[0]
    assert list(zip(line.x, np.round(line.y, 6), strict=True)) == [
        (0, 0),
        (1, -0.1),
        (2, 0.8),
        (3, 0.7),
        (4, 0.6),
        (5, 1.5),
    ]
    assert [x for x, _ in marks(chart, "diamond")] == [5]
    assert chart.table["signal"].tolist() == [False, True]
    assert chart.alt.endswith("Jan 5, 2026: 2 side effects in 5 treatments, 0.5 expected. Signals: Jan 5, 2026.")


def test_the_line_climbs_by_one_at_a_side_effect_however_long_the_series():
    outcomes, days = np.zeros(10_000, dtype=int), [date(2026, 1, 1)] * 10_000
    outcomes[5_003] = 1
    line = observed_minus_expected.draw(outcomes, np.full(10_000, 0.0), days, ["t"] * 10_000).figure.data[0]
    height = dict(zip(line.x.tolist(), line.y.tolist(), strict=True))
    assert (height[5_003], height[5_004]) == (0, 1)


def test_a_million_treatments_are_a_line_of_its_corners():
    outcomes = (np.arange(1_000_000) % 50 == 0).astype(int)
    days = [date(2026, 1, 1)] * len(outcomes)
    chart = observed_minus_expected.draw(outcomes, np.full(len(outcomes), 0.02), days, ["t"] * len(outcomes))
    line = chart.figure.data[0]
    assert len(line.x) <= observed_minus_expected.MAX_CORNERS + 1
    assert np.allclose(line.y[1:], np.cumsum(outcomes - 0.02)[line.x[1:] - 1], atol=1e-5)
    assert len(chart.table["treatment"]) == len(line.x) - 1


def test_of_very_many_open_side_effects_one_is_drawn_for_each_day():
    n = 5 * survival_curve.MAX_OPEN
    drawn = survival_curve.draw([long_course(n)]).figure
    ticks = next(trace for trace in drawn.data if trace.mode == "markers")
    days = (1 + np.arange(n) % 60)[np.arange(n) % 4 == 1]
    assert sorted(ticks.x) == sorted(set(days.tolist()))


def test_of_very_many_gaps_the_latest_are_drawn_and_said_to_be():
    between = np.arange(5_000)
    chart = events_between.draw(between, 3, control_chart.gap_limits(0.02), [f"gap {at}" for at in range(5_000)])
    assert chart.table["side_effect"][0] == 4_002
    assert chart.table["treatments_between"].tolist() == between[4_000:].tolist()
    assert "the latest 1,000 of 5,000" in chart.figure.layout.xaxis.title.text
    assert "the latest 1,000 of 5,000" in chart.alt


def test_the_present_run_is_open_and_unusual_gaps_are_marked_both_ways():
    chart = events_between.draw(np.array([0, 30, 400]), 57, control_chart.gap_limits(0.02), ["b", "c", "d"])
    ((x, _),) = marks(chart, "triangle-up-open")
    assert x == 4
    assert [at for at, _ in marks(chart, "square")] == [3]
    assert "57 treatments without one so far" in str(hovers(chart))
    assert chart.table["status"][2] == "unusually long gap"


def test_where_no_gap_can_be_too_short_none_is_said_to_be():
    frequent = control_chart.gap_limits(0.2)
    assert frequent[0] <= 0
    names = [trace.name for trace in events_between.draw(np.array([0, 3]), 2, frequent, ["b", "c"]).figure.data]
    assert any(name.startswith("unusual: above") for name in names)
    assert not any("below" in name for name in names)


# People, dose, areas


def test_others_are_not_named_to_a_practitioner_and_the_own_dot_is():
    chart = expected_range.draw(points(("p1", "You", 200, 3, "", True), ("", "another", 150, 12, "high", False)))
    assert [trace.name for trace in chart.figure.data][-2:] == ["others higher than expected", "You"]
    assert hovers(chart)[0] == "another: 12 of 150, 5 expected, 1–11; higher than expected"
    assert chart.table["label"].tolist() == ["You", "another"]


def test_the_own_dot_is_flagged_like_any_other():
    chart = expected_range.draw(points(("p1", "You", 200, 12, "high", True)))
    assert [x for x, _ in marks(chart, "diamond")] == [6.0]
    assert "You: 12 of 200, 5 expected, 1–11; higher than expected." in chart.alt


def test_a_count_at_the_end_of_the_band_is_drawn_inside_it():
    chart = expected_range.draw(points(("p1", "P1", 200, 11, "", False), ("p2", "P2", 200, 1, "", False)))
    outer = chart.figure.data[0]
    assert list(outer.x[:2]) == [0.25, 5.75]
    assert {x for x, _ in marks(chart, "circle")} == {5.5, 0.5}


def test_practitioners_are_in_the_order_of_their_volume_and_not_of_their_rate():
    chart = expected_range.draw(points(("p1", "P1", 100, 9, "", False), ("p2", "P2", 200, 1, "", False)))
    assert chart.table["label"].tolist() == ["P2", "P1"]


def test_a_band_of_units_without_a_follow_up_stays_on_the_axis_without_a_dot():
    without = bands(1).assign(least=41, most=60, events=0, followed_up=0, rate=np.nan, low=np.nan, high=np.nan)
    chart = dose_curve.draw(pd.concat([bands(1), without], ignore_index=True), "Botox units")
    assert marks(chart, "circle") == [(3.0, 0.0)]
    assert chart.figure.layout.xaxis.range[1] > 60
    assert chart.alt.endswith("41–60 units: no follow-up.")


def test_a_fitted_line_is_drawn_where_it_may_be_and_said_to_be_missing_where_not():
    line = pd.DataFrame({"units": [5.0, 25.0], "rate": [0.02, 0.08]})
    assert "fitted line" in {trace.name for trace in dose_curve.draw(bands(3), "Botox units", line).figure.data}
    assert "without a fitted line" in dose_curve.draw(bands(3), "Botox units").alt


def test_the_labeled_dose_is_shaded_behind_the_bands():
    layout = dose_curve.draw(bands(3), "Botox units", label_dose=(8, 10)).figure.layout
    (shade,) = layout.shapes
    assert shade.x0 < 8 and shade.x1 > 10 and shade.layer == "below"
    assert layout.annotations[0].text == "labeled dose: 8–10"


def test_a_darker_cell_is_a_higher_rate_and_one_of_three_has_no_color():
    cells = weakness_cells(3)
    cells.loc[cells.area == "Area 0", ["events", "followed_up", "rate"]] = [1, 3, 1 / 3]
    (bars,) = weakness_matrix.draw(cells, ["Injected", "Nearby"], chosen="Nearby:2").figure.data
    strengths = [float(color.rsplit(",", 1)[1].rstrip(")")) for color in bars.marker.color]
    assert bars.marker.color[0] == theme.fade_color(theme.GREY, weakness_matrix.FAINTEST)
    assert strengths[2] < strengths[4] == weakness_matrix.STRONGEST
    assert list(bars.marker.line.width) == [0, 0, 0, 0, 0, 3]
    assert set(bars.customdata) == set(cells.key)


def test_on_a_phone_a_cell_has_its_numbers_alone():
    (bars,) = weakness_matrix.draw(weakness_cells(2), ["Injected", "Nearby"], is_narrow=True).figure.data
    assert bars.text[2] == "<b>3.3%</b><br>1 of 30"


def test_a_label_that_gives_one_dose_is_framed_wider_than_the_tick_of_the_same_median():
    values = strip([20.0], [9], reference_low=20.0, reference_high=20.0)
    figure = strip_plot.draw(values, "Botox units per treated area", "treatment", "labeled dose").figure
    (frame,) = figure.layout.shapes
    assert (frame.xsizemode, frame.xanchor) == ("pixel", 20.0)
    assert frame.x1 - frame.x0 > figure.data[1].marker.line.width


def test_equal_values_share_a_dot_whose_area_is_their_number():
    values = strip([10.0, 20.0], [25, 100])
    dots = strip_plot.draw(values, "Botox units per treated area", "treatment").figure.data[0]
    assert dots.marker.size[1] / dots.marker.size[0] == pytest.approx(2)
    assert list(dots.hovertext) == ["Glabella, 10: 25 of 125 treatments", "Glabella, 20: 100 of 125 treatments"]
    dots, medians, *_ = strip_plot.draw(values, "Units", "treatment", value="{} {odd} units").figure.data
    assert dots.hovertext[0] == "Glabella, 10 {odd} units: 25 of 125 treatments"
    assert medians.hovertext[0].startswith("Glabella: median 20 {odd} units, n = ")


@given(st.lists(st.integers(0, 30), min_size=1, max_size=40))
def test_the_median_of_counted_values_is_the_median_of_all_of_them(held):
    values, number = np.unique(np.array(held, dtype=float), return_counts=True)
    assert strip_plot.draw(strip(values, number), "Days", "side effect").table["median"].iloc[0] == np.median(held)


def test_the_clients_left_is_the_right_of_the_picture():
    def placed(side):
        chart = body_map.draw(pd.DataFrame([spot(side=side)]), "face", "Side effects")
        return [x for trace in chart.figure.data for x in trace.x]

    assert placed("left") == [65]
    assert placed("right") == [35]
    assert placed("both") == [35, 65]


def test_an_area_with_nothing_to_show_is_hollow():
    nothing = spot(side="left", value=np.nan, value_text="no treatments", show_name=True)
    chart = body_map.draw(pd.DataFrame([nothing]), "face", "Side effects")
    assert marks(chart, "circle-open") == [(65, 41)]
    assert chart.alt == "Side effects on a face: no area has a value."


@pytest.mark.parametrize("paths", [body_outlines.FACE, body_outlines.BODY], ids=["face", "body"])
def test_the_outlines_are_the_same_on_both_sides_and_within_the_picture(paths):
    points = {(float(x), float(y)) for path in paths for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", path)}
    mirrored = {(round(100 - x, 6), y) for x, y in points}
    assert {(round(x, 6), y) for x, y in points} == mirrored
    assert all(0 <= value <= 100 for point in points for value in point)


def test_months_without_a_follow_up_have_no_axis_that_would_read_as_zero():
    nothing = month(2026, 1, 0, 0, treated=3, in_follow_up=True)
    layout = monthly_rates.draw(frame_of(nothing)).figure.layout
    assert layout.yaxis.visible is False
    assert [note.text for note in layout.annotations] == ["No treatment of these months has a follow-up."]
    assert layout.showlegend is False


def test_an_area_beside_the_outline_has_its_name_over_it():
    spots = [spot(name, 92, 34, show_name=name == "Occipitalis") for name in AREAS]
    assert [note.text for note in body_map.draw(pd.DataFrame(spots), "face", "Treated").figure.layout.annotations][
        0
    ] == "Occipitalis"


AREAS = ("Temporalis", "Occipitalis")
