"""Sentences that compare practitioners, lots and doses, and sentences about a practitioner's own results."""

from collections.abc import Collection, Iterable
from datetime import date

from dashboard.text import formatting

NO_RANKING = "Not a ranking. The band shows the range chance alone would produce."
OTHER_THINGS_CHANGED = (
    "Other things changed as well, such as clients, treatments and how clients were asked. A difference does not show "
    "its cause. An interval that includes 0 may mean no difference."
)
UNUSUAL_DOSES = (
    "Check these doses for typing errors. They are far outside the middle half of the area's doses (more than three "
    "times its width). Touch-ups are compared with touch-ups. Areas with fewer than 10 treatments are not judged. "
    "Areas in which the middle half had the same dose are not judged either."
)
SAME_TREATMENTS = (
    "Compared for the same areas, products, first visit or not, and how clients were asked. Anything not recorded, "
    "such as muscle strength, is not taken into account."
)
LOT_CAUTION = (
    "Lots are compared for the same areas and how clients were asked. They differ in clients, weeks and practitioners. "
    "An unusual lot is a reason to review its cases, not proof that the lot is at fault."
)
ALMOST_ALWAYS = ">99%"
UNITS_DO_NOT_CONVERT = "Units of different products do not convert, so each product is shown separately."
DOSE_CAUTION = (
    "Doses are chosen, not random: stronger muscles and earlier results lead to more units. This does not show what "
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
    """ "The latest 50 treatments with a follow-up, 3 March–Jun 2, 2026: 6 of 50 ..." """
    return f"The latest {formatting.pluralize(followed_up, 'treatment')} with a follow-up, {when}: {result}"


def describe_before_and_after(what: str, when: date, after: tuple[int, int], before: tuple[int, int]) -> str:
    """ "New needles, Jun 3, 2026: 3 of 70 (4.3%) after, 5 of 60 (8.3%) before" """
    since, until = (formatting.n_of_m_percent(*side) if side[1] else "no follow-up" for side in (after, before))
    return f"{formatting.capitalize_first(what)}, {formatting.day(when)}: {since} after, {until} before"


def compare_medians(name: str, own: str, ended: int, episodes: int, everyone: str) -> str:
    """ "Median duration of bruises: 9 days (7–12), 30 of 34 ended; all practitioners: 10 days (9–11)." """
    ends = formatting.n_of_m(ended, episodes)
    return f"Median duration of {name}: {own}, {ends} ended; all practitioners: {everyone}."


def compare_touch_ups(own: int, own_total: int, interval: Iterable[float], everyone: int, everyone_total: int) -> str:
    """ "Touch-ups: 12 of 300 treatments, 4.0% (2.3–6.9); all practitioners: 80 of 2,000 (4.0%)." """
    total = formatting.n_of_m_percent(everyone, everyone_total)
    own_rate = formatting.percent_interval(*interval)
    return f"Touch-ups: {formatting.n_of_m(own, own_total)} treatments, {own_rate}; all practitioners: {total}."


def describe_false_alarms(practitioners: int, is_pair: bool, chance: float) -> str:
    """ "If five practitioners are alike, chance alone puts one outside the outer band in at most 1.0% of reviews." """
    if not practitioners:
        return "No practitioner has enough treatments to compare."
    reviews = f"at most {formatting.percent(chance)} of reviews"
    if is_pair:
        return f"The two are one comparison. If they are alike, chance alone leaves the outer band in {reviews}."
    alike = f"{formatting.number_word(practitioners)} practitioners are" if practitioners > 1 else "all are"
    return f"If {alike} alike, chance alone puts one outside the outer band in {reviews}."


def describe_doubled_power(chances: Collection[float]) -> str:
    """ "A doubled rate would be outside the outer band in 17% to 94% of reviews." `chances`: of each compared, 0-1."""
    if not chances:
        return "The chance to see a doubled rate cannot be estimated here."
    lowest, highest = (detected_share(chance) for chance in (min(chances), max(chances)))
    if highest == ALMOST_ALWAYS:
        share = "more than 99%" if lowest == highest else f"{lowest} or more"
    else:
        share = lowest if lowest == highest else f"{lowest} to {highest}"
    return f"A doubled rate would be outside the outer band in {share} of reviews."


def detected_share(chance: float) -> str:
    """A chance to see a change: "94%", "<1%"; never 100%, because no review is certain to see it."""
    return formatting.whole_percent(chance) if chance < 1 else ALMOST_ALWAYS


def describe_pair(first: str, second: str, counts: tuple[tuple[int, int], tuple[int, int]], differ: bool) -> str:
    """ "P1 and P2 differ by more than chance explains: 12 of 60 and 0 of 60." """
    both = formatting.join_words(formatting.n_of_m(*side) for side in counts)
    verdict = "differ by more than chance explains" if differ else "differ by no more than chance explains"
    return f"{first} and {second} {verdict}: {both}."


def describe_own_result(
    counts: tuple[int, int], expected: float, band: tuple[float, float], status: str, total: int
) -> str:
    """ "You: 12 of 60 comparable treatments; 6 expected, 1–11 by chance: higher than expected." """
    chance = f"{formatting.number(expected)} expected, {formatting.number_range(*band)} by chance"
    result = f"You: {formatting.n_of_m(*counts)} comparable treatments; {chance}: {status}."
    others = total - counts[1]
    return f"{result} {formatting.count(others)} {formatting.is_or_are(others)} not comparable." if others else result


def describe_lot_comparison(lots: int, period: str, left_out: int) -> str:
    """ "27 lots compared with the other lots of their product, in 2026, whatever the other filters." """
    if not lots:
        return "No lot can be compared: that takes 20 asked treatments and another lot of the product."
    compared = f"{formatting.pluralize(lots, 'lot')} compared with the other lots of their product"
    said = f"{compared}, {period}, whatever the other filters. "
    said += "If all lots are alike, one is flagged in at most 5% of reviews."
    if not left_out:
        return said
    verb = formatting.is_or_are(left_out)
    return f"{said} {formatting.pluralize(left_out, 'treatment')} with two lots of one product {verb} left out."


def describe_typical_dose(area: str, unit: str, middle: float, low: float, high: float, treatments: int) -> str:
    """ "Glabella, treated most often: median 20 Botox units in 746 treatments; half received 18–22." """
    median = f"median {formatting.number(middle)} {unit} in {formatting.pluralize(treatments, 'treatment')}"
    return f"{area}, treated most often: {median}; half received {formatting.number_range(low, high)}."


def describe_dose_effect(verdict: str, unit: str, doses: tuple[float, float], rates: tuple[float, float]) -> str:
    """ "No clear link with dose: 1.6% at 15 Botox units, 2.1% at 25." `verdict`: of data.summaries.dose_response."""
    link = verdict if verdict.endswith("dose") else f"{verdict} with dose"
    return f"{formatting.capitalize_first(link)}: {describe_rates_at_doses(unit, doses, rates)}."


def describe_rates_at_doses(unit: str, doses: tuple[float, float], rates: tuple[float, float]) -> str:
    """ "1.6% at 15 Botox units, 2.1% at 25" """
    low, high = map(formatting.percent, rates)
    return f"{low} at {formatting.number(doses[0])} {unit}, {high} at {formatting.number(doses[1])}"


def explain_odds_ratio(product_unit: str, per: float, ratio: Iterable[float], adjusted: bool) -> str:
    """ "The rates come from a fitted curve: every 5 additional Botox units multiply the odds by 2.30 (1.50–3.40)." """
    odds = formatting.ratio_with_interval(*ratio)
    said = f"The rates come from a fitted curve: every {formatting.number(per)} additional {product_unit} multiply the "
    said += f"odds by {odds}. A factor of 1 means no difference."
    return f"{said} The interval allows for repeat treatments of the same client." if adjusted else said


def describe_dose_comparison(pairs: int) -> str:
    """ "12 pairs of product and area have enough side effects to compare. If dose made no difference, ..." """
    if pairs < 2:
        return "If dose made no difference, this would be called higher in at most 5% of reviews."
    compared = f"{formatting.count(pairs)} pairs of product and area have enough side effects to compare."
    return f"{compared} If dose made no difference, one of them would be called higher in at most 5% of reviews."
