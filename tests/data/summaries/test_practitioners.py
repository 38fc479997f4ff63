"""Practitioners compared with the results expected for the same treatments, counted by hand."""

import shutil

import numpy as np
import pytest

from data.analysis.query_builder import records_source
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.selection import Selection
from data.database.engine import open_database
from data.summaries import practitioners
from models.statistics import funnel
from tests.data.factories import TODAY, imported, written

ALL = Selection(as_of=TODAY)
# Ann and ben treat 60 glabellas each, cy 10 masseters: (area, treatments, with a bruise).
WORK = {"ann": ("glabella", 60, 12), "ben": ("glabella", 60, 0), "cy": ("masseter", 10, 1)}


@pytest.fixture(scope="module")
def source(tmp_path_factory, migrated_file):
    folder = tmp_path_factory.mktemp("practitioners")
    treatments = ["treatment_id | date | site | practitioner | client | area | product | units"]
    follow_ups = ["treatment_id | date | outcome | asked"]
    effects = ["effect_id | treatment_id | side_effect | area | onset | status_date | state"]
    for code, (area, number, bruised) in WORK.items():
        for at in range(number):
            name = f"{code}{at}"
            treatments.append(f"{name} | 2025-10-01 | north | {code} | {name} | {area} | botox | 20")
            follow_ups.append(f"{name} | 2025-10-20 | done | checklist")
            if at < bruised:
                effects.append(f"E{name} | {name} | bruising | {area} | 2025-10-02 | 2025-10-20 | gone")
    sheets = {"treatments": treatments, "follow_ups": follow_ups, "side_effects": effects}
    engine = open_database(f"sqlite:///{shutil.copy(migrated_file, folder / 'sequela.db')}")
    imported(engine, written(folder, **{name: "\n".join(lines) for name, lines in sheets.items()}))
    yield records_source(engine)
    engine.dispose()


@pytest.mark.parametrize("unit", ["treatment", "area"])
def test_the_expected_number_comes_from_everyones_rate_for_the_same_treatments(source, unit):
    found = practitioners.compare_practitioners(source, WHOLE_CLINIC, Selection(as_of=TODAY, unit=unit)).practitioners
    assert found.practitioner.tolist() == ["ann", "ben", "cy"]
    assert found[["followed_up", "observed", "expected"]].values.tolist() == [[60, 12, 6.0], [60, 0, 6.0], [10, 1, 1.0]]
    assert found.loc[0, ["ratio", "low", "high"]].tolist() == list(funnel.ratio(12, 6.0))


def test_a_practitioner_outside_the_outer_limits_is_flagged(source):
    found = practitioners.compare_practitioners(source, WHOLE_CLINIC, ALL)
    limits = funnel.ratio_limits([6.0], practitioners.OUTER)
    assert found.compared.flag.tolist() == [
        "high" if limits.flagged_from[0] <= 12 else "", "low" if limits.flagged_below[0] > 0 else "",
    ]  # fmt: skip


def test_a_practitioner_with_too_few_treatments_is_refused_with_the_reason(source):
    found = practitioners.compare_practitioners(source, WHOLE_CLINIC, ALL)
    cy = found.practitioners.iloc[2]
    assert cy.refused == "too few to judge: 10 of the 60 needed"
    assert np.isnan(cy.ratio)
    assert found.compared.practitioner.tolist() == ["ann", "ben"]
    assert found.chance_inner == funnel.false_flags(2, practitioners.INNER)
    assert found.limits.followed_up.is_monotonic_increasing


def test_without_treatments_the_frames_are_empty_with_the_same_columns(source):
    nobody = practitioners.compare_practitioners(source, Scope(sites=frozenset({"south"})), ALL)
    everyone = practitioners.compare_practitioners(source, WHOLE_CLINIC, ALL)
    assert nobody.practitioners.empty and nobody.limits.empty
    assert nobody.practitioners.dtypes.to_dict() == everyone.practitioners.dtypes.to_dict()
