"""The sentences of the pages, each with its number, interval and chance. Plain numbers in, words out.

Every sentence says what was counted before what follows from it; none credits a remedy, and no adjective stands
without the chance behind it. An `interval` is any three of (estimate, low, high), as models/statistics gives them.
"""

from collections.abc import Iterable, Sequence
from datetime import date

from dashboard.wording import (
    DASH,
    VERDICT,
    Flag,
    at_most,
    between,
    chance,
    count,
    counted,
    day,
    day_number,
    days,
    listing,
    median,
    number,
    of,
    of_the_time,
    percent,
    percent_interval,
    rounded,
    sentence,
    share,
    span,
    spelled,
    stated,
    weeks,
)

REMEDIES_NOT_CREDITED = "Those who were advised more were often worse off to begin with: this does not show what helps."
UNITS_DO_NOT_CONVERT = "Units of different products do not convert: each product stands alone."
ASKED_DIFFERENTLY = (
    "How often a side effect is found depends on who was asked and how: a published rate is a yardstick when it was "
    "asked the same way, and never proof that this clinic does better or worse."
)
OPEN_ONES_STAY = (
    "A side effect that is not known to be over stays in, up to the last day anybody heard from the client (an arrow). "
    "Leaving these out would make side effects look shorter than they are."
)
RESTRICTED = "\\* among treatments that included an area where it can happen."
MATURING_LEFT_OUT = "Treatments that are still maturing are left out."
MONTHS_DIFFER = (
    "Months differ by chance alone: whether one stands out, and what would have been noticed, is on Trends. "
    "Open circles are months whose follow-up is not over."
)
LEAST_ENDED = 5  # ended side effects that a curve needs (models/statistics/curve.py says why)
NOT_RANKED = "Nobody is ranked: the band is the range to be expected of someone whose results are like everyone's."


# What is counted


def what_is_counted(
    treatments: int, clients: int, when: str, where: str, known: int, maturing: int = 0, since: date | None = None
) -> str:
    """ "412 treatments of 305 clients, April–June 2026, all sites. Outcome known for 318 (77 %). 39 treated after
    10 June 2026 are still maturing." """
    if not treatments:
        return f"No treatments, {when}, {where}."
    said = (
        f"{counted(treatments, 'treatment')} of {counted(clients, 'client')}, {when}, {where}. "
        f"Outcome known for {count(known)} ({share(known / treatments)})."
    )
    if maturing and since:
        said += f" {count(maturing)} treated after {day(since)} {_is(maturing)} still maturing."
    return said


def red_flag(cases: int, label: str, noticed: date | None) -> str:
    """ "1 dysphagia, first noticed 3 June 2026, not yet reviewed." With more than one, the latest of them."""
    when = f"first noticed {day(noticed)}" if noticed else "day not told"
    return f"{count(cases)} {label}, {when if cases == 1 else f'the latest {when}'}, not yet reviewed."


def asked(checklist: int, open_question: int, volunteered: int) -> str:
    """ "What was asked: checklist 201, open question 88, volunteered 29." """
    return (
        f"What was asked: checklist {count(checklist)}, open question {count(open_question)}, "
        f"volunteered {count(volunteered)}."
    )


def unplaced(effects: int) -> str:
    """How many effects count in no area: "3 side effects could not be placed in an area and are counted aside." """
    verb = "is" if effects == 1 else "are"
    return f"{counted(effects, 'side effect')} could not be placed in an area and {verb} counted aside."


def trusted(reasons_against: Sequence[str], reasons_for: Sequence[str] = ()) -> str:
    """ "Can these figures be trusted this month? Not yet: 12 treatments without a lot and ..." """
    verdict, reasons = ("Not yet", reasons_against) if reasons_against else ("Yes", reasons_for)
    because = f": {listing(reasons)}" if reasons else ""
    return f"Can these figures be trusted this month? {verdict}{because}."


def known_outcomes(known: int, treated: int, needed: float) -> str:
    """ "outcome known for 5,533 of 7,625 treatments that are no longer maturing (73 %; 80 % needed)" """
    which = "treatments that are no longer maturing"
    return f"outcome known for {of(known, treated)} {which} ({share(known / treated)}; {share(needed)} needed)"


def latest_treatment(ago: int) -> str:
    """ "the latest treatment on record is of 3 days ago" """
    return f"the latest treatment on record is of {'today' if not ago else f'{days(ago)} ago'}"


