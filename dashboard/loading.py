"""The one place with a cache. What a page reads is keyed by (scope, revision of the records, what was asked)."""

from collections.abc import Callable, Hashable
from functools import cache
from typing import Any

import streamlit as st

from data import queries
from data.database import open_database
from data.mirror import Mirror
from data.scope import Scope

KEPT_ANSWERS = 2_000  # small aggregates, some KB each


@cache
def records():
    """The database, opened and brought up to date once per process."""
    return open_database()


@cache
def _mirror() -> Mirror:
    return Mirror(records())


def preload() -> None:
    """Opens the database and fills the copy before the first visitor comes."""
    _mirror().held()


def revision() -> int:
    return _mirror().held()[0]


def ask(question: Callable[..., Any], scope: Scope, *what: Hashable) -> Any:
    """The answer of a query or result (a function of Source, Scope and hashable arguments), worked out once a revision.

    The answer is shared by all sessions: read it, never change it.
    """
    return _answer(question.__module__, question.__qualname__, scope, revision(), what, _question=question)


@st.cache_resource(max_entries=KEPT_ANSWERS, show_spinner="Counting …", show_time=True)
def _answer(module: str, name: str, scope: Scope, revision: int, what: tuple, _question: Callable[..., Any]) -> Any:
    held, source = _mirror().held()
    return _question(source, scope, *what)


def span(scope: Scope):
    """The first and last treatment date this viewer may see; None without treatments."""
    return ask(queries.span, scope)


