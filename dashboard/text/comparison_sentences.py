"""People, lots and dose beside each other, and a practitioner's own results."""

from collections.abc import Iterable
from datetime import date

from dashboard.text.formatting import (
    DASH,
    capitalize_first,
    count,
    day,
    n_of_m,
    n_of_m_percent,
    number,
    number_word,
    percent_interval,
    pluralize,
    ratio_in_words,
    round_half_up,
    upper_limit,
)

NO_RANKING = "Nobody is ranked: the band is the range to be expected of someone whose results are like everyone's."
OTHER_THINGS_CHANGED = (
    "Other things changed as well: who came, what was treated, who was asked and how. A difference does not show what "
    "made it, and where the interval holds 0 it may as well be none."
)
UNUSUAL_DOSES = (
    "Farther above or below the middle half of the area's doses than three times its width: a slip of the pen more "
    "often than a decision. Areas with fewer than 10 treatments are not judged."
)
LOT_CAUTION = (
    "A lot goes to certain clients in certain weeks by certain people: an unusual lot is a reason to look at its "
    "cases, not proof that the lot is at fault."
)
UNITS_DO_NOT_CONVERT = "Units of different products do not convert: each product stands alone."
DOSE_CAUTION = (
    "Who gets more units is not left to chance (stronger muscles, earlier results, the practitioner's habit): a slope "
    "here does not show what another dose would have done."
)


def describe_urgent_work(red_flags: int, still: int, due: int) -> str:
    """ "1 red flag not yet reviewed; 4 side effects not known to be over; 12 follow-ups due. Of all dates." """
    if not red_flags + still + due:
        return "Nobody: no red flag to review, no side effect open, no follow-up due."
    flags = f"{pluralize(red_flags, 'red flag')} not yet reviewed" if red_flags else "No red flag to review"
    rest = f"{pluralize(still, 'side effect')} not known to be over; {pluralize(due, 'follow-up')} due"
    return f"{flags}; {rest}. Of all dates."


def describe_latest_results(known: int, when: str, said: str) -> str:
    """ "The latest 50 treatments with known outcome, 3 March–2 June 2026: 6 of 50 ..." """
    return f"The latest {pluralize(known, 'treatment')} with known outcome, {when}: {said}"


def describe_before_and_after(what: str, when: date, after: tuple[int, int], before: tuple[int, int]) -> str:
    """ "New needles, 3 June 2026: 3 of 70 (4.3%) from then on, 5 of 60 (8.3%) before" """
    either = [n_of_m_percent(*side) if side[1] else "no outcome known" for side in (after, before)]
    return f"{capitalize_first(what)}, {day(when)}: {either[0]} from then on, {either[1]} before"


def compare_medians(own: str, ended: int, episodes: int, everyone: str) -> str:
    """ "Days until half are over: 9 days (7–12), 30 of 34 over; everyone's: 10 days (9–11)." """
    return f"Days until half are over: {own}, {n_of_m(ended, episodes)} over; everyone's: {everyone}."


def compare_touch_ups(mine: int, of_mine: int, interval: Iterable[float], everyones: int, of_everyone: int) -> str:
    """ "Touch-ups: 12 of 300 treatments, 4.0% (2.3–6.9); everyone's: 80 of 2,000 (4.0%)." """
    estimate, low, high = interval
    said = f"{n_of_m(mine, of_mine)} treatments, {percent_interval(estimate, low, high) if mine else upper_limit(high)}"
    return f"Touch-ups: {said}; everyone's: {n_of_m_percent(everyones, of_everyone)}."


def describe_false_alarms(practitioners: int, outside: float) -> str:
    """ "With eight practitioners alike, one would stand outside the inner band by chance in 34 of 100 reviews." """
    if practitioners < 2:
        return "One practitioner: nobody to compare with."
    hundredths = round_half_up(outside * 100)
    reviews = f"{hundredths} of 100 reviews" if hundredths else "fewer than 1 of 100 reviews"
    alike = f"With {number_word(practitioners)} practitioners alike"
    return f"{alike}, one would stand outside the inner band by chance in {reviews}."


def describe_lot_comparison(lots: int) -> str:
    """ "27 lots compared: about one in 20 would look this unusual by chance before correction." """
    if lots < 2:
        return f"{pluralize(lots, 'lot')}: nothing to compare with."
    return f"{count(lots)} lots compared: about one in 20 would look this unusual by chance before correction."


def describe_typical_dose(area: str, unit: str, middle: float, low: float, high: float, treatments: int) -> str:
    """ "Glabella, treated most often: 20 Botox units in the middle of 746 treatments, half of them 18–22." """
    half = number(low) if low == high else f"{number(low)}{DASH}{number(high)}"
    given = f"{number(middle)} {unit} in the middle of {pluralize(treatments, 'treatment')}"
    return f"{area}, treated most often: {given}, half of them {half}."


def describe_slope(product_unit: str, per: float, ratio: Iterable[float], widened: bool) -> str:
    """ "With every 5 Botox units more the odds are 2.30 times as high (1.50–3.40); 1 would be no difference." """
    odds = f"the odds are {ratio_in_words('high', *ratio)}; 1 would be no difference"
    said = f"With every {number(per)} {product_unit} more {odds}."
    return f"{said} Several treatments of one client are allowed for." if widened else said


def explain_no_slope(events: int, needed: int) -> str:
    """Why no dose line is drawn: "No line: 7 of the 10 side effects needed; the bands stand alone." """
    return f"No line: {count(events)} of the {count(needed)} side effects needed; the bands stand alone."
