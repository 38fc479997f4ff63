"""Courses with and without a remedy, within one side effect and grade. Nothing here says that a remedy helped."""

import pandas

from data.analysis import cases, estimates
from data.analysis.query_builder import AnalysisTables
from data.analysis.scope import Scope
from data.analysis.selection import Selection
from models.statistics.survival import MIN_ENDED_PER_GROUP


def comparable_courses(source: AnalysisTables, scope: Scope, selection: Selection, remedy: str) -> pandas.DataFrame:
    """The selected side effects whose courses can be compared: those of a side effect and worst grade of which at least
    10 have ended with the remedy (advised or used), and 10 without.

    Columns: those of `cases.episode_durations` by side effect and grade, with_remedy (bool). Side effects without a
    grade are in none. Over all of them "45 days with massage, 10 without" compared chewing weakness with headaches.
    """
    stratum = ["side_effect", "grade"]
    episodes = cases.episode_durations(source, scope, selection, stratum)
    treated = episodes.episode_id.isin(cases.episodes_with_remedy(source, scope, selection, remedy))
    episodes = episodes.assign(with_remedy=treated)[episodes.grade.notna()]
    enough = [
        episodes.ended.where(episodes.with_remedy == group, False).groupby([episodes[name] for name in stratum])
        .transform("sum") >= MIN_ENDED_PER_GROUP
        for group in (True, False)
    ]  # fmt: skip
    return episodes[enough[0] & enough[1]].reset_index(drop=True)


def course_durations(
    source: AnalysisTables, scope: Scope, selection: Selection, remedy: str, side_effect: str, grade: int
) -> pandas.DataFrame:
    """How long those of one side effect and grade last: with_remedy (bool) and the columns of `estimates.durations`."""
    episodes = comparable_courses(source, scope, selection, remedy)
    same = episodes[(episodes.side_effect == side_effect) & (episodes.grade == grade)]
    return estimates.summarize_durations(same, ("with_remedy",), with_intervals=True)