def noted_after(effects: int, middle: float) -> str:
    """ "Half of 1,701 side effects were on record within 11 days of being first noticed." """
    return f"Half of {counted(effects, 'side effect')} were on record within {days(middle)} of being first noticed."


# Whom to call


def to_ask(due: int, overdue: int, open_: int) -> str:
    """ "81 treatments are due and 558 overdue; 204 side effects are not known to be over." """
    if not due + overdue + open_:
        return "Nobody to call: no outcome is unknown that can still be asked for, and no side effect is open."
    asked = f"{counted(due, 'treatment')} {_is(due)} due and {count(overdue)} overdue"
    return f"{asked}; {counted(open_, 'side effect')} {_is(open_)} not known to be over."


def in_which_order(listed: int, among: int) -> str:
    """In which order treatments stand, and how many of them are listed."""
    part = "" if listed == among else f" {count(listed)} of {count(among)} are listed."
    return (
        "On top whose answer settles most open questions, then who was tried least, then who waits longest. That all "
        f"is well is an answer that counts as much.{part}"
    )


def oldest_on_top(listed: int, among: int) -> str:
    """In which order open side effects stand, and how many of them are listed."""
    part = "" if listed == among else f" {count(listed)} of {count(among)} are listed."
    return f"Red flags on top, then those open longest.{part}"


def a_call(treatment: str, number: str) -> str:
    """ "3 June 2026: Glabella (north, AB). Visit or invoice V1001." """
    return f"{treatment.rstrip('.')}.{f' Visit or invoice {number}.' if number else ''}"


def why_call(settles: int, tried: int, last: date | None) -> str:
    """ "An answer settles 2 open questions of this client. Not reached 2 times, the last on 12 June 2026." """
    said = "An answer settles " + ("this outcome" if settles == 1 else f"{settles} open questions of this client")
    tries = "once" if tried == 1 else f"{tried} times"
    return f"{said}. Not reached {tries}, last on {day(last)}." if last else f"{said}. Not tried before."


# What happened


def affected(
    events: int, known: int, total: int, interval: Iterable[float], bounds: tuple[float, float], unit: str = "treatment"
) -> str:
    """ "In 318 treatments with known outcome 36 had a side effect: 11.3 % (8.3–15.3). Among all 412 it lies between
    8.7 % and 31.6 %." `bounds` are the lowest and the highest possible rate."""
    if not known:
        return f"No outcome is known yet for {counted(total, unit)}."
    estimate, low, high = interval
    had = f"{count(events)} had a side effect: {percent_interval(estimate, low, high)}"
    none = f"nobody had a side effect: {at_most(high)}"
    said = f"In {counted(known, unit)} with known outcome {had if events else none}."
    return said if known == total else f"{said} Among all {count(total)} it lies {between(*bounds)}."


def family(
    label: str, events: int, known: int, interval: Iterable[float], named: Sequence[tuple[str, int]] = ()
) -> str:
    """ "Nearby-muscle weakness: 7 of 318, 2.2 % (1.1–4.5); eyelid ptosis after 4, brow ptosis after 3." `named`: its
    most frequent side effects, with the treatments after which each was reported."""
    said = effect(label, events, known, interval)
    parts = ", ".join(f"{name} after {count(n)}" for name, n in named)
    return f"{said.removesuffix('.')}; {parts}." if events and parts else said


def effect(
    label: str, events: int, known: int, interval: Iterable[float], parts: Iterable[tuple[int, str, str]] = ()
) -> str:
    """ "Nearby-muscle weakness: 7 of 318, 2.2 % (1.1–4.5): four eyelids, three smiles." `parts`: (how many, singular,
    plural). When nobody reported it: "Nobody reported generalised weakness (0 of 318: at most 0.9 %)." """
    if not known:
        return f"{sentence(label)}: no outcome is known yet."
    estimate, low, high = interval
    if not events:
        return f"Nobody reported {label} ({of(0, known)}: {at_most(high)})."
    inside = ", ".join(f"{spelled(n)} {singular if n == 1 else plural}" for n, singular, plural in parts if n)
    said = f"{sentence(label)}: {of(events, known)}, {percent_interval(estimate, low, high)}"
    return f"{said}: {inside}." if inside else f"{said}."


