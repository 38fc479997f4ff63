"""SQLite, PostgreSQL and the copies filled from either give the same counts, in the same order."""

from collections.abc import Iterator
from datetime import date
from itertools import cycle
from pathlib import Path

import pandas
import pytest
from hypothesis import given
from sqlalchemy import Engine, create_engine

from data.analysis import cases, columnar_copy, counts, treatments
from data.analysis.frames import as_rows
from data.analysis.outcomes import known_outcomes, unit_outcomes
from data.analysis.query_builder import AnalysisTables, records_source
from data.analysis.scope import WHOLE_CLINIC
from data.analysis.selection import DIMENSIONS, Selection
from data.database.engine import open_database
from data.sample.generator import make_sample
from data.summaries import call_list, data_quality, time_to_event
from tests.data.analysis.test_counts import (
    check_against_naive,
    clinics,
    database,  # noqa: F401
    dimensions,
    scopes,
    selections,
    store,
)
from tests.laws import examples

DAY = date(2026, 6, 15)
APART = (1, 4)  # each dimension is paired with four others; the random clinics have any three
UNITS = ("treatment", "area", "client")
FILTERS = (
    {"areas": ("forehead",)},
    {"lots": ("BC-10", "BC-11"), "unit": "area"},
    {"products": ("botox_cosmetic",), "unit": "client"},
    {"from_date": date(2025, 1, 1), "to_date": date(2026, 3, 31), "first_visit": True},
    {"side_effects": ("bruising", "headache"), "least_grade": 2},
    {"lots": ("BC-02",), "unit": "area"},
    {"areas": ("glabella", "masseter"), "open": True},
)


# Random clinics


@examples(8)
@given(clinics(), scopes, selections, dimensions)
def test_every_count_on_postgresql_equals_the_naive_count(postgresql_engine, rows, scope, selection, by):
    _store(postgresql_engine, rows)
    for source in (records_source(postgresql_engine), columnar_copy.build_copy(postgresql_engine)[1]):
        check_against_naive(source, rows, scope, selection, by)


@examples(8)
@given(clinics(), scopes, selections, dimensions)
def test_every_count_on_a_copy_of_a_sqlite_file_equals_the_naive_count(sqlite_engine, rows, scope, selection, by):
    _store(sqlite_engine, rows)
    check_against_naive(columnar_copy.build_copy(sqlite_engine)[1], rows, scope, selection, by)


def _store(engine: Engine, rows: dict) -> None:
    """By an engine without the clinic's rules of reading and writing."""
    plain = create_engine(engine.url)
    store(plain, rows)
    plain.dispose()


@examples(15)
@given(clinics(), scopes, selections, dimensions)
def test_every_count_on_the_columnar_copy_equals_the_naive_count(database, rows, scope, selection, by):  # noqa: F811
    store(database, rows)
    check_against_naive(columnar_copy.build_copy(database)[1], rows, scope, selection, by)


# The sample clinic


@pytest.fixture(scope="module")
def sources(migrated_file: Path, postgresql_server, tmp_path_factory) -> Iterator[dict[str, AnalysisTables]]:
    """The same 500 treatments in SQLite, in PostgreSQL, and in the copies filled from them."""
    file = tmp_path_factory.mktemp("sample") / "sequela.db"
    file.write_bytes(migrated_file.read_bytes())
    with postgresql_server.database("migrated") as url:
        engines = {"SQLite": open_database(f"sqlite:///{file}"), "PostgreSQL": open_database(url)}
        for engine in engines.values():
            make_sample(engine, 500, today=DAY)
        direct = {name: records_source(engine) for name, engine in engines.items()}
        copies = {f"copy of {name}": columnar_copy.build_copy(engine)[1] for name, engine in engines.items()}
        yield direct | copies
        for engine in engines.values():
            engine.dispose()


def _same_on_all(sources: dict[str, AnalysisTables], question, *what):
    answers = {name: _plain(question(source, WHOLE_CLINIC, *what)) for name, source in sources.items()}
    for name, answer in answers.items():
        assert answer == answers["SQLite"], name
    return answers["SQLite"]


