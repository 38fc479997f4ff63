"""Practitioners compared with the others for the same treatments, counted by hand and simulated."""

import shutil
from math import comb, sqrt

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtr, ndtri

from data.analysis.query_builder import records_source
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.selection import Selection
from data.database.engine import open_database
from data.summaries import practitioners
from models.statistics import funnel
from tests.data.factories import TODAY, imported, written

ALL = Selection(as_of=TODAY)
# Code: area, treatments, how they were asked, and how many of the first have a bruise. Dee and fay treat nothing that
# others do: foreheads asked about with an open question, and cheeks.
WORK = [
    ("ann", "glabella", 60, "checklist", 12), ("ben", "glabella", 60, "checklist", 0),
    ("ann", "masseter", 15, "checklist", 15), ("cy", "glabella", 10, "checklist", 1),
    ("dee", "glabella", 70, "open", 9), ("fay", "forehead", 70, "checklist", 9),
    ("", "glabella", 5, "checklist", 5),
]  # fmt: skip
EVENTS, TREATED = 13, 130  # glabellas by checklist, of ann, ben and cy


@pytest.fixture(scope="module")
def source(tmp_path_factory, migrated_file):
    folder = tmp_path_factory.mktemp("practitioners")
    treatments = ["treatment_id | date | site | practitioner | client | area | product | units"]
    follow_ups = ["treatment_id | date | outcome | asked"]
    effects = ["effect_id | treatment_id | side_effect | area | onset | status_date | state"]
    for code, area, number, asked, bruised in WORK:
        for at in range(number):
            name = f"{code}{area}{at}"
            treatments.append(f"{name} | 2025-10-01 | north | {code} | {name} | {area} | botox | 20")
            follow_ups.append(f"{name} | 2025-10-20 | done | {asked}")
            if at < bruised:
                effects.append(f"E{name} | {name} | bruising | {area} | 2025-10-02 | 2025-10-20 | gone")
    sheets = {"treatments": treatments, "follow_ups": follow_ups, "side_effects": effects}
    engine = open_database(f"sqlite:///{shutil.copy(migrated_file, folder / 'sequela.db')}")
    imported(engine, written(folder, **{name: "\n".join(lines) for name, lines in sheets.items()}))
    yield records_source(engine)
    engine.dispose()


def by_code(source, selection=ALL):
    found = practitioners.compare_practitioners(source, WHOLE_CLINIC, selection)
    return found.practitioners.set_index("practitioner")


def chance_of(count):
    """That so many of the 13 events fall among 60 of the 130 treatments."""
    return comb(60, count) * comb(TREATED - 60, EVENTS - count) / comb(TREATED, EVENTS)


@pytest.mark.parametrize("unit", ["treatment", "area"])
def test_only_treatments_that_others_give_as_well_are_compared(source, unit):
    found = by_code(source, Selection(as_of=TODAY, unit=unit))
    compared = found.loc[["ann", "ben", "cy"], ["followed_up", "comparable", "observed", "expected"]]
    assert compared.values.tolist() == [[75, 60, 12, 6.0], [60, 60, 0, 6.0], [10, 10, 1, 1.0]]


def test_the_band_holds_the_counts_that_chance_explains_given_all_events(source):
    found = by_code(source)
    # Each client has one treatment; the design effect of 130 clients is then 130 / 129.
    widened = lambda tail: ndtr(ndtri(min(tail, 1)) / sqrt(TREATED / (TREATED - 1)))
    for level, band in ((0.95, "inner"), (0.998, "outer")):
        as_expected = [
            count
            for count in range(EVENTS + 1)
            if widened(sum(map(chance_of, range(count, EVENTS + 1)))) > (1 - level) / 2
            and widened(sum(map(chance_of, range(count + 1)))) > (1 - level) / 2
        ]
        ends = found.loc["ann", [f"{band}_low", f"{band}_high"]].tolist()
        assert ends == [as_expected[0], as_expected[-1]]
    assert found.flag[["ann", "ben"]].tolist() == ["high", "low"]


