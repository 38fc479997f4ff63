"""Rate of injected muscles that became weaker than the client wanted."""

from models.measure import Measure

MEASURE = Measure(
    code="injected_weakness",
    title="Any injected-muscle weakness",
    why=(
        "Weakness of the injected muscle is the purpose of the toxin. How often it goes further than the "
        "client wanted reflects dose, not spread."
    ),
    families=("injected_weakness",),
    source="BOTOX label 6.1 (RxList copy): weakness of the injected muscle is the expected pharmacological action",
    reviewed_on="2026-11-22",
)
