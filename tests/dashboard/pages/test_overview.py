"""The first page: every sentence with its number and its link, the same numbers as the report's rows."""

from datetime import date, timedelta
from urllib.parse import unquote_plus

import orjson
import pytest

from dashboard.components.attention_list import LINKS, describe_item
from dashboard.shell import query_cache
from dashboard.shell.filters import period_dates
from dashboard.text import case_sentences, change_sentences, formatting, rate_sentences
from dashboard.text.labels import label
from data.analysis import cases, estimates
from data.analysis.scope import WHOLE_CLINIC
from data.analysis.selection import Selection
from data.summaries import attention, overview, period_changes
from data.summaries.weakness import WEAKNESS_FAMILIES
from tests.dashboard.page_text import as_read, lead, said, words_before_chart

TODAY = date.today()
FIRST, LAST = period_dates("12 months", TODAY)
YEAR = Selection(from_date=FIRST, to_date=LAST, as_of=TODAY)


def test_the_cards_are_the_counts_of_the_period(open_page, clinic_url):
    app = open_page(clinic_url)
    (rate,) = query_cache.cached_query(estimates.rates, WHOLE_CLINIC, YEAR, ()).itertuples(index=False)
    before = period_changes.previous_period(YEAR)
    (earlier,) = query_cache.cached_query(estimates.rates, WHOLE_CLINIC, before, ()).itertuples(index=False)
    still, _ = query_cache.cached_query(cases.count_open, WHOLE_CLINIC, YEAR)
    assert [(metric.label, as_read(metric.value)) for metric in app.metric] == [
        ("Side effects", formatting.percent(rate.rate)),
        ("Followed up", formatting.whole_percent(rate.followed_up / rate.total)),
        ("Treatments", formatting.count(rate.treated)),
        ("Open now", formatting.count(still)),
    ]
    assert [as_read(metric.delta) for metric in app.metric[:2]] == [
        f"before: {formatting.percent(earlier.rate)}", "target 80%",
    ]  # fmt: skip


def test_what_needs_attention_stands_first_each_with_a_link(open_page, clinic_url):
    app = open_page(clinic_url)
    assert app.header[0].value == "Needs your attention"
    found = query_cache.cached_query(attention.needs_attention, WHOLE_CLINIC, YEAR, [])
    verdicts = [verdict for verdict, _ in map(describe_item, found.items)]
    shown = [as_read(line.value) for line in app.markdown if line.value.startswith("**")]
    assert [line.split("**")[1].rstrip(".") for line in shown] == verdicts and len(verdicts) >= 3
    assert all(len(verdict.split()) <= 10 for verdict in verdicts)
    links = [label for label, _ in lead(app)]
    expected = [LINKS[item.topic][1] for item in found.items if item.topic != "dose"]  # a button: of all dates
    start = links.index(expected[0])
    assert links[start : start + len(expected)] == expected


def test_the_page_is_readable_in_a_minute(open_page, clinic_url):
    """At most 150 words before the first chart."""
    app = open_page(clinic_url)
    assert len(words_before_chart(app)) <= 150


def test_each_number_is_that_of_the_report(open_page, clinic_url):
    app = open_page(clinic_url)
    text = said(app)
    (rate,) = query_cache.cached_query(estimates.rates, WHOLE_CLINIC, YEAR, ()).itertuples(index=False)
    interval, bounds_ = (rate.rate, rate.low, rate.high), (rate.lowest, rate.highest)
    counted = (rate.events, rate.followed_up, rate.total)
    assert rate_sentences.describe_overall_rate(*counted, interval, bounds_, volunteered=rate.volunteered) in text
    families = query_cache.cached_query(estimates.rates, WHOLE_CLINIC, YEAR, ("family",)).set_index("family")
    weakness = app.dataframe[0].value
    assert weakness.kind.tolist() == [label("family", family) for family in WEAKNESS_FAMILIES]
    nearby = families.loc["nearby_weakness"]
    assert weakness.treatments[1] == formatting.n_of_m(nearby.events, nearby.followed_up)
    found = query_cache.cached_query(overview.open_items, WHOLE_CLINIC, YEAR)
    assert f"case {found.longest.number})" in text
    # What a client volunteered is known, although nobody asked.
    unknown = rate.total - rate.followed_up - rate.volunteered
    assert rate.volunteered and case_sentences.describe_missing_outcomes(unknown, found.to_call) in text


