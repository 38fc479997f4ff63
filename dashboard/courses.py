"""The courses of side effects: a line per case, the share still there, and the cases themselves."""

import numpy as np
import streamlit as st

from dashboard import drawing, grid, links, listing, loading, sentences, wording
from dashboard.figures import resolution, timeline
from dashboard.filters import Shown
from dashboard.labels import label
from dashboard.narrowing import Narrowing
from data import cases, results
from data.cases import Case, Durations
from data.scope import Scope
from data.selection import Selection
from data.source import Source
from models.statistics import survival

MOST_LINES = 400  # beyond it a line is thinner than a pixel; the curve holds all of them


def draw(shown: Shown, narrowed: Narrowing, name: str) -> None:
    """What became of the cases of `narrowed`, into the place that is open. `name`: what they are called."""
    selection, by = narrowed.apply(shown.selection), narrowed.by
    total, still, treatments = loading.ask(cases.how_many, shown.scope, selection, by)
    st.markdown(wording.as_text(sentences.listed(total, still, treatments, listing.MOST_LISTED)))
    if not total:
        return
    found, table = loading.ask(listing.most_recent, shown.scope, selection, by)
    timed = sorted((case for case in found if case.onset_day is not None), key=lambda case: -case.days)
    st.header("From first noticed to gone", anchor=False)
    st.caption(wording.as_text(sentences.one_line_each(min(len(timed), MOST_LINES), total)))
    lines = [line(case, _named(case, narrowed)) for case in timed[:MOST_LINES]]
    drawing.draw(timeline.draw(lines), "timeline", to_cases=_to_case)
    for row in loading.ask(results.durations, shown.scope, selection, ()):
        st.header(wording.as_text(how_long(row)), anchor=False)
    st.caption(sentences.OPEN_ONES_STAY)
    drawing.draw(
        resolution.draw(loading.ask(curves, shown.scope, selection, (), name)), "still_there", to_cases=_to_case
    )
    st.header("The cases", anchor=False)
    chosen = grid.draw(table, "One row per side effect, the latest first", "courses", choose=True)
    if chosen is not None:
        st.switch_page(drawing.CASES, query_params={"case": str(found[chosen].number)})
    where = {"family": list(narrowed.family), "side_effect": list(narrowed.side_effect)}
    links.link("cases", "Open the listing", icon=":material/arrow_forward:", **{k: v for k, v in where.items() if v})


def curves(
    source: Source, scope: Scope, selection: Selection, apart: tuple[str, ...] = (), name: str = "All side effects"
) -> list[resolution.Course]:
    """The curves of the side effects of `apart`, in their order; without any, one of all together with this `name`."""
    found = cases.durations(source, scope, selection, ("side_effect",) if apart else ())
    if not apart:
        return [course(name, each) for each in found.values()]
    return [course(label("side_effect", code), found[(code,)]) for code in apart if (code,) in found]


def how_long(row: results.Duration) -> str:
    """How long they lasted in one sentence, or that too few are over."""
    if row.ended < sentences.LEAST_ENDED:
        return sentences.no_curve(row.ended, sentences.LEAST_ENDED)
    beyond = [(day, there) for day, there in row.still_present.items() if there is not None]
    return sentences.how_long(row.episodes, row.ended, (row.median, row.low, row.high), row.longest, beyond)


def course(name: str, found: Durations, group: np.ndarray | slice = slice(None)) -> resolution.Course:
    """The curve of the side effects, or of a `group` of them."""
    days, ended = found.days[group], found.ended[group]
    curve = survival.kaplan_meier(days, ended)
    drawn = slice(0, 0) if curve.refused else slice(None)
    return resolution.Course(
        label=name,
        days=curve.days[drawn],
        still=curve.survival[drawn],
        low=curve.low[drawn],
        high=curve.high[drawn],
        lasting=days,
        ended=ended,
        keys=found.episode[group],
    )


def half(found: Durations, group: np.ndarray) -> str:
    """Until when half of a group were over, in words, with how many they are."""
    days, ended = found.days[group], found.ended[group]
    counted = wording.counted(len(days), "side effect")
    curve = survival.kaplan_meier(days, ended)
    if curve.refused:
        return f"{counted}, too few over to tell ({int(ended.sum())} of the {sentences.LEAST_ENDED} needed)"
    median = wording.median(curve.median.estimate, curve.median.low, curve.median.high, float(days.max()))
    return f"{counted}, half over within {median}" if curve.median.estimate is not None else f"{counted}, {median}"


def line(case: Case, name: str) -> timeline.Case:
    """The course of one case in days since its injection."""
    first = case.onset_day or 0
    return timeline.Case(
        key=str(case.number),
        label=name,
        first=first,
        last=first + (case.days or 1) - 1,
        open=not case.ended,
        flagged=case.red_flag is not None,
    )


def _named(case: Case, narrowed: Narrowing) -> str:
    """By what differs from one line to the next."""
    what = f"{label('side_effect', case.side_effect)}, " if narrowed.family else ""
    return f"{what}{listing.where(case).lower() if what else listing.where(case)}, case {case.number}"


def _to_case(number: str) -> dict[str, str]:
    return {"case": number}
