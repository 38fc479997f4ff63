"""What was treated and reported: rates with their interval, per month, and on the face."""

from collections.abc import Iterable, Sequence

from dashboard.text.formatting import (
    bounds_range,
    capitalize_first,
    count,
    join_words,
    n_of_m,
    number_word,
    percent,
    percent_interval,
    pluralize,
    upper_limit,
)

ASKED_DIFFERENTLY = (
    "How often a side effect is found depends on who was asked and how: a published rate is a yardstick when it was "
    "asked the same way, and never proof that this clinic does better or worse."
)
RESTRICTED_NOTE = "\\* among treatments that included an area where it can happen."
MONTHS_DIFFER = (
    "Months differ by chance alone: whether one stands out, and what would have been noticed, is on Trends. "
    "Open circles are months whose follow-up is not over."
)
PLACES_DIFFER = "Places differ by chance alone: the longer a line, the less is known of that place."
MAP_CAUTION = (
    "Each picture has a scale of its own, and a hollow mark has nothing to show. An area with few treatments may stand "
    "out by chance alone: its interval is in the words over the mark. A click on an area counts its treatments alone, "
    "a second one all again; the map goes on showing every area."
)


def describe_overall_rate(
    events: int, known: int, total: int, interval: Iterable[float], bounds: tuple[float, float], unit: str = "treatment"
) -> str:
    """ "In 318 treatments with known outcome 36 had a side effect: 11.3% (8.3–15.3). Among all 412 it lies between
    8.7% and 31.6%." `bounds` are the lowest and the highest possible rate."""
    if not known:
        return f"No outcome is known yet for {pluralize(total, unit)}."
    estimate, low, high = interval
    had = f"{count(events)} had a side effect: {percent_interval(estimate, low, high)}"
    none = f"nobody had a side effect: {upper_limit(high)}"
    said = f"In {pluralize(known, unit)} with known outcome {had if events else none}."
    return said if known == total else f"{said} Among all {count(total)} it lies {bounds_range(*bounds)}."


def describe_family_rate(
    label: str, events: int, known: int, interval: Iterable[float], named: Sequence[tuple[str, int]] = ()
) -> str:
    """ "Nearby-muscle weakness: 7 of 318, 2.2% (1.1–4.5); eyelid ptosis after 4, brow ptosis after 3." `named`: its
    most frequent side effects, with the treatments after which each was reported."""
    said = describe_effect_rate(label, events, known, interval)
    parts = ", ".join(f"{name} after {count(n)}" for name, n in named)
    return f"{said.removesuffix('.')}; {parts}." if events and parts else said


def describe_effect_rate(
    label: str, events: int, known: int, interval: Iterable[float], parts: Iterable[tuple[int, str, str]] = ()
) -> str:
    """ "Nearby-muscle weakness: 7 of 318, 2.2% (1.1–4.5): four eyelids, three smiles." `parts`: (how many, singular,
    plural). When nobody reported it: "Nobody reported generalised weakness (0 of 318: at most 0.9%)." """
    if not known:
        return f"{capitalize_first(label)}: no outcome is known yet."
    estimate, low, high = interval
    if not events:
        return f"Nobody reported {label} ({n_of_m(0, known)}: {upper_limit(high)})."
    inside = ", ".join(f"{number_word(n)} {singular if n == 1 else plural}" for n, singular, plural in parts if n)
    said = f"{capitalize_first(label)}: {n_of_m(events, known)}, {percent_interval(estimate, low, high)}"
    return f"{said}: {inside}." if inside else f"{said}."


def describe_monthly_range(when: str, months: Sequence[tuple[str, int, int]]) -> str:
    """ "Month by month, 2026: a side effect after 33 of 152 treatments with known outcome (21.7%, July 2026) to 47 of
    162 (29.0%, May 2026)." `months` whose follow-up is over: name, treatments with it, with known outcome."""
    told = sorted((events / known, name, events, known) for name, events, known in months if known)
    if len(told) < 2:
        return f"Treatments with a side effect among those with known outcome, month by month, {when}."
    (least, first, *few), (most, last, *many) = told[0], told[-1]
    return (
        f"Month by month, {when}: a side effect after {n_of_m(*few)} treatments with known outcome "
        f"({percent(least)}, {first}) to {n_of_m(*many)} ({percent(most)}, {last})."
    )


def describe_highest_rate(place: str, said: str) -> str:
    """ "Most side effects after forehead, Botox Cosmetic: 16 of 79, 20.3% (12.9-30.4)." """
    return f"Most side effects after {place[:1].lower()}{place[1:]}: {said}."


def describe_most_treated_area(title: str, area: str, said: str) -> str:
    """ "Treatments that included the area: most in Glabella, 746 treatments." """
    return f"{title}: most in {area}, {said}."


def cite_published_rates(labels: Iterable[str], of_what: str, counted_in: str, how_asked: str, source: str) -> str:
    """ "Published beside bruising and headache: BOTOX Cosmetic, glabellar lines, dose 20 U; counted in clients. Seen at
    the set visits of a trial. JAAD Int 2023." """
    beside = join_words(label[:1].lower() + label[1:] for label in labels)
    return f"Published beside {beside}: {of_what}; counted in {counted_in}. {how_asked} {source.rstrip('.')}."