def by_month(when: str) -> str:
    """ "Treatments with a side effect among those with known outcome, month by month, 2026." """
    return f"Treatments with a side effect among those with known outcome, month by month, {when}."


# How long


def how_long(
    episodes: int, ended: int, middle: Iterable[float | None], followed: float, beyond: Iterable[tuple[int, float]]
) -> str:
    """ "Of 41 side effects, 35 are over. Half were over within 9 days (7–12); 22 % lasted beyond 2 weeks, 8 % beyond
    6 weeks." `middle`: the median with its limits; `followed`: the longest follow-up; `beyond`: (days, share there)."""
    if not episodes:
        return "No side effects, so no durations."
    said = f"Of {counted(episodes, 'side effect')}, {count(ended)} {_is(ended)} over. {_half(middle, followed, 'Half')}"
    lasting = [f"{share(there)} beyond {weeks(at)}" for at, there in beyond]
    if lasting:
        said += f"; {', '.join(lasting).replace(' beyond', ' lasted beyond', 1)}"
    return f"{said}."


def over_within(middle: Iterable[float | None], followed: float, at: int, there: float) -> str:
    """ "Half of the side effects were over within 9 days (7–12); after 6 weeks 8 % were still there." """
    half = _half(middle, followed, "Half of the side effects")
    return f"{half}; after {weeks(at)} {share(there)} were still there."


def _half(middle: Iterable[float | None], followed: float, half: str) -> str:
    estimate, low, high = middle
    said = median(estimate, low, high, followed)
    return f"The time until half are over is {said}" if estimate is None else f"{half} were over within {said}"


def ends_between_contacts(spans: int, ends: int, middle: float | None, followed: float) -> str:
    """ "30 of 35 ends lie between two contacts. From those spans, half were over within 10 days." """
    said = f"{of(spans, ends)} ends lie between two contacts. From those spans, "
    if middle is None:
        return f"{said}the time until half are over is {median(None, None, None, followed)}."
    return f"{said}half were over within {days(middle)}."


def coming_back(low: int, high: int) -> str:
    """What the days until the next treatment of an area can say of "the effect lasts 4 to 6 months", and what not."""
    return (
        f"Clients are told the effect lasts 4 to 6 months ({low} to {high} days). What every clinic records is when "
        "they came back for the same area. Some come back before it has worn off, some long after, some never or "
        "elsewhere: this is when they returned, not when it wore off. Those not back yet are counted for as long as "
        "they could have been."
    )


MAP_CAUTION = (
    "Each picture has a scale of its own, and a hollow mark has nothing to show. An area with few treatments may stand "
    "out by chance alone: its interval is in the words over the mark."
)


def most_of_areas(title: str, area: str, said: str) -> str:
    """ "Treatments that included the area: most in Glabella, 746 treatments." """
    return f"{title}: most in {area}, {said}."


def onset(middle: float, effects: int) -> str:
    """ "Half of 412 side effects were first noticed by day 4 after the injection." """
    return f"Half of {counted(effects, 'side effect')} were first noticed by day {number(middle)} after the injection."


ONSET_CAUTION = (
    "First noticed by the client, as far as it was told: an early follow-up finds early ones, and what began slowly is "
    "noticed late."
)


def effect_lasts(low: int, high: int, scored: bool) -> str:
    """How the end of the effect is known, or that it is not."""
    told = f"Clients are told the effect lasts 4 to 6 months ({low} to {high} days)."
    if not scored:
        return (
            f"{told} No follow-up here scores it on a scale that says when it is over, such as the movement of the "
            "treated muscle. When clients came back is all there is to go by."
        )
    return (
        f"{told} Counted to the first follow-up whose score says that it is over, after one that showed it; those not "
        "over count as far as they were scored. It was over some time before that follow-up. A score is of the whole "
        "treatment and counts for each area treated."
    )


def no_effect(areas: int) -> str:
    """ "3 treated areas are left out: no score ever showed an effect there." """
    return f"{counted(areas, 'treated area')} {_is(areas)} left out: no score ever showed an effect there."


def too_few_came(came: str, ended: int, treatments: int, groups: int) -> str:
    """ "Came back in 7 of 90 treatments of 12 further products and areas: fewer than 5 each, too few for a time." """
    further = counted(groups, "further product and area", "further products and areas")
    why = f"fewer than {LEAST_ENDED} each, too few for a time"
    return f"{came} in {of(ended, treatments)} treatments of {further}: {why}."


