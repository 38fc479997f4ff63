"""Sentences that compare practitioners, lots and doses, and sentences about a practitioner's own results."""

from collections.abc import Iterable
from datetime import date

from dashboard.text import formatting

NO_RANKING = "Not a ranking. The band shows the range chance alone would produce."
OTHER_THINGS_CHANGED = (
    "Other things changed as well, such as clients, treatments and how clients were asked. A difference does not show "
    "its cause. An interval that includes 0 may mean no difference."
)
UNUSUAL_DOSES = (
    "Check these doses for typing errors. They are far outside the middle half of the area's doses (more than three "
    "times its width). Areas with fewer than 10 treatments are not judged."
)
LOT_CAUTION = (
    "Lots differ in clients, weeks and practitioners. An unusual lot is a reason to review its cases, not proof that "
    "the lot is at fault."
)
UNITS_DO_NOT_CONVERT = "Units of different products do not convert, so each product is shown separately."
DOSE_CAUTION = (
    "Doses are chosen, not random: stronger muscles and earlier results lead to more units. A slope does not show what "
    "another dose would have done."
)


def describe_urgent_work(red_flags: int, open_cases: int, due: int) -> str:
    """ "1 red flag to review, 4 open side effects and 12 follow-ups due. All dates." """
    if not red_flags + open_cases + due:
        return "Nothing is urgent: no red flag to review, no open side effect, no follow-up due."
    flags = f"{formatting.pluralize(red_flags, 'red flag')} to review" if red_flags else "No red flag to review"
    due_text = f"{formatting.pluralize(due, 'follow-up')} due"
    return f"{flags}, {formatting.pluralize(open_cases, 'open side effect')} and {due_text}. All dates."


def describe_latest_results(followed_up: int, when: str, result: str) -> str:
    """ "The latest 50 treatments with a follow-up, 3 March–2 June 2026: 6 of 50 ..." """
    return f"The latest {formatting.pluralize(followed_up, 'treatment')} with a follow-up, {when}: {result}"


def describe_before_and_after(what: str, when: date, after: tuple[int, int], before: tuple[int, int]) -> str:
    """ "New needles, 3 June 2026: 3 of 70 (4.3%) after, 5 of 60 (8.3%) before" """
    since, until = (formatting.n_of_m_percent(*side) if side[1] else "no follow-up" for side in (after, before))
    return f"{formatting.capitalize_first(what)}, {formatting.day(when)}: {since} after, {until} before"


def compare_medians(own: str, ended: int, episodes: int, everyone: str) -> str:
    """ "Median duration: 9 days (7–12), 30 of 34 ended; all practitioners: 10 days (9–11)." """
    return f"Median duration: {own}, {formatting.n_of_m(ended, episodes)} ended; all practitioners: {everyone}."


def compare_touch_ups(own: int, own_total: int, interval: Iterable[float], everyone: int, everyone_total: int) -> str:
    """ "Touch-ups: 12 of 300 treatments, 4.0% (2.3–6.9); all practitioners: 80 of 2,000 (4.0%)." """
    total = formatting.n_of_m_percent(everyone, everyone_total)
    own_rate = formatting.percent_interval(*interval)
    return f"Touch-ups: {formatting.n_of_m(own, own_total)} treatments, {own_rate}; all practitioners: {total}."


def describe_false_alarms(practitioners: int, outside: float) -> str:
    """ "If eight practitioners do not differ, one falls outside the inner band by chance in 34 of 100 reviews." """
    if practitioners < 2:
        return "Fewer than two practitioners have enough treatments to compare."
    hundredths = formatting.round_half_up(outside * 100)
    reviews = f"{hundredths} of 100 reviews" if hundredths else "fewer than 1 of 100 reviews"
    same = f"If {formatting.number_word(practitioners)} practitioners do not differ"
    return f"{same}, one falls outside the inner band by chance in {reviews}."


def describe_lot_comparison(lots: int) -> str:
    """ "27 lots compared. Before correction, about one in 20 would look this unusual by chance." """
    if lots < 2:
        return f"{formatting.pluralize(lots, 'lot')}: no comparison possible."
    compared = f"{formatting.count(lots)} lots compared."
    return f"{compared} Before correction, about one in 20 would look this unusual by chance."


def describe_typical_dose(area: str, unit: str, middle: float, low: float, high: float, treatments: int) -> str:
    """ "Glabella, treated most often: median 20 Botox units in 746 treatments; half received 18–22." """
    median = f"median {formatting.number(middle)} {unit} in {formatting.pluralize(treatments, 'treatment')}"
    return f"{area}, treated most often: {median}; half received {formatting.number_range(low, high)}."


def describe_slope(product_unit: str, per: float, ratio: Iterable[float], adjusted: bool) -> str:
    """ "Every 5 additional Botox units multiply the odds by 2.30 (1.50–3.40). A factor of 1 means no difference." """
    odds = formatting.ratio_with_interval(*ratio)
    said = f"Every {formatting.number(per)} additional {product_unit} multiply the odds by {odds}. "
    said += "A factor of 1 means no difference."
    return f"{said} The interval allows for repeat treatments of the same client." if adjusted else said
