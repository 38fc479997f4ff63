"""Which remedies were advised and used, and the course with and without. No verdict."""

import numpy as np
import streamlit as st

from dashboard import drawing, loading, sentences, wording
from dashboard.figures import resolution
from dashboard.filters import Shown
from dashboard.labels import remedy_label
from data import cases
from data.cases import Durations, RemedyUse
from models import codelist
from models.statistics import survival

KNOWN = "What is known"


def main() -> None:
    shown: Shown = st.session_state.shown
    uses = loading.ask(cases.remedies, shown.scope, shown.selection)
    courses = loading.ask(cases.durations, shown.scope, shown.selection, ())
    episodes = len(courses[()].days) if courses else 0
    st.subheader(sentences.REMEDIES_NOT_CREDITED, anchor=False)
    if not uses:
        st.markdown("No remedy is on record for these side effects.")
        return
    _table(uses, episodes)
    chosen = st.selectbox(
        "Course with and without",
        [use.remedy for use in uses],
        format_func=remedy_label,
        key="remedy",
        bind="query-params",
    )
    use = next(use for use in uses if use.remedy == chosen)
    drawing.draw(resolution.draw(_with_and_without(courses[()], use)), "aftercare", lambda key: {"case": key})
    st.caption(sentences.REMEDIES_NOT_CREDITED)


def _table(uses: list[RemedyUse], episodes: int) -> None:
    rows = sorted(uses, key=lambda use: -len(use.advised))
    listed = codelist.remedies()
    table = {
        "Remedy": [remedy_label(use.remedy) for use in rows],
        "Advised": [wording.of(len(use.advised), episodes) for use in rows],
        "Used": [wording.of(len(use.used), episodes) for use in rows],
        KNOWN: [listed[use.remedy].evidence if use.remedy in listed else "not in our list" for use in rows],
        "Source": [listed[use.remedy].source if use.remedy in listed else "" for use in rows],
    }
    # A table, not a grid: what is known of a remedy is to be read to its end.
    known = {KNOWN: [f"{said}. {source}" for said, source in zip(table[KNOWN], table["Source"], strict=True)]}
    st.table(
        {name: table[name] for name in ("Remedy", "Advised", "Used")} | known,
        border="horizontal",
        hide_index=True,
        alt="Remedies advised and used, with what is known of each",
    )
    drawing.download(table, "remedies")


def _with_and_without(course: Durations, use: RemedyUse) -> list[resolution.Course]:
    had = np.isin(course.episode, list(use.advised | use.used))
    name = remedy_label(use.remedy)
    groups = ((f"With {name.lower()}", had), (f"Without {name.lower()}", ~had))
    return [_course(title, course, group) for title, group in groups if group.any()]


def _course(title: str, course: Durations, group: np.ndarray) -> resolution.Course:
    curve = survival.kaplan_meier(course.days[group], course.ended[group])
    drawn = slice(0, 0) if curve.refused else slice(None)
    return resolution.Course(
        label=title,
        days=curve.days[drawn],
        still=curve.survival[drawn],
        low=curve.low[drawn],
        high=curve.high[drawn],
        lasting=course.days[group],
        ended=course.ended[group],
        keys=[str(number) for number in course.episode[group]],
    )


main()
