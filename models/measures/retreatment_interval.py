"""How long until the same area is treated again?"""

from datetime import date

from models.measure import FOUR_TO_SIX_MONTHS, Measure

MEASURE = Measure(
    code="retreatment_interval",
    title="Time to the next treatment of the area",
    why=(
        "Clients are often told 4 to 6 months. When they come back is one answer; clients who have not come back "
        "yet stay in as censored."
    ),
    kind="interval",
    unit="area",
    event="retreatment",
    window_days=None,
    claim=FOUR_TO_SIX_MONTHS,
    by=("product", "area"),
    direction="higher",
    source=(
        "Wake Forest Baptist Health (label figures) and Am Fam Physician 2014;90(3):168: 3 to 4 months; DAXXIFY "
        "label copy: 6 months"
    ),
    reviewed_on=date(2026, 11, 22),
)
