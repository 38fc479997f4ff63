"""Sentences about the gap between two periods: what it is, and how often chance alone gives one as large.

None of them says whether a measure is as expected: that is its status against the baseline, in trend_sentences.
"""

from collections.abc import Sequence

from dashboard.text.formatting import capitalize_first, chance_in_words, join_words, n_of_m_percent, number, pluralize

SMALLEST_P = 0.001  # printed: smaller ones rest on fewer than ten of the permutations
ROWS_EXPLAINED = (
    "The change of a row, with its interval, describes that row alone. It does not allow for the number of rows. "
    "The sentences above do. They compare only clients who were asked in the same way."
)
Gap = tuple[str, tuple[int, int], tuple[int, int], float]  # name, (events, followed up) now and before, p


def introduce_comparison(when: str) -> str:
    """ "Compared with May–July 2026, without treatments still in follow-up:" """
    return f"Compared with {when}, without treatments still in follow-up:"


def explain_no_comparison(in_follow_up: bool = False) -> str:
    """Why a period is not compared with the one before."""
    if in_follow_up:
        return "Every treatment in this period is still in follow-up. The comparison starts when follow-up ends."
    return "No comparison: the preceding period of equal length has no treatments with a follow-up."


def describe_primary_change(name: str, now: tuple[int, int], before: tuple[int, int], p: float) -> str:
    """ "Nearby-muscle weakness rose from 51 of 655 (7.8%) to 66 of 690 (9.6%), p 0.243. A gap this size turns up by
    chance in about 1 review in 4." """
    return f"{capitalize_first(_describe_gap(name, now, before))}, {_describe_p(p)}. {_describe_chance(p)}"


def explain_no_primary_change(name: str) -> str:
    """Why the primary measure is not compared."""
    return f"{name} cannot be compared: no event, no follow-up in one of the periods, or asked differently."


def explain_asked_differently(names: Sequence[str]) -> str:
    """ "Asked differently in the two periods, so not compared: headache and bruising." Without any, an empty text."""
    return f"Asked differently in the two periods, so not compared: {join_words(names)}." if names else ""


def describe_other_changes(among: int, gaps: Sequence[Gap]) -> str:
    """ "Largest gap of 11 other measures: bruising and hematoma rose from 30 of 655 (4.6%) to 66 of 690 (9.6%),
    adjusted p 0.008. A gap this size turns up by chance in about 1 review in 120. Next: headache fell from ..."
    `gaps`: those that are named, the least probable first; a name starts in lower case."""
    (name, now, before, p), *others = gaps
    largest = f"{_describe_gap(name, now, before)}, adjusted {_describe_p(p)}"
    said = [f"Largest gap of {pluralize(among, 'other measure')}: {largest}.", _describe_chance(p)]
    said += [f"Next: {_describe_gap(*gap)}, adjusted {_describe_p(p)}." for *gap, p in others]
    return " ".join(said)


def _describe_gap(name: str, now: tuple[int, int], before: tuple[int, int]) -> str:
    more = now[0] * before[1] - before[0] * now[1]
    verb = "rose" if more > 0 else "fell" if more else "stayed the same"
    return f"{name} {verb} from {n_of_m_percent(*before)} to {n_of_m_percent(*now)}"


def _describe_p(p: float) -> str:
    return f"p below {SMALLEST_P}" if p < SMALLEST_P else f"p {number(p, 3)}"


def _describe_chance(p: float) -> str:
    in_words = chance_in_words(p, "review")
    if in_words == "nearly always":
        return "Gaps this small are normal."
    return f"A gap this size turns up by chance in {in_words}."
