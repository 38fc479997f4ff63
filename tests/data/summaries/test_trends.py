"""Months of a page's period and filters, flagged against the baseline of all."""

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import delete, select

from data.analysis import baselines, columnar_copy
from data.analysis.baselines import StatedBaseline
from data.analysis.scope import WHOLE_CLINIC
from data.analysis.selection import Selection
from data.database.engine import open_database, write_transaction
from data.sample.generator import make_sample
from data.summaries import measure_states, trends
from models.measure import measures
from models.records import FollowUp, Treatment
from models.statistics import control_chart

DAY = date(2026, 6, 15)
EVERY = Selection(as_of=DAY)
ANY = measures()["any_side_effect"]


@pytest.fixture(scope="module")
def clinic(tmp_path_factory):
    """4,000 treatments of the sample clinic."""
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('trends') / 'sequela.db'}")
    make_sample(engine, 4_000, today=DAY)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def copy(clinic):
    return columnar_copy.build_copy(clinic)[1]


@pytest.fixture(scope="module")
def states(copy):
    return measure_states.measure_states(copy, WHOLE_CLINIC, EVERY)


def test_the_sample_clinic_has_measures_of_every_status(states):
    found = {state.status for state in states.values()}
    assert found == {measure_states.HIGHER, measure_states.AS_EXPECTED, measure_states.TOO_FEW}


def test_a_measure_alone_has_the_state_that_it_has_among_all(copy, states):
    for code, state in states.items():
        alone = measure_states.measure_course(copy, WHOLE_CLINIC, EVERY, measures()[code]).state
        assert alone.months.equals(state.months)
        assert replace(alone, months=None) == replace(state, months=None)


def test_filters_and_period_are_no_part_of_what_a_state_is_counted_from():
    chosen = replace(EVERY, from_date=DAY, to_date=DAY, sites=("Buckhead",), areas=("glabella",), first_visit=True)
    assert trends.without_filters(chosen) == EVERY


def test_a_month_is_flagged_by_the_tail_of_the_counted_baseline_and_not_while_in_follow_up(copy, states):
    baseline = states["any_side_effect"].baseline
    months = trends.measure_months(copy, WHOLE_CLINIC, EVERY, ANY, baseline)
    expected = control_chart.period_flags(
        months.events, months.followed_up, baseline.rate,
        baseline_events=baseline.events, baseline_total=baseline.followed_up,
    )  # fmt: skip
    over = ~months.is_in_follow_up
    flagged = months.flag[over].isin(["watch", "action"]).to_numpy()
    assert flagged.any() and flagged.tolist() == (expected.flag[over] != "").tolist()
    assert (months.flag[months.is_in_follow_up] == "").all() and months.is_in_follow_up.any()
    complete = months[over]
    assert ((complete.rate >= complete.flagged_from) == (complete.flag == "action")).all()


def test_months_of_chosen_sites_or_products_are_counted_and_not_flagged(copy, states):
    narrowed = replace(EVERY, products=("botox_cosmetic",))
    months = trends.measure_months(copy, WHOLE_CLINIC, narrowed, ANY, states["any_side_effect"].baseline)
    assert months.events.sum() and not months.flag.any() and months.flagged_from.isna().all()


def test_a_signal_that_a_page_showed_survives_a_correction_and_ends_with_a_new_baseline(clinic, states):
    rose = next(code for code, state in states.items() if state.is_higher)
    found = measure_states.find_new_signals(states, (), DAY)
    baselines.record_signals(clinic, found)
    baselines.record_signals(clinic, found)  # another visitor
    recorded = baselines.signals(clinic)
    assert list(recorded) == found and not measure_states.find_new_signals(states, recorded, DAY)
    kept = measure_states.keep_signals(states, recorded)[rose]
    assert (kept.status, kept.signal, kept.only_seen_on) == (states[rose].status, states[rose].signal, None)
    quiet = replace(states[rose], status=measure_states.AS_EXPECTED, signal=None, signal_known_on=None)
    kept = measure_states.keep_signals({rose: quiet}, recorded)[rose]
    assert (kept.status, kept.signal) == (measure_states.HIGHER, states[rose].signal)
    assert kept.only_seen_on == DAY  # with the records of that day; with today's it would not
    baselines.set_baseline(clinic, StatedBaseline(rose, date(2025, 1, 1), date(2025, 12, 31), None, DAY))
    assert rose not in {signal.measure for signal in baselines.signals(clinic)}


def test_deleting_all_contacts_of_a_month_flags_neither_it_nor_another_one(clinic, copy, states):
    before = {
        code: trends.measure_months(copy, WHOLE_CLINIC, EVERY, measures()[code], state.baseline)
        for code, state in states.items()
    }
    first, last = date(2026, 3, 1), date(2026, 3, 31)
    gone = select(Treatment.id).where(Treatment.date.between(first, last))
    with write_transaction(clinic) as connection:
        connection.execute(delete(FollowUp).where(FollowUp.treatment_id.in_(gone)))
    source = columnar_copy.build_copy(clinic)[1]
    for code, state in measure_states.measure_states(source, WHOLE_CLINIC, EVERY).items():
        months = trends.measure_months(source, WHOLE_CLINIC, EVERY, measures()[code], state.baseline)
        assert not months.followed_up[months.month == 202603].any()
        raised = months.flag.isin(["watch", "action"]) & ~before[code].flag.isin(["watch", "action"])
        assert not raised.any()
