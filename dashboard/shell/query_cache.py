"""The one place with a cache. What a page reads is keyed by (scope, revision of the records, what was asked)."""

from collections.abc import Callable, Hashable
from functools import cache, partial
from threading import local
from typing import Any

import streamlit as st

from dashboard.text import formatting
from data.analysis import counts
from data.analysis.columnar_copy import Mirror
from data.analysis.query_builder import Source
from data.analysis.scope import WHOLE_CLINIC, Scope
from data.as_of import as_of_date
from data.database import engine
from data.history.batches import Batch, batches
from data.sample import generator
from data.sample.generator import SampleSummary

KEPT_ANSWERS = 1_000  # some KB each; courses of side effects one by one, some MB each of a million treatments

_run = local()  # the run of a page, which has a thread to itself


@cache
def records():
    """The database, opened and brought up to date once per process."""
    return engine.open_database()


@cache
def _mirror() -> Mirror:
    return Mirror(records())


def preload() -> None:
    """Opens the database and fills the copy before the first visitor comes."""
    _mirror().held()


def bring_up_to_date(stored: str = "") -> None:
    """The same from within a page, which says so for as long as it takes: after a change, or where a visitor comes
    before a large copy is filled. `stored`: what became of the visitor's last entry, who need not wait to know.

    All that this run of the page asks from here on is answered of one state of the records.
    """
    treatments = _mirror().behind()
    if treatments is not None:
        reading = f"Reading {formatting.counted(treatments, 'treatment')} …"
        with st.spinner(formatting.as_text(f"{stored} {reading}".strip()), show_time=True):
            preload()
        _answer.clear()  # what was answered of the records before would never be asked for again
        _read.clear()
    _run.held = _mirror(), _mirror().held()


def _held() -> tuple[int, Source]:
    mirror, held = getattr(_run, "held", (None, None))
    return held if mirror is _mirror() else _mirror().held()


def revision() -> int:
    return _held()[0]


def ask(question: Callable[..., Any], scope: Scope, *what: Hashable) -> Any:
    """The answer of a query or result (a function of Source, Scope and hashable arguments), worked out once a revision.

    The answer is shared by all sessions: read it, never change it.
    """
    revision, source = _held()
    return _answer(*_named(question), scope, revision, what, _question=question, _source=source)


def _named(question: Callable[..., Any]) -> tuple[str, str]:
    """What tells two questions apart: the file, because the module of every page script is called __main__."""
    return question.__code__.co_filename, question.__qualname__


def later(question: Callable[..., Any], scope: Scope, *what: Any) -> Callable[[], Any]:
    """The same question, to be answered when a download is clicked, which happens apart from the page."""
    return partial(question, _held()[1], scope, *what)


@st.cache_resource(max_entries=KEPT_ANSWERS, show_spinner="Counting …", show_time=True)
def _answer(module: str, name: str, scope: Scope, revision: int, what: tuple, _question, _source: Source) -> Any:
    return _question(_source, scope, *what)


def span(scope: Scope):
    """The first and last treatment date this viewer may see; None without treatments."""
    return ask(counts.span, scope)


def values(scope: Scope, dimension: str) -> list:
    """The values of a dimension on record, as far as this viewer may see."""
    return ask(counts.choices, scope, dimension)


def read(question: Callable[..., Any], *what: Hashable) -> Any:
    """The answer of a function of the database itself (what people stated, not what is counted), per revision. A click
    is answered by it before the copy is filled anew, which only a page can say."""
    return _read(*_named(question), engine.revision(records()), what, _question=question)


@st.cache_resource(max_entries=KEPT_ANSWERS, show_spinner=False)
def _read(module: str, name: str, revision: int, what: tuple, _question: Callable[..., Any]) -> Any:
    return _question(records(), *what)


def change(work: Callable[..., Any], *what: Any) -> Any:
    """Does what changes the records: a function of the database, in one transaction of its own."""
    _run.held = None, None
    return work(records(), *what)


def holds_records() -> bool:
    return span(WHOLE_CLINIC) is not None


def imported() -> list[Batch]:
    """Every import, the latest first."""
    return read(batches)


def made_up() -> bool:
    """Whether records of the sample clinic are among those on show."""
    return any(batch.made_up for batch in imported())


def make_sample(treatments: int) -> SampleSummary:
    """Stores the sample clinic and counts it once, so that the first page after it opens at once."""
    made = generator.make_sample(records(), treatments, today=as_of_date())
    preload()
    return made
