"""Sentences as test objects: on clinics drawn at random, their words name what is counted and their numbers are those
of the tables, for every unit and family of side effects."""

import re

from hypothesis import given
from hypothesis import strategies as st

from dashboard.text import case_sentences, coverage_sentences, rate_sentences
from dashboard.text.labels import UNIT_NOUNS, label
from data.analysis import cases, counts, estimates, outcomes
from data.analysis.query_builder import records_source
from data.analysis.selection import Selection
from data.summaries import overview
from models import codelist
from tests.data.analysis.test_counts import (
    AS_OF,
    clinics,
    database,  # noqa: F401
    scopes,
    store,
)
from tests.laws import examples

FAMILIES = st.sampled_from([None, *codelist.families()])
NOBODY = ("none had", "nobody", "no side effect", "nothing")


def numbers(text: str) -> list[int]:
    return [int(number.replace(",", "")) for number in re.findall(r"(?<![.\d])\d[\d,]*(?![.\d%])", text)]


@examples(25)
@given(clinics(), scopes, st.sampled_from(list(UNIT_NOUNS)), FAMILIES)
def test_a_headline_names_its_unit_and_filter_and_has_the_numbers_of_its_table(
    database, rows, scope, unit, family  # noqa: F811
):  # fmt: skip
    store(database, rows)
    source = records_source(database)
    selection = Selection(as_of=AS_OF, unit=unit, families=(family,) if family else ())
    what = label("family", family).lower() if family else "a side effect"
    by_way = estimates.rates(source, scope, selection, ("how_asked",)).set_index("how_asked").followed_up
    ways = [int(by_way.get(way, 0)) for way in ("checklist", "open", "not_recorded")]
    for row in estimates.rates(source, scope, selection).itertuples():
        interval, bounds = (row.rate, row.low, row.high), (row.lowest, row.highest)
        said = rate_sentences.describe_overall_rate(
            row.events, row.followed_up, row.total, interval, bounds, UNIT_NOUNS[unit], what, row.volunteered,
            row.in_follow_up, ways[-1],
        )  # fmt: skip
        assert not any(word in said.lower() for word in NOBODY)
        assert UNIT_NOUNS[unit] in said or not row.total + row.in_follow_up
        if row.followed_up:
            start = re.match(r"Of ([\d,]+) (.+?)s? followed up, ([\d,]+) had (.+?): ", said)
            assert (start[2], start[4]) == (UNIT_NOUNS[unit], what)
            assert [int(start[place].replace(",", "")) for place in (1, 3)] == [row.followed_up, row.events]
            assert ("volunteered" in said) == bool(row.volunteered)
            assert ("not recorded" in said) == (ways[-1] > 0.2 * row.followed_up)
            if unit != "client":  # a client can be asked in two ways
                asked = coverage_sentences.describe_how_asked(UNIT_NOUNS[unit], *ways)
                assert numbers(asked) == [row.followed_up, *ways] and sum(ways) == row.followed_up
        later = outcomes.count_volunteers_asked(source, scope, selection)
        assert 0 <= later <= row.events
        first = row.volunteered + later
        told = coverage_sentences.describe_volunteers(first, later, row.total - first, row.followed_up - later)
        assert numbers(told) == ([first, later] if first else [])
        assert 0 <= row.followed_up - later <= row.total - first


@examples(15)
@given(clinics(), scopes)
def test_no_sentence_says_that_nothing_is_open_while_a_record_is(database, rows, scope):  # noqa: F811
    store(database, rows)
    source = records_source(database)
    selection = Selection(as_of=AS_OF, from_date=AS_OF)  # a period in which nobody was treated
    found = overview.open_items(source, scope, selection)
    assert found.in_period == 0
    said = case_sentences.describe_open_cases(found.cases, found.in_period, found.unattributed)
    assert (said == "No side effect is open.") == (found.cases == 0)
    assert sum(numbers(said)[1:]) == found.cases
    listed = cases.all_open_cases(source, scope, selection, 1_000)
    assert (len(listed), int(listed.treatment.isna().sum())) == (found.cases, found.unattributed)
    without = cases.unattributed_cases(source, scope, selection)
    assert found.unattributed == (~without.ended).sum()
    kinds = list(without.side_effect.value_counts().items())
    if kinds:
        told = case_sentences.describe_unattributed_cases(kinds, int(without.serious.sum()), found.unattributed)
        assert numbers(told)[0] == len(without)


@examples(15)
@given(clinics(), scopes, st.sampled_from(list(UNIT_NOUNS)))
def test_each_unit_counts_once_at_its_worst_grade(database, rows, scope, unit):  # noqa: F811
    store(database, rows)
    source, selection = records_source(database), Selection(as_of=AS_OF, unit=unit)
    whole, graded = (counts.counts(source, scope, selection, by) for by in ((), ("grade",)))
    assert graded.events.sum() == whole.events.sum()
    assert graded.volunteered.sum() == whole.volunteered.sum()