def _plain(answer):
    """Frames as rows, which can be compared."""
    if isinstance(answer, pandas.DataFrame):
        return [tuple(answer), *as_rows(answer)]
    return [_plain(part) for part in answer] if isinstance(answer, list) else answer


def _known_outcomes(source, scope, selections):
    return [tuple(map(tuple, vars(outcomes).values())) for outcomes in known_outcomes(source, scope, selections)]


@pytest.mark.postgresql
def test_counts_per_pair_of_dimensions_are_the_same_everywhere(sources):
    pairs = [pair for apart in APART for pair in zip(DIMENSIONS, DIMENSIONS[apart:] + DIMENSIONS[:apart], strict=True)]
    for by, unit in zip(pairs, cycle(UNITS)):
        assert _same_on_all(sources, counts.counts, Selection(unit=unit, as_of=DAY), by), by


@pytest.mark.postgresql
def test_narrowed_counts_and_courses_per_every_dimension_are_the_same_everywhere(sources):
    for name, wanted in zip(DIMENSIONS, cycle(FILTERS)):
        selection = Selection(**wanted, as_of=DAY)
        assert _same_on_all(sources, counts.counts, selection, (name,)), name
        assert _same_on_all(sources, _durations, selection, (name,)), name


@pytest.mark.postgresql
def test_outcomes_of_several_selections_are_the_same_everywhere(sources):
    wanted = [
        Selection(
            **{"unit": "treatment"} | filters | {"from_date": None, "to_date": None, "first_visit": None}, as_of=DAY
        )
        for filters in FILTERS
    ]
    assert _same_on_all(sources, _known_outcomes, [selection for selection in wanted if selection.unit != "client"])
    usual = (("glabella", False, 15.0, 25.0),)
    assert _same_on_all(sources, treatments.outlying_doses, Selection(as_of=DAY), "botox_cosmetic", usual, 50)


@pytest.mark.postgresql
def test_lists_are_in_the_same_order_everywhere(sources):
    selection = Selection(as_of=DAY)
    for name in DIMENSIONS:
        assert _same_on_all(sources, counts.dimension_values, name), name
    assert _same_on_all(sources, counts.followed_up_by, selection, ("practitioner",))
    assert _same_on_all(sources, _doses, selection)
    assert _same_on_all(sources, _retreatments, selection)
    assert _same_on_all(sources, _returns, selection)
    assert _same_on_all(sources, treatments.outcome_sequence, selection)
    assert _same_on_all(sources, unit_outcomes, selection, ("practitioner", "product", "lot", "how_asked"))
    assert _same_on_all(sources, cases.cases, selection)
    assert _same_on_all(sources, treatments.list_treatments, selection, 50)
    assert _same_on_all(sources, call_list.call_list, selection, 50)
    assert _same_on_all(sources, call_list.open_side_effects, selection, 50)
    assert _same_on_all(sources, cases.remedy_counts, selection)
    assert _same_on_all(sources, _days_to_note, selection)


def _durations(source, scope, selection, by):
    episodes = cases.split_episodes(cases.episode_durations(source, scope, selection, by), by)
    return [(group, {name: column.tolist() for name, column in part.items()}) for group, part in episodes.items()]


def _doses(source, scope, selection):
    found = treatments.dose_distributions(source, scope, selection)
    return [(d.product, d.area, d.touch_up, d.units.tolist(), d.treatments.tolist()) for d in found]


def _retreatments(source, scope, selection):
    found = time_to_event.retreatment_times(source, scope, selection)
    return sorted(found.itertuples(index=False, name=None))


def _returns(source, scope, selection):
    found = time_to_event.effect_end_times(source, scope, selection)
    return sorted(found.itertuples(index=False, name=None))


def _days_to_note(source, scope, selection):
    return sorted(data_quality.days_to_note(source, scope, selection).tolist())
