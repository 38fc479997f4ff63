"""The one place with a cache. What a page reads is keyed by (scope, revision of the records, what was asked)."""

from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from threading import local
from types import FunctionType
from typing import Any, Concatenate, ParamSpec, TypeVar

import streamlit as st
from sqlalchemy import Engine

from dashboard.text import formatting
from data.analysis import baselines, counts
from data.analysis.columnar_copy import ColumnarCopy
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.analysis.selection import Selection
from data.as_of import as_of_date
from data.database import engine
from data.database.errors import DatabaseAccessError
from data.history.batches import Batch, list_batches
from data.sample import generator
from data.sample.generator import SampleSummary
from data.summaries import attention

P = ParamSpec("P")
T = TypeVar("T")

MAX_CACHED_ANSWERS = 1_000  # some KB each; courses of side effects one by one, some MB each of a million treatments

_page_run = local()  # the run of a page, which has a thread to itself


@cache
def open_records() -> Engine:
    """The database, opened and brought up to date once per process."""
    return engine.open_database()


@cache
def _columnar_copy() -> ColumnarCopy:
    return ColumnarCopy(open_records())


def preload() -> None:
    """Opens the database and fills the copy before the first visitor comes."""
    _columnar_copy().current()


def warm_up() -> None:
    """Preload, and answer what the first page asks and no period changes, which can take seconds: trends and doses."""
    preload()
    questions = attention.topic_questions(Selection(as_of=as_of_date()), cached_lookup(baselines.baselines))
    for judge, *asked in (questions["trends"], questions["dose"]):
        cached_query(judge, WHOLE_CLINIC, *asked)


def refresh_copy(saved_message: str = "") -> None:
    """The same from within a page, which says so for as long as it takes: after a change, or where a visitor comes
    before a large copy is filled. `saved_message`: what became of the visitor's last entry, who need not wait to know.

    All that this run of the page asks from here on is answered of one state of the records.
    """
    treatments = _columnar_copy().treatments_behind()
    if treatments is not None:
        reading = f"Reading {formatting.pluralize(treatments, 'treatment')} …"
        with st.spinner(formatting.escape_markdown(f"{saved_message} {reading}".strip()), show_time=True):
            preload()
        _run_query.clear()  # what was answered of the records before would never be asked for again
        _run_lookup.clear()
    _page_run.state = _columnar_copy(), _columnar_copy().current()


def _current_tables() -> tuple[int, AnalysisTables]:
    """The revision of the records and their copy, as they were when this run of the page began."""
    columnar_copy, state = getattr(_page_run, "state", (None, None))
    return state if columnar_copy is _columnar_copy() else _columnar_copy().current()


def current_revision() -> int:
    return _current_tables()[0]


def cached_query(
    query: Callable[Concatenate[AnalysisTables, Scope, P], T], scope: Scope, *arguments: P.args, **named: P.kwargs
) -> T:
    """The answer of a query or summary (a function of tables, scope and hashable arguments), computed once a revision.

    The answer is shared by all sessions: read it, never change it.
    """
    revision, tables = _current_tables()
    return _run_query(query, scope, revision, arguments, named, _tables=tables)


def deferred_query(
    query: Callable[Concatenate[AnalysisTables, Scope, P], T], scope: Scope, *arguments: P.args, **named: P.kwargs
) -> Callable[[], T]:
    """The same question, to be answered when a download is clicked, which happens apart from the page."""
    return partial(query, _current_tables()[1], scope, *arguments, **named)


# What tells two questions apart: the file, because the module of every page script is called __main__.
BY_FILE_AND_NAME = {FunctionType: lambda function: (function.__code__.co_filename, function.__qualname__)}


@st.cache_resource(
    max_entries=MAX_CACHED_ANSWERS, show_spinner="Counting …", show_time=True, hash_funcs=BY_FILE_AND_NAME
)
def _run_query(query, scope: Scope, revision: int, arguments: tuple, named: dict, _tables: AnalysisTables) -> Any:
    return query(_tables, scope, *arguments, **named)


def load_date_range(scope: Scope):
    """The first and last treatment date this viewer may see; None without treatments."""
    return cached_query(counts.date_range, scope)


def load_dimension_values(scope: Scope, dimension: str) -> list:
    """The values of a dimension on record, as far as this viewer may see."""
    return cached_query(counts.dimension_values, scope, dimension)


def cached_lookup(lookup: Callable[Concatenate[Engine, P], T], *arguments: P.args, **named: P.kwargs) -> T:
    """The answer of a function of the database itself (what people stated, not what is counted), once per revision.

    A click uses it before the copy is refilled, because only a page can show that it is being refilled.
    """
    return _run_lookup(lookup, engine.revision(open_records()), arguments, named)


@st.cache_resource(max_entries=MAX_CACHED_ANSWERS, show_spinner=False, hash_funcs=BY_FILE_AND_NAME)
def _run_lookup(lookup, revision: int, arguments: tuple, named: dict) -> Any:
    return lookup(open_records(), *arguments, **named)


def execute_write(operation: Callable[Concatenate[Engine, P], T], *arguments: P.args, **named: P.kwargs) -> T:
    """Does what changes the records: a function of the database, in one transaction of its own."""
    _page_run.state = None, None
    return operation(open_records(), *arguments, **named)


def keep_what_was_shown(
    operation: Callable[Concatenate[Engine, P], None], *arguments: P.args, **named: P.kwargs
) -> None:
    """Record something about what is on the page. The counts of this run stay as they are, and a database that another
    program is writing to is no reason to show nothing: the next run tries again."""
    with suppress(DatabaseAccessError):
        operation(open_records(), *arguments, **named)


def has_records() -> bool:
    return load_date_range(WHOLE_CLINIC) is not None


def load_batches() -> list[Batch]:
    """Every import, the latest first."""
    return cached_lookup(list_batches)


def has_sample_data() -> bool:
    """Whether records of the sample clinic are among those on show."""
    return any(batch.is_sample for batch in load_batches())


def create_sample(treatments: int) -> SampleSummary:
    """Stores the sample clinic and counts it once, so that the first page after it opens at once."""
    made = generator.make_sample(open_records(), treatments, today=as_of_date())
    preload()
    return made