def no_curve(ended: int, needed: int) -> str:
    """ "No curve: 3 of the 5 ended side effects needed; they are listed instead." """
    return f"No curve: {count(ended)} of the {count(needed)} ended side effects needed; they are listed instead."


# What is open


def still_open(cases: int, longest: float | None, which: str) -> str:
    """ "4 side effects are not known to be over, the longest after 51 days (eyelid ptosis, case 12)." """
    if not cases:
        return "No side effect is open."
    said = f"{counted(cases, 'side effect')} {_is(cases)} not known to be over"
    if longest is None:
        return f"{said}."
    return f"{said}, {'the longest ' if cases > 1 else ''}after {days(longest)} at the last contact ({which})."


def unknown(outcomes: int, worth_calling: int) -> str:
    """ "94 outcomes are unknown; 40 of these clients can still be called, which would narrow the range most." """
    said = f"{counted(outcomes, 'outcome')} {_is(outcomes)} unknown"
    if not worth_calling:
        return f"{said}, none of them recent enough for a call to tell."
    can = "can still be called, which would narrow the range most."
    return f"{said}; {count(worth_calling)} of these clients {can}"


# Cases


def listed(cases: int, still: int, treatments: int, most: int) -> str:
    """ "12 side effects after 11 treatments, 4 of them not known to be over." `most`: rows a listing shows."""
    if not cases:
        return "No side effects here."
    course = f"{count(still)} of them not known to be over"
    if cases == 1:
        course = "not known to be over" if still else "which is over"
    elif still in (0, cases):
        course = "none of them known to be over" if still else "all of them over"
    said = f"{counted(cases, 'side effect')} after {counted(treatments, 'treatment')}, {course}."
    return said if cases <= most else f"{said} The latest {count(most)} are listed; the download holds all."


def treated(when: date, site: str, practitioner: str) -> str:
    """ "Treated on 3 June 2026 at north by P3." """
    return f"Treated on {day(when)} at {site} by {practitioner}."


def course(
    onset: date | None,
    onset_day: int | None,
    where: str,
    lasting: int | None,
    over: bool,
    exact: bool,
    until: date | None,
) -> str:
    """ "First noticed on day 5 (8 June 2026), Glabella. Still there at the last contact on 28 July 2026, after 51
    days." `lasting`: days from first noticed to the end, or to the last contact; `exact`: the client told the day."""
    if onset is None or onset_day is None or lasting is None or until is None:
        return f"When it was first noticed was not told, {where}."
    said = f"First noticed on {day_number(onset_day)} ({day(onset)}), {where}. "
    if not over:
        return f"{said}Still there at the last contact on {day(until)}, after {days(lasting)}."
    return f"{said}{'Gone' if exact else 'Found gone'} after {days(lasting)}, on {day(until)}."


def remedies(advised: Sequence[str], used: Sequence[str]) -> str:
    """ "Advised: massage and water. Used: water. A remedy is never credited with the course." """
    said = [f"{how}: {listing(names)}." for how, names in (("Advised", advised), ("Used", used)) if names]
    return " ".join([*said, "A remedy is never credited with the course."])


# What changed, and what could not have been seen


def change(label: str, now: tuple[int, int], before: tuple[int, int], among: int, so_far: float) -> str:
    """ "Bruising: 66 of 690 (9.6 %) against 30 of 655 (4.6 %) before. With 15 comparisons, one so far apart comes by
    chance about 1 time in 120." `so_far`: the chance that any of the `among` comparisons is this far apart."""
    by_chance = f"With {_comparisons(among)}, one so far apart comes by chance {chance(so_far)}."
    return f"{sentence(label)}: {_against(now, before)}. {by_chance}"


def no_change(label: str, now: tuple[int, int], before: tuple[int, int], among: int, so_far: float) -> str:
    """ "15 comparisons, none further apart than chance explains. The furthest: bruising, 66 of 690 (9.6 %) against 51
    of 655 (7.8 %) before; one so far apart comes by chance about 4 times in 10." """
    return (
        f"{sentence(_comparisons(among))}, none further apart than chance explains. The furthest: {label.lower()}, "
        f"{_against(now, before)}; one so far apart comes by chance {chance(so_far)}."
    )


