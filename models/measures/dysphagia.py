"""Rate of difficult swallowing after treatments of the neck."""

from models.measure import Measure

MEASURE = Measure(
    code="dysphagia",
    title="Swallowing difficulty after the neck or platysma",
    why=(
        "An emergency that local spread can cause: frequent at the doses for cervical dystonia, not expected "
        "at cosmetic ones."
    ),
    side_effects=("dysphagia",),
    areas=("platysma", "neck_lines", "neck_muscles", "cervical_paraspinal"),
    source=(
        "XEOMIN US label 6.1, cervical dystonia (RxList copy): 13 to 18 in 100, placebo 3; platysma phase 3, PMID "
        "39475141: none"
    ),
    reviewed_on="2026-11-22",
)
