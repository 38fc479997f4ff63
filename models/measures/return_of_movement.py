"""How long until the treated muscle moves again?"""

from datetime import date

from models.measure import FOUR_TO_SIX_MONTHS, Measure

MEASURE = Measure(
    code="return_of_movement",
    title="Time to the return of movement",
    why="The end of the effect itself, where follow-ups score it: a client may come back sooner or later than that.",
    kind="interval",
    unit="area",
    event="return_of_movement",
    window_days=None,
    claim=FOUR_TO_SIX_MONTHS,
    by=("product", "area"),
    direction="higher",
    source="SAKURA 3, PMC7752221 (loss of none or mild); PMC9632938 (responders through 150 days)",
    reviewed_on=date(2026, 11, 22),
)
