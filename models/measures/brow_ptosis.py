"""Rate of brow ptosis after treatments that can lower a brow."""

from models import codelist
from models.measure import Measure

MEASURE = Measure(
    code="brow_ptosis",
    title="Brow ptosis",
    why="It follows a low or heavy dose in the forehead and lasts as long as the effect: dose and site decide.",
    side_effects=("brow_ptosis",),
    areas=codelist.side_effects()["brow_ptosis"].areas,
    source="Pooled phase 3 forehead-line studies, PMC7253259 Table 2: 11 of 608, placebo 0 of 256",
    reviewed_on="2026-11-22",
)
