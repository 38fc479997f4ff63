"""After how many treatments of the masseter was chewing weak?"""

from datetime import date

from models.measure import Measure

MEASURE = Measure(
    code="chewing_weakness",
    title="Chewing weakness after the masseter",
    why=(
        "Expected, since the injected muscle chews: the question is how often it disturbs and whether it follows "
        "the dose."
    ),
    kind="rate",
    unit="treatment",
    side_effects=("mastication_disorder",),
    areas=("masseter",),
    by=("product",),
    direction="neither",
    source="J Cosmet Dermatol 2018;17(1):33-38: 611 of 2036 sessions",
    reviewed_on=date(2026, 11, 22),
)
