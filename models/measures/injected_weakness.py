"""After how many treatments was the injected muscle weaker than the client wanted?"""

from datetime import date

from models.measure import Measure

MEASURE = Measure(
    code="injected_weakness",
    title="Injected-muscle weakness",
    why=(
        "Weakness of the injected muscle is what the toxin is for: how often it goes further than the client "
        "wanted speaks of dose, not of spread."
    ),
    kind="rate",
    unit="treatment",
    families=("injected_weakness",),
    by=("side_effect", "area", "product"),
    direction="neither",
    source="BOTOX label 6.1 (RxList copy): weakness of the injected muscle is the expected pharmacological action",
    reviewed_on=date(2026, 11, 22),
)
