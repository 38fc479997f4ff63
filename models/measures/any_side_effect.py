"""Rate of treatments with any side effect on record."""

from models import codelist
from models.measure import Measure

MEASURE = Measure(
    code="any_side_effect",
    title="Any side effect",
    why="The widest question and the least informative: most of these also happen after placebo.",
    families=tuple(codelist.families()),
    source="JAAD Int 2023;14:4-18, Table IV: any adverse event in 1443 of 3431 on toxin, 486 of 1359 on placebo",
    reviewed_on="2026-11-22",
)