def nothing_before(maturing: bool = False) -> str:
    """Why no period is compared with the one before."""
    if maturing:
        return "Everything in this period is still maturing: it is compared when its follow-up is over."
    return "Nothing to compare with: no treatments with known outcome in the period of equal length before."


def compared_with(when: str) -> str:
    """ "Against May–July 2026, maturing treatments left out." """
    return f"Against {when}, maturing treatments left out."


def _against(now: tuple[int, int], before: tuple[int, int]) -> str:
    return f"{_of_percent(*now)} against {_of_percent(*before)} before"


def _of_percent(events: int, total: int) -> str:
    return f"{of(events, total)} ({percent(events / total)})"


def _comparisons(among: int) -> str:
    return counted(among, "comparison")


def signal_or_noise(
    events: int, total: int, interval: Iterable[float], usual: float, tail: float, flag: Flag, power: float | None
) -> str:
    """ "6 of 150 (4.0 %, 1.8–8.5 %). The usual rate is 2 %; 6 or more would happen by chance about 1 time in 12: not
    unusual. With 150 treatments a doubled rate would be noticed 8 % of the time." `power` None: no rate is so high."""
    estimate, low, high = interval
    held_against = f"{of(events, total)} ({percent(estimate)}, {span(low, high)} %). The usual rate is {stated(usual)}"
    if events:
        said = f"{held_against}; {count(events)} or more would happen by chance {chance(tail)}: {VERDICT[flag]}."
    else:
        said = f"{held_against}; none would happen by chance {chance((1 - usual) ** total)}."
    if power is None:
        return said
    return f"{said} With {counted(total, 'treatment')} a doubled rate would be noticed {of_the_time(power)}."


def not_noticed(treatments: int, label: str, power: float, usual: float, earlier: bool) -> str:
    """ "With 318 treatments where it can happen, a doubling of eyelid ptosis (usually 1.9 %) would be noticed 21 % of
    the time." `earlier`: the usual rate is that of the time before, else of this period."""
    rate = f"usually {percent(usual)}" if earlier else f"{percent(usual)} in this period"
    here = f"With {counted(treatments, 'treatment')} where it can happen"
    return f"{here}, a doubling of {label} ({rate}) would be noticed {of_the_time(power)}."


def none_seen(treatments: int, label: str, at_most_now: float) -> str:
    """ "Nobody reported eyelid ptosis in 40 treatments where it can happen: rates up to 7.2 % can stay unseen so." """
    here = f"{counted(treatments, 'treatment')} where it can happen"
    return f"Nobody reported {label} in {here}: in one clinic of 20, a rate of {percent(at_most_now)} stays unseen so."


def detection_floor(treatments: int, usual: float, least: int) -> str:
    """ "In 40 treatments, at the usual 2 %, 3 or more would stand out." """
    here = f"In {counted(treatments, 'treatment')}, at the usual {stated(usual)}"
    return f"{here}, {count(least)} or more would stand out."


def trend(
    events: str, treatments: int, since: str, usual: float, expected: float, signals: int, horizon: int, noticed: float
) -> str:
    """ "12 eyelids in 640 treatments since January; at the usual 2 %, 12.8 were expected. No signal. A doubling would
    be noticed within 250 treatments half of the time." `events`: the count with its noun."""
    return (
        f"{events} in {counted(treatments, 'treatment')} since {since}; at the usual {stated(usual)}, "
        f"{number(expected)} were expected. {sentence(spelled(signals))} signal{'s' if signals > 1 else ''}. "
        f"A doubling would be noticed within {counted(horizon, 'treatment')} {of_the_time(noticed)}."
    )


def usual(rate: float | None, events: int, known: int, when: str, refused: str | None) -> str:
    """Where the usual rate is from: "The usual rate, 2 %: 24 of 1,200 treated June 2024–May 2025." """
    if rate is None:
        return f"No usual rate: {refused}."
    if not known:
        return f"The usual rate is a target that was set: {stated(rate)}."
    return f"The usual rate, {percent(rate)}: {of(events, known)}, {when}."


FLAGS_EXPLAINED = (
    "A month on or above the stepped line has more than chance explains (1 time in 740 when nothing has changed). "
    "A quiet chart does not show that nothing changed: see what would have been noticed."
)


def present_run(treatments: int, longer: float) -> str:
    """ "57 treatments since the last one; a run at least as long comes by chance about 3 times in 10." """
    run = f"{counted(treatments, 'treatment')} since the last one"
    return f"{run}; a run at least as long comes by chance {chance(longer)}."


