"""After how many treatments was there a headache?"""

from datetime import date

from models.measure import Measure

MEASURE = Measure(
    code="headache",
    title="Headache",
    why="As common after placebo after the glabella: compare over time, not against nothing.",
    kind="rate",
    unit="treatment",
    side_effects=("headache",),
    by=("area", "product"),
    direction="lower",
    source="JAAD Int 2023;14:4-18, Table IV: 75 of 665 on toxin, 27 of 236 on placebo (glabella)",
    reviewed_on=date(2026, 11, 22),
)
