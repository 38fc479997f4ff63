"""What the records say about a claim, and the verdict in at most ten words."""

from collections.abc import Sequence

from dashboard.text.formatting import (
    capitalize_first,
    chance_in_words,
    count,
    join_words,
    median,
    n_of_m,
    percent_interval,
    pluralize,
    weeks,
)
from dashboard.text.labels import label
from data.summaries.client_claims import FAILS, HOLDS, LONGER, NOT_SHOWN, SHORTER, UNDECIDED, ClaimResult, Finding

MAX_PARTS = 4  # in the line below it
VERDICTS = {HOLDS: "holds for", FAILS: "not for", SHORTER: "shorter for", LONGER: "longer for"}
ALL_DATES = "All dates and treatments that you may see, whatever the filters above."
WEAKNESS_MEANS = "Weakness here means weakness of the treated muscle or of one next to it."


def describe_claim_verdict(result: ClaimResult) -> str:
    """ "Holds", "Holds for forehead; not for perioral lines", "Cannot tell yet: about 900 more treatments needed"."""
    verdicts = result.verdicts
    if verdicts == {NOT_SHOWN}:
        return "Our records cannot show this"
    if verdicts == {UNDECIDED}:
        more = result.more_treatments
        return f"Cannot tell yet: about {pluralize(more, 'more treatment')} needed" if more else "Cannot tell yet"
    if len(result.findings) == 1:
        return "Holds" if verdicts == {HOLDS} else "Does not hold"
    parts = []
    for verdict, words in VERDICTS.items():
        places = [finding for finding in result.findings if finding.verdict == verdict]
        if places:
            named = label("area", places[0].codes[-1]).lower() if len(places) == 1 else f"{count(len(places))} areas"
            parts.append(f"{words} {named}")
    text = "; ".join(parts)
    return capitalize_first(text)


def describe_records(result: ClaimResult) -> str:
    """The clinic's own numbers behind the verdict."""
    kind, findings = result.claim.kind, result.findings
    if not findings:
        return "Nothing recorded."
    first = findings[0]
    match kind:
        case "occurs":
            return f"Treatments followed up with weakness: {_rate(first)}"
        case "resolves":
            return _course(first, result.claim.day)
        case "area":
            counted = f"{n_of_m(first.events, first.total)} treated areas."
            if result.chance is None or first.verdict == UNDECIDED:
                return f"{counted} No clear difference between areas."
            chance = chance_in_words(result.chance, "review")
            return f"{counted} Differences this large arise by chance in {chance}, or less often."
        case "dose":
            higher = [found for found in findings if found.verdict == HOLDS]
            pairs = pluralize(len(findings), "combination")
            if not higher:
                return f"No clear link in {pairs} of product and area."
            names = [f"{label('product', found.codes[1])}, {label('area', found.codes[2]).lower()}" for found in higher]
            return f"More weakness with higher doses: {_listed(names)}. {capitalize_first(pairs)} compared."
        case "common":
            texts = [f"{label('area', found.codes[0])}: {_rate(found)}" for found in findings]
            others = [label("area", code).lower() for code in result.others]
            return " ".join(texts) + (f" Also common: {join_words(others)}." if others else "")
        case "results":
            decided = [found for found in findings if found.verdict != UNDECIDED] or list(findings)
            lines = [f"{label('area', found.codes[0])}: {_days(found)}" for found in decided]
            return f"Half had returned for the same area after this time. {_listed(lines, '; ')}."
        case _:
            texts = [f"{label('remedy', f.codes[0])}: used in {n_of_m(f.events, f.total)} cases." for f in findings]
            return " ".join(texts)


def _rate(found: Finding) -> str:
    if not found.total:
        return "none followed up."
    return f"{n_of_m(found.events, found.total)}, {percent_interval(*found.estimate)}."


def _course(found: Finding, day: int) -> str:
    if found.estimate.estimate is None:
        return f"{n_of_m(found.events, found.total)} cases have ended: too few to say how long they last."
    half = median(*found.median, followed=day)
    share = percent_interval(*found.estimate)
    return f"{pluralize(found.total, 'case')}: half had ended within {half}. Still present after {weeks(day)}: {share}."


def _days(found: Finding) -> str:
    if found.median.estimate is None:
        return "too few returned"
    return median(*found.median, followed=0)


def _listed(names: Sequence[str], separator: str = "; ") -> str:
    more = len(names) - MAX_PARTS
    return separator.join(names[:MAX_PARTS]) + (f"{separator}and {pluralize(more, 'other')}" if more > 0 else "")