# A practitioner's own results


OTHER_THINGS_CHANGED = (
    "Other things changed as well: who came, what was treated, who was asked and how. A difference does not show what "
    "made it, and where the interval holds 0 it may as well be none."
)


def needs_me(red_flags: int, still: int, due: int) -> str:
    """ "1 red flag not yet reviewed; 4 side effects not known to be over; 12 follow-ups due. Of all dates." """
    if not red_flags + still + due:
        return "Nobody: no red flag to review, no side effect open, no follow-up due."
    flags = f"{counted(red_flags, 'red flag')} not yet reviewed"
    rest = f"{counted(still, 'side effect')} not known to be over; {counted(due, 'follow-up')} due"
    return f"{flags}; {rest}. Of all dates."


def latest(known: int, when: str, said: str) -> str:
    """ "The latest 50 treatments with known outcome, 3 March–2 June 2026: 6 of 50 ..." """
    return f"The latest {counted(known, 'treatment')} with known outcome, {when}: {said}"


def before_and_after(what: str, when: date, after: tuple[int, int], before: tuple[int, int]) -> str:
    """ "New needles, 3 June 2026: 3 of 70 (4.3 %) from then on, 5 of 60 (8.3 %) before" """
    either = [_of_percent(*side) if side[1] else "no outcome known" for side in (after, before)]
    return f"{sentence(what)}, {day(when)}: {either[0]} from then on, {either[1]} before"


def median_beside(own: str, ended: int, episodes: int, everyone: str) -> str:
    """ "Days until half are over: 9 days (7–12) (30 of 34 over); everyone's: 10 days (9–11)." """
    return f"Days until half are over: {own} ({of(ended, episodes)} over); everyone's: {everyone}."


def touch_ups(mine: int, of_mine: int, interval: Iterable[float], everyones: int, of_everyone: int) -> str:
    """ "Touch-ups: 12 of 300 treatments, 4.0 % (2.3–6.9); everyone's: 80 of 2,000 (4.0 %)." """
    estimate, low, high = interval
    said = f"{of(mine, of_mine)} treatments, {percent_interval(estimate, low, high) if mine else at_most(high)}"
    return f"Touch-ups: {said}; everyone's: {_of_percent(everyones, of_everyone)}."


# People, lots, dose


def false_alarms(practitioners: int, outside: float) -> str:
    """ "With eight practitioners alike, one would stand outside the inner band by chance in 34 of 100 reviews." """
    if practitioners < 2:
        return "One practitioner: nobody to compare with."
    hundredths = rounded(outside * 100)
    reviews = f"{hundredths} of 100 reviews" if hundredths else "fewer than 1 of 100 reviews"
    alike = f"With {spelled(practitioners)} practitioners alike"
    return f"{alike}, one would stand outside the inner band by chance in {reviews}."


def lots_compared(lots: int) -> str:
    """ "27 lots compared: about one in 20 would look this unusual by chance before correction." """
    if lots < 2:
        return f"{counted(lots, 'lot')}: nothing to compare with."
    return f"{count(lots)} lots compared: about one in 20 would look this unusual by chance before correction."


LOT_CAUTION = (
    "A lot goes to certain clients in certain weeks by certain people: an unusual lot is a reason to look at its "
    "cases, not proof that the lot is at fault."
)
DOSE_CAUTION = (
    "Who gets more units is not left to chance (stronger muscles, earlier results, the practitioner's habit): a slope "
    "here does not show what another dose would have done."
)


def slope(product_unit: str, per: float, ratio: Iterable[float], widened: bool) -> str:
    """ "With every 5 Botox units more the odds are 2.3 times as high (1.5–3.4)." """
    estimate, low, high = ratio
    said = f"With every {number(per)} {product_unit} more the odds are {number(estimate, 2)} times as high"
    said += f" ({number(low, 2)}{DASH}{number(high, 2)})."
    return f"{said} Several treatments of one client are allowed for." if widened else said


def no_slope(events: int, needed: int) -> str:
    """Why no dose line is drawn: "No line: 7 of the 10 side effects needed; the bands stand alone." """
    return f"No line: {count(events)} of the {count(needed)} side effects needed; the bands stand alone."


def _is(n: int) -> str:
    return "is" if n == 1 else "are"
