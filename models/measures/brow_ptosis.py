"""After how many treatments that can lower a brow did one drop?"""

from datetime import date

from models import codelist
from models.measure import Measure

MEASURE = Measure(
    code="brow_ptosis",
    title="Brow ptosis",
    why="It follows a low or heavy dose in the forehead and lasts as long as the effect: a matter of dose and site.",
    kind="rate",
    unit="treatment",
    side_effects=("brow_ptosis",),
    areas=codelist.side_effects()["brow_ptosis"].areas,
    by=("area", "product"),
    direction="lower",
    source="Pooled phase 3 forehead-line studies, PMC7253259 Table 2: 11 of 608, placebo 0 of 256",
    reviewed_on=date(2026, 11, 22),
)
