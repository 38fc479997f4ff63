"""After how many treatments of the neck was swallowing difficult?"""

from datetime import date

from models.measure import Measure

MEASURE = Measure(
    code="dysphagia",
    title="Swallowing difficulty after the neck or platysma",
    why=(
        "The emergency that local spread can cause: frequent at the doses for a twisted neck, to be absent at "
        "cosmetic ones."
    ),
    kind="rate",
    unit="treatment",
    side_effects=("dysphagia",),
    areas=("platysma", "neck_lines", "neck_muscles", "cervical_paraspinal"),
    by=("area", "product"),
    direction="lower",
    source=(
        "XEOMIN US label 6.1, cervical dystonia (RxList copy): 13 to 18 in 100, placebo 3; platysma phase 3, PMID "
        "39475141: none"
    ),
    reviewed_on=date(2026, 11, 22),
)