def test_a_practitioner_with_too_few_comparable_treatments_is_refused_with_the_reason(source):
    found = by_code(source)
    assert found.refused["cy"] == "too few to judge: 10 of 10 comparable, 60 needed"
    assert np.isnan(found.outer_low["cy"])


def test_without_a_common_stratum_the_reason_says_whether_asking_or_treatments_differ(source):
    found = by_code(source)
    assert found.refused[["dee", "fay"]].tolist() == ["asked differently", "nobody else gives the same treatments"]
    assert found.comparable[["dee", "fay"]].tolist() == [0, 0]


def test_treatments_without_a_practitioner_are_compared_with_nobody(source):
    found = by_code(source)
    assert (found.followed_up["not told"], found.refused["not told"]) == (5, "no practitioner recorded")


def test_a_false_flag_is_as_likely_as_the_number_compared_makes_it(source):
    found = practitioners.compare_practitioners(source, WHOLE_CLINIC, ALL)
    assert found.compared.practitioner.tolist() == ["ann", "ben"]
    assert not found.is_pair  # cy is among the others of both
    assert found.false_flag == funnel.false_flags(2, practitioners.OUTER)


def test_two_practitioners_are_one_comparison():
    found = practitioners.compare_practitioner_outcomes(outcomes({"ann": (80, 20), "ben": (100, 4)}), ("area_set",))
    assert found.is_pair and found.false_flag == pytest.approx(0.002)
    ann, ben = found.practitioners.itertuples()
    assert (ann.flag, ben.flag) == ("high", "low")
    assert (ann.outer_low + ben.outer_high, ann.outer_high + ben.outer_low) == (24, 24)


def test_without_events_nobody_is_compared():
    found = practitioners.compare_practitioner_outcomes(outcomes({"ann": (80, 0), "ben": (100, 0)}), ("area_set",))
    assert found.compared.empty and found.false_flag == 0
    assert set(found.practitioners.refused) == {"no side effect to compare"}


def test_without_treatments_the_frame_is_empty_with_the_same_columns(source):
    nobody = practitioners.compare_practitioners(source, Scope(sites=frozenset({"south"})), ALL)
    everyone = practitioners.compare_practitioners(source, WHOLE_CLINIC, ALL)
    assert nobody.practitioners.empty and nobody.false_flag == 0
    assert nobody.practitioners.dtypes.to_dict() == everyone.practitioners.dtypes.to_dict()


def test_practitioners_who_are_alike_are_hardly_ever_flagged_and_a_rate_far_above_is():
    random, runs = np.random.default_rng(3), 8
    false = seen = 0
    for _ in range(runs):
        alike = {f"p{at}": (90, random.binomial(90, 0.25)) for at in range(5)}
        false += (practitioners.compare_practitioner_outcomes(outcomes(alike), ("area_set",)).compared.flag != "").any()
        apart = practitioners.compare_practitioner_outcomes(
            outcomes(alike | {"p0": (90, random.binomial(90, 0.6))}), ("area_set",)
        )
        seen += apart.practitioners.flag[0] == "high"
    assert false <= 1  # of 8, 0.08 expected
    assert seen >= 7


def test_clients_who_resemble_themselves_widen_the_band():
    alone = outcomes({"ann": (120, 30), "ben": (120, 12)})
    three_each = alone.assign(client=alone.client // 3)
    plain, widened = (
        practitioners.compare_practitioner_outcomes(one, ("area_set",)).practitioners for one in (alone, three_each)
    )
    assert (widened.outer_low < plain.outer_low).all() and (widened.outer_high > plain.outer_high).all()


def outcomes(counted):
    """One unit per row of these practitioners: code -> (treatments, the first of them affected)."""
    rows = [(code, at < affected) for code, (number, affected) in counted.items() for at in range(number)]
    frame = pd.DataFrame(rows, columns=["practitioner", "affected"])
    return frame.assign(area_set=1, how_asked="checklist", client=np.arange(len(frame)))
