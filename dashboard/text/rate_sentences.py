"""Rates in sentences: overall, by side effect, by month, by place."""

from collections.abc import Iterable

from dashboard.text.formatting import (
    count,
    exact_percent,
    join_words,
    lower_first,
    percent,
    percent_interval,
    pluralize,
    was_or_were,
    whole_percent,
)

MAX_NOT_RECORDED = 0.2  # above this share a headline says that it is not recorded how clients were asked
ASKED_DIFFERENTLY = (
    "How often a side effect is found depends on who was asked, and how. A published rate is comparable only when "
    "clients were asked the same way. It never proves that this clinic does better or worse."
)
RESTRICTED_NOTE = "* among treatments that included an area where it can happen."
MONTHS_DIFFER = (
    "Months differ by chance alone. Trends shows whether one stands out, and what the numbers could have missed. "
    "Open circles are months still in follow-up."
)
PLACES_DIFFER = "Places differ by chance alone. The longer a line, the less is known about that place."
MAP_CAUTION = (
    "Each picture has its own scale; a hollow mark has nothing to show. An area with few treatments can stand out by "
    "chance: point at a mark to see its interval. Click an area to count only its treatments. Click it again to count "
    "all. The map always shows every area."
)


def describe_overall_rate(
    events: int,
    followed_up: int,
    total: int,
    interval: Iterable[float],
    bounds: tuple[float, float],
    unit: str = "treatment",
    what: str = "a side effect",
    volunteered: int = 0,
    in_follow_up: int = 0,
    not_recorded: int = 0,
) -> str:
    """ "Of 318 treatments followed up, 36 had a side effect: 11.3% (8.3–15.3). Another 3 were volunteered. Counting all
    412 past the follow-up window, the true figure lies between 9.5% and 31.6%." `bounds`: the lowest and the highest
    possible rate; if one has a decimal, both do. `what`: the side effects that are counted; `not_recorded`: of how many
    followed up it is not recorded how they were asked, which is said above `MAX_NOT_RECORDED`."""
    if not total:
        still = f": {pluralize(in_follow_up, unit)} still in follow-up" if in_follow_up else ""
        return f"No rate yet{still}."
    more = f" Another {count(volunteered)} {was_or_were(volunteered)} volunteered." if volunteered else ""
    if not followed_up:
        return f"No follow-up yet for {pluralize(total, unit)}.{more}"
    had = f"{count(events)} had {what}: {percent_interval(*interval)}"
    share = not_recorded / followed_up
    unclear = f" How clients were asked is not recorded for {whole_percent(share)}." if share > MAX_NOT_RECORDED else ""
    sentence = f"Of {pluralize(followed_up, unit)} followed up, {had}.{more}{unclear}"
    lowest, highest = bounds
    if followed_up == total and lowest == highest:
        return sentence
    has_decimals = any("." in exact_percent(bound) for bound in bounds)
    low, high = map(percent if has_decimals else exact_percent, bounds)
    between = exact_percent(lowest) if lowest == highest else f"between {low} and {high}"
    return f"{sentence} Counting all {count(total)} past the follow-up window, the true figure lies {between}."


def cite_published_rates(labels: Iterable[str], of_what: str, counted_in: str, how_asked: str, source: str) -> str:
    """ "Published for bruising and headache: BOTOX Cosmetic, glabellar lines, dose 20 U; counted in clients. Seen at
    the set visits of a trial. JAAD Int 2023." """
    names = join_words(map(lower_first, labels))
    return f"Published for {names}: {of_what}; counted in {counted_in}. {how_asked} {source.rstrip('.')}."