def test_the_comparison_with_the_period_before_names_the_largest_gap(open_page, clinic_url):
    open_page(clinic_url)
    found = query_cache.cached_query(period_changes.compare_periods, WHOLE_CLINIC, YEAR)
    start = change_sentences.introduce_comparison(formatting.period(found.before.from_date, found.before.to_date))
    for address in ({}, {"unit": "area", "family_shown": "general"}):  # the choices of that page change nothing
        page = open_page(clinic_url, "side_effects", compare="true", **address)
        (sentence,) = [line for line in said(page).splitlines() if line.startswith(start)]
        for change in (found.primary, found.others[0]):
            gap = f"from {formatting.n_of_m_percent(*change.before)} to {formatting.n_of_m_percent(*change.now)}"
            assert gap in sentence
        assert f"Largest gap of {len(found.others)} other measures" in sentence


def test_the_table_of_the_comparison_has_every_measure(open_page, clinic_url):
    app = open_page(clinic_url, "side_effects", compare="true")
    found = query_cache.cached_query(period_changes.compare_periods, WHOLE_CLINIC, YEAR)
    (table,) = [frame.value for frame in app.dataframe if "p" in frame.value]
    assert table.p.tolist() == [found.primary.p, *(change.p for change in found.others)]
    first = table.iloc[0]
    assert first.measure == "Nearby-muscle weakness"
    rates = [100 * events / followed_up for events, followed_up in (found.primary.before, found.primary.now)]
    assert [first.rate_before, first.rate] == pytest.approx(rates)


def test_a_comparison_of_periods_judges_no_measure(open_page, clinic_url):
    """Whether one is higher than expected is its status on Trends, so that no two sentences can contradict."""
    lines = said(open_page(clinic_url, "side_effects", compare="true")).splitlines()
    (comparison,) = [line for line in lines if line.startswith("Compared with")]
    for verdict in ("beyond chance", "more than chance", "chance explains", "expected", "no difference"):
        assert verdict not in comparison


def test_without_a_period_before_nothing_is_said_to_have_changed(open_page, clinic_url):
    compare = {"page": "side_effects", "compare": "true"}
    assert change_sentences.explain_no_comparison() in said(open_page(clinic_url, period="All dates", **compare))
    lately = {"period": "Own dates", "from": str(TODAY - timedelta(days=10)), "to": str(TODAY)}
    assert change_sentences.explain_no_comparison(in_follow_up=True) in said(open_page(clinic_url, **compare, **lately))


def test_the_months_are_drawn_with_words_for_those_who_cannot_see_them(open_page, clinic_url):
    chart, *_ = open_page(clinic_url).get("plotly_chart")
    figure = orjson.loads(chart.proto.spec)
    keys = {key for trace in figure["data"] for key in trace.get("customdata") or ()}
    assert f"{TODAY:%Y%m}" in keys and len(keys) == 12
    assert "treatments" in chart.proto.alt


def test_one_treatment_without_an_outcome_is_said_plainly(open_page, one_treatment_url):
    text = said(open_page(one_treatment_url))
    assert "No rate yet: 1 treatment still in follow-up." in text
    assert "No side effect is open." in text


def test_a_practitioner_finds_the_own_page_from_the_overview(open_page, clinic_url):
    own = [
        where for label, where in lead(open_page(clinic_url, **{"as": "Practitioner: RN 3"})) if "My own page" in label
    ]
    assert len(own) == 1 and "people" in own[0] and "RN 3" in unquote_plus(own[0])
    assert not [label for label, _ in lead(open_page(clinic_url)) if "My own page" in label]
