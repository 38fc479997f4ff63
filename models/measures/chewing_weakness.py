"""Rate of weak chewing after treatments of the masseter."""

from models.measure import Measure

MEASURE = Measure(
    code="chewing_weakness",
    title="Chewing weakness after the masseter",
    why=(
        "Expected, because the injected muscle chews. The questions are how often it bothers clients and "
        "whether it follows the dose."
    ),
    side_effects=("mastication_disorder",),
    areas=("masseter",),
    source="J Cosmet Dermatol 2018;17(1):33-38: 611 of 2036 sessions",
    reviewed_on="2026-11-22",
)
