"""Rate of weakness in a muscle next to the injected one."""

from models.measure import Measure

MEASURE = Measure(
    code="nearby_weakness",
    title="Nearby-muscle weakness",
    why="The side effect of the toxin that clients mind most, and that dose and site can prevent.",
    families=("nearby_weakness",),
    source="BOTOX label 6.1 (RxList copy): weakness of nearby muscles is spread",
    reviewed_on="2026-11-22",
)
