"""Rate of headaches."""

from models.measure import Measure

MEASURE = Measure(
    code="headache",
    title="Headache",
    why="In the glabella it is as common after placebo: compare over time, not with zero.",
    side_effects=("headache",),
    source="JAAD Int 2023;14:4-18, Table IV: 75 of 665 on toxin, 27 of 236 on placebo (glabella)",
    reviewed_on="2026-11-22",
)
